package door

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"
)

// exchange reads one request and answers it. It reports whether the
// connection can carry another.
func (c *conn) exchange(first bool) bool {
	if no := c.readHead(first); no != nil {
		return c.refuse(no)
	}
	if c.cfg().Ended != nil {
		c.headed = time.Now()
	}
	r := &c.request
	action, no := c.hall.server.handler.Route(r)
	if no == nil {
		no = c.checkBody()
	}
	if no != nil {
		return c.refuse(no)
	}
	body := newParcel(&c.hall.server.memory, r.Length)
	defer body.free()
	if no := c.receive(&body); no != nil {
		body.free() // what comes next takes time
		return c.refuse(no)
	}
	return c.act(action, &body)
}

// act lets an action answer.
func (c *conn) act(action Action, body *parcel) bool {
	a := &c.answer
	a.begin(c, len(body.octets))
	defer a.end()
	ok := c.run(action, body.octets, a)
	body.free()
	if a.refused != nil {
		no := *a.refused
		no.close = c.request.hasBody() // it has been read
		return c.refuse(&no)
	}
	if a.flowing != nil {
		c.tell(a, a.flowing.sent)
		return a.kept
	}
	if !ok {
		return c.refuse(cut(http.StatusInternalServerError, "this could not be answered; the server's log tells why"))
	}
	a.pack(&c.request)
	if !a.hold(&c.hall.server.answers) {
		return c.refuse(overfull("too many large answers at once"))
	}
	if !c.send(a, c.request.keep && !a.Close) {
		c.linger()
		return false
	}
	return true
}

// run survives an action that panics. The actions that make calls have their
// own way with that; these are pages.
func (c *conn) run(action Action, body []byte, a *Answer) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			c.hall.server.log.Error("an action panicked", "code", "WEB-PANIC", "path", fmt.Sprintf("%.100q", c.request.Path), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	action(c.hall.calls, &c.request, body, a)
	return true
}

// readHead reads and parses a head, whose first octet has come.
func (c *conn) readHead(first bool) *Refusal {
	c.request.reset()
	var by time.Time
	for searched := 0; ; {
		seen := c.in[c.start:c.end]
		if n := headLen(seen, max(0, searched-2)); n > 0 && n <= c.cfg().MaxHead {
			head := string(bytes.TrimSuffix(bytes.TrimSuffix(seen[:n], []byte("\n")), []byte("\r")))
			c.start += n
			return parseHead(&c.request, head, c.cfg().MaxFields)
		}
		if no := c.unpromising(seen, searched); no != nil {
			return no
		}
		searched = len(seen)
		if by.IsZero() && !first {
			by = time.Now().Add(c.cfg().HeadTimeout)
			c.setReadBy(by)
		}
		if err := c.fillHead(); err != nil {
			return headError(err)
		}
	}
}

// headLen returns how long the head at the start of b is, with its empty
// line, or 0 if it is not all there; no line of it ends before searched.
func headLen(b []byte, searched int) int {
	for i := searched; ; {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return 0
		}
		i += n + 1
		switch rest := b[i:]; {
		case len(rest) > 0 && rest[0] == '\n':
			return i + 1
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return i + 2
		}
	}
}

// unpromising refuses what cannot become a head, without waiting for more. The
// octets before searched have passed it already.
func (c *conn) unpromising(seen []byte, searched int) *Refusal {
	if searched == 0 && !isToken(string(seen[:1])) {
		return bad("not a request of HTTP/1.1")
	}
	if len(seen) >= c.cfg().MaxHead {
		return cut(http.StatusRequestHeaderFieldsTooLarge, fmt.Sprintf("more than %d octets of header", c.cfg().MaxHead))
	}
	if n := bytes.IndexByte(seen[searched:], '\n'); n >= 0 && bytes.IndexByte(seen[:searched], '\n') < 0 {
		return new(Request).parseRequestLine(string(bytes.TrimSuffix(seen[:searched+n], []byte("\r"))))
	}
	return nil
}

// fillHead reads more of a head, into a larger buffer if need be.
func (c *conn) fillHead() error {
	err := c.fill()
	if errors.Is(err, io.ErrShortBuffer) {
		more := make([]byte, min(2*len(c.in), max(c.cfg().MaxHead, len(c.in)+1)))
		copy(more, c.in)
		c.in = more
		err = c.fill()
	}
	return err
}

func headError(err error) *Refusal {
	switch {
	case timedOut(err):
		return cut(http.StatusRequestTimeout, "the header took too long")
	case errors.Is(err, io.EOF):
		return bad("the header is cut off")
	}
	return errGone
}
