package methods

import "strconv"

// PassText is a notify_pass as a param: text, or an int that stands for its
// text (co2.md 9.2). Relay and satellite read it alike.
type PassText string

// XMLRPCType implements [Typer].
func (PassText) XMLRPCType() string { return "string" }

// SetXMLRPC implements [Setter].
func (p *PassText) SetXMLRPC(plain any) error {
	switch v := plain.(type) {
	case string:
		*p = PassText(v)
	case int64:
		*p = PassText(strconv.FormatInt(v, 10))
	default:
		return &ParamError{Got: GotType(plain), Want: "string or int"}
	}
	return nil
}
