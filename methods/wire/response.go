package wire

import (
	"strconv"
)

// ParseResponse stores the result of an answer in the value into points to; a
// nil into checks it and throws it away. The answer of a call that failed is
// returned as *Fault, a misshapen one as *SyntaxError, a result of another
// type than wanted as *methods.ParamError.
//
// It is lenient where peers need it (C9): white space before the declaration
// is skipped, an answer with empty params leaves into alone, and a fault's
// code may be a string.
func ParseResponse(body []byte, charset string, lim Limits, into any) error {
	var t target
	if into != nil {
		var err error
		if t, err = targetFor(into); err != nil {
			return err
		}
	}
	lead := 0
	for lead < len(body) && isSpace(body[lead]) {
		lead++
	}
	d := new(decoder)
	err := d.start(body[lead:], charset, lim)
	var fault *Fault
	if err == nil {
		fault, err = d.response(t)
	}
	switch e, _ := err.(*SyntaxError); {
	case e != nil && lead > 0:
		return e.behind(string(body[:lead]))
	case err != nil:
		return err
	case fault != nil:
		return fault
	}
	return d.misfitError()
}

// response reads the whole document.
func (d *decoder) response(t target) (fault *Fault, err error) {
	if err := d.root("methodResponse"); err != nil {
		if e, ok := err.(*SyntaxError); ok {
			e.foreign = true
		}
		return nil, err
	}
	if err := d.blank("methodResponse"); err != nil {
		return nil, err
	}
	if d.has("<fault") {
		fault, err = d.fault()
	} else {
		err = d.result(t)
	}
	if err != nil {
		return nil, err
	}
	if err := d.blank("methodResponse"); err != nil {
		return nil, err
	}
	return fault, d.tail("methodResponse")
}

// result reads the params of an answer: one, or none at all.
func (d *decoder) result(t target) error {
	mark := d.spaces.mark()
	if !d.pass("<params><param>") {
		if none, err := d.openResult(); none || err != nil {
			return err
		}
	}
	var err error
	if t.plan == nil {
		err = d.skip("param")
	} else {
		err = d.into(t.plan, t.v, "param")
	}
	if err != nil || d.pass("</param></params>") {
		return err
	}
	return d.closeResult(mark)
}

// openResult reads up to the one param of an answer in any spelling; none
// says that there is no param, and that the params have been read.
func (d *decoder) openResult() (none bool, err error) {
	empty, err := d.open("params", "methodResponse")
	if err != nil || empty {
		return true, err
	}
	if err := d.blank("params"); err != nil {
		return false, err
	}
	if d.atEnd() {
		return true, d.close("params")
	}
	return false, d.openFull("param", "params")
}

// closeResult reads the ends of param and params in any spelling.
func (d *decoder) closeResult(mark int) error {
	if err := d.blank("param"); err != nil {
		return err
	}
	if err := d.close("param"); err != nil {
		return err
	}
	d.spaces.drop(mark)
	if err := d.blank("params"); err != nil {
		return err
	}
	return d.close("params")
}

// fault reads a fault, whose code a few peers send as a string.
func (d *decoder) fault() (*Fault, error) {
	from := d.pos
	if err := d.openFull("fault", "methodResponse"); err != nil {
		return nil, err
	}
	plain, err := d.plain("fault")
	if err != nil {
		return nil, err
	}
	if err := d.blank("fault"); err != nil {
		return nil, err
	}
	if err := d.close("fault"); err != nil {
		return nil, err
	}
	members, _ := plain.(map[string]any)
	text, ok := members["faultString"].(string)
	if !ok {
		return nil, d.fail(from, InvalidRequest, "a fault without a faultString")
	}
	switch code := members["faultCode"].(type) {
	case int64:
		return &Fault{Code: int(code), String: text}, nil
	case string:
		return faultCoded(code, text), nil
	}
	return nil, d.fail(from, InvalidRequest, "a fault without a faultCode")
}

// faultCoded makes a fault of a code that is a string. One that is no number
// goes before the text.
func faultCoded(code, text string) *Fault {
	if n, err := strconv.Atoi(trim(code)); err == nil {
		return &Fault{Code: n, String: text}
	}
	return &Fault{Code: ApplicationError, String: code + ": " + text}
}
