package wire

import (
	"errors"
	"maps"

	"co2/methods"
)

// A Call is a call whose method name has been read. Its params are read when
// they are asked for: the first straight into what it is decoded to, with a
// check of everything behind it. It implements [methods.Args], and is for one
// goroutine.
type Call struct {
	Method string

	d      decoder
	params []place
	read   bool  // to the end of the document
	err    error // what is wrong with the document
}

// A place is where a param's value begins.
type place struct {
	pos    int
	spaces map[string]space // in scope there
}

// errBroken is left behind by a Setter that panicked in the middle of a call.
var errBroken = errors.New("reading the params was interrupted")

// ParseCall reads a call up to its method name. charset is the parameter of
// the Content-Type, or empty. Its errors are *SyntaxError, and so are those of
// the Call's methods as far as the document is to blame. body is copied once
// and then free for other use: nothing refers to it.
func ParseCall(body []byte, charset string, lim Limits) (*Call, error) {
	c := new(Call)
	if err := c.Parse(body, charset, lim); err != nil {
		return nil, err
	}
	return c, nil
}

// Parse makes c the call in body, as [ParseCall] does, in the room that c has
// from the calls before. What was decoded from those stays as it is.
func (c *Call) Parse(body []byte, charset string, lim Limits) error {
	c.Reset()
	err := c.d.start(body, charset, lim)
	if err == nil {
		err = c.d.root("methodCall")
	}
	if err == nil {
		c.Method, err = c.d.methodName()
	}
	if err != nil {
		c.err = err
	}
	return err
}

// Reset makes c forget its document but keep its room, for the next Parse.
func (c *Call) Reset() {
	*c = Call{d: c.d.emptied(), params: emptied(c.params)}
}

// methodName reads the name of the method (S2).
func (d *decoder) methodName() (string, error) {
	mark := d.spaces.mark()
	empty, err := d.open("methodName", "methodCall")
	if err != nil {
		return "", err
	}
	from, name := d.pos, ""
	if !empty {
		if name, err = d.element("methodName"); err != nil {
			return "", err
		}
	}
	switch name = trim(name); {
	case name == "":
		return "", d.fail(from, InvalidRequest, "an empty methodName")
	case len(name) > d.lim.MethodName:
		return "", d.fail(from, InvalidRequest, "a methodName of more than %d octets", d.lim.MethodName)
	}
	d.spaces.drop(mark)
	return name, nil
}

// Len is the number of params. It checks the whole document.
func (c *Call) Len() (int, error) {
	if !c.read && c.err == nil {
		c.err = c.all(func() error { return c.d.skip("param") })
	}
	return len(c.params), c.err
}

// Decode stores param i in the value into points to. It checks the whole
// document, and what is wrong with that is told before a *methods.ParamError.
func (c *Call) Decode(i int, into any) error {
	t, err := targetFor(into)
	if err != nil {
		return err
	}
	if i == 0 && !c.read && c.err == nil {
		c.err = errBroken
		c.err = c.all(func() error { return c.d.into(t.plan, t.v, "param") })
		if c.err == nil && len(c.params) > 0 {
			return c.d.misfitError()
		}
	}
	n, err := c.Len()
	if err != nil {
		return err
	}
	if i < 0 || i >= n {
		return &methods.ParamError{Got: "nothing", Want: "a param"}
	}
	return c.again(i, t)
}

// again decodes param i of a document that is known to be sound.
func (c *Call) again(i int, t target) error {
	d := decoder{scanner: resume(c.d.s, c.params[i].pos, c.d.lim)}
	d.spaces.bound = c.params[i].spaces
	if err := d.into(t.plan, t.v, "param"); err != nil {
		return err
	}
	return d.misfitError()
}

// all reads from the method name to the end of the document; first reads the
// value of the first param.
func (c *Call) all(first func() error) error {
	d := &c.d
	if err := d.blank("methodCall"); err != nil {
		return err
	}
	if !d.atEnd() {
		if err := c.readParams(first); err != nil {
			return err
		}
		if err := d.blank("methodCall"); err != nil {
			return err
		}
	}
	c.read = true
	return d.tail("methodCall")
}

// readParams reads the params element (S3, S4).
func (c *Call) readParams(first func() error) error {
	d := &c.d
	empty, err := d.open("params", "methodCall")
	if err != nil || empty {
		return err
	}
	for {
		if err := d.blank("params"); err != nil {
			return err
		}
		if d.atEnd() {
			return d.close("params")
		}
		if len(c.params) == d.lim.Params {
			return d.fail(d.pos, LimitExceeded, "more than %d params", d.lim.Params)
		}
		if err := c.readParam(first); err != nil {
			return err
		}
		first = func() error { return d.skip("param") }
	}
}

func (c *Call) readParam(value func() error) error {
	d := &c.d
	mark := d.spaces.mark()
	if err := d.openFull("param", "params"); err != nil {
		return err
	}
	if err := d.blank("param"); err != nil {
		return err
	}
	p := place{pos: d.pos}
	if d.spaces.mark() > 0 {
		p.spaces = maps.Clone(d.spaces.bound)
	}
	c.params = append(c.params, p)
	if err := value(); err != nil {
		return err
	}
	if err := d.blank("param"); err != nil {
		return err
	}
	err := d.close("param")
	d.spaces.drop(mark)
	return err
}
