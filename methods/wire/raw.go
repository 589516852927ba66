package wire

import (
	"fmt"
	"math"
	"strings"

	"co2/methods"
)

// A Raw is one value as it was sent: spelled the one way that every reader
// knows, but with the text of its numbers and dates, its i8 and its nil as
// they came. It is immutable and always sound, as only this package makes
// one. The zero Raw is no value at all, not even nil.
type Raw struct{ xml string }

// A Member is one member of a struct.
type Member struct {
	Name  string
	Value Raw
}

// NewRaw spells v as [AppendValue] does.
func NewRaw(v any) (Raw, error) { return NewRawWithin(math.MaxInt, v) }

// NewRawWithin is [NewRaw] for a value of at most max octets. A longer one is
// an [ErrTooLong].
func NewRawWithin(max int, v any) (Raw, error) {
	r, ok := v.(Raw)
	if !ok || r.IsZero() {
		b, err := appendAny(nil, v, roomOf(nil, max))
		if err != nil {
			return Raw{}, fmt.Errorf("encode: %w", err)
		}
		r = Raw{string(b)}
	}
	if len(r.xml) > max {
		return Raw{}, ErrTooLong
	}
	return r, nil
}

// RawStruct makes a struct of members, in this order. A name that comes twice
// and a zero Raw are errors.
func RawStruct(members []Member) (Raw, error) {
	b := append([]byte(nil), structOpen...)
	seen := make(map[string]bool, len(members))
	for _, m := range members {
		if m.Value.IsZero() {
			return Raw{}, within(m.Name, errNoValue)
		}
		from := len(b) + len("<member><name>")
		b = appendName(b, m.Name)
		name := string(b[from : len(b)-len("</name>")])
		if seen[name] {
			return Raw{}, &SyntaxError{Code: InvalidRequest, Text: "member " + quote(m.Name) + " twice in one struct"}
		}
		seen[name] = true // as written: bad characters are alike then (X18)
		b = append(append(b, m.Value.xml...), memberClose...)
	}
	return Raw{string(append(b, structClose...))}, nil
}

// String returns the XML, <value>…</value>.
func (r Raw) String() string { return r.xml }

// IsZero reports whether r is the zero Raw.
func (r Raw) IsZero() bool { return r.xml == "" }

// XMLRPCType implements [methods.Typer]: a Raw takes any type.
func (Raw) XMLRPCType() string { return "undef" }

// Type is the XML-RPC type of the value: int, i8, boolean, string, double,
// dateTime.iso8601, base64, array, struct or nil. It is empty for the zero
// Raw.
func (r Raw) Type() string {
	name := strings.TrimPrefix(r.xml, "<value><")
	if i := strings.IndexAny(name, "/>"); i >= 0 {
		name = name[:i]
	}
	return name
}

// unlimited is for values that have passed their limits already. The depth
// only guards the stack: values can be nested further by [RawStruct].
var unlimited = Limits{
	Depth: 10_000, Params: math.MaxInt, Values: math.MaxInt, NameLen: math.MaxInt,
	Element: 64, Attributes: 64, Scalar: math.MaxInt, Double: math.MaxInt,
}

func (r Raw) decoder() *decoder {
	return &decoder{scanner: resume(r.xml, 0, unlimited)}
}

// Decode stores the value in the value into points to, by the rules for
// params: a value that does not fit is a *methods.ParamError.
func (r Raw) Decode(into any) error {
	t, err := targetFor(into)
	if err != nil {
		return err
	}
	if r.IsZero() {
		return &methods.ParamError{Got: "nothing", Want: t.plan.want}
	}
	d := r.decoder()
	if err := d.into(t.plan, t.v, "param"); err != nil {
		return err
	}
	return d.misfitError()
}

// Members returns the members of a struct in order. Any other type is a
// *methods.ParamError.
func (r Raw) Members() ([]Member, error) {
	d := r.decoder()
	if err := d.begins(r, kindStruct); err != nil {
		return nil, err
	}
	members := []Member{}
	for {
		name, ok, err := d.member()
		if err != nil || !ok {
			return members, err
		}
		value, err := d.cut("member")
		if err != nil {
			return nil, err
		}
		if err := d.endMember(); err != nil {
			return nil, err
		}
		members = append(members, Member{name, value})
	}
}

// Items returns the items of an array. Any other type is a
// *methods.ParamError.
func (r Raw) Items() ([]Raw, error) {
	d := r.decoder()
	if err := d.begins(r, kindArray); err != nil {
		return nil, err
	}
	items := []Raw{}
	for {
		more, err := d.item()
		if err != nil || !more {
			return items, err
		}
		value, err := d.cut("data")
		if err != nil {
			return nil, err
		}
		items = append(items, value)
	}
}

// begins steps into r, which has to be of kind want.
func (d *decoder) begins(r Raw, want kind) error {
	got := r.Type()
	if got != want.String() {
		if got == "" {
			got = "nothing"
		}
		return &methods.ParamError{Got: got, Want: want.String()}
	}
	_, _, err := d.value("param")
	return err
}

// cut takes a value out of text that is canonical already.
func (d *decoder) cut(in string) (Raw, error) {
	from := d.pos
	if err := d.skip(in); err != nil {
		return Raw{}, err
	}
	return Raw{d.s[from:d.pos]}, nil
}

// RawArgs returns params that have been kept as Raws.
func RawArgs(params ...Raw) methods.Args { return rawArgs(params) }

type rawArgs []Raw

func (a rawArgs) Len() (int, error) { return len(a), nil }

func (a rawArgs) Decode(i int, into any) error {
	if i < 0 || i >= len(a) {
		return &methods.ParamError{Got: "nothing", Want: "a param"}
	}
	return a[i].Decode(into)
}
