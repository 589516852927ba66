package door

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// An Answer is what an [Action] makes.
type Answer struct {
	Status int     // [200]
	Fields []Field // the header, without what is about length and connection
	Body   []byte  // append to it
	Close  bool    // the connection ends with this answer
	Call   string  // what was done, for Config.Ended
	Failed bool    // and how that failed
	Fault  int

	length  int64 // of the body that was left out for HEAD
	conn    *conn
	buf     *[]byte
	packed  *[]byte // the body again, compressed
	held    int64   // of the budget of answers
	budget  *budget
	flowing *flow    // set once it goes out piece by piece
	refused *Refusal // goes out in its place
	kept    bool     // it has flown, and the connection can go on
}

// begin makes a ready for an action, with room like that of the body it answers.
func (a *Answer) begin(c *conn, like int) {
	a.conn, a.buf = c, getBuffer(like > smallBuffer)
	a.Status, a.Fields, a.Body, a.Close, a.length = http.StatusOK, a.Fields[:0], (*a.buf)[:0], false, 0
	a.Call, a.Failed, a.Fault = "", false, 0
}

// hold takes a large answer's room out of a budget: peers that do not take
// theirs must not pile them up. Small ones, which tell what has been done, go
// in any case.
func (a *Answer) hold(b *budget) bool {
	n := int64(len(a.Body))
	if n <= firstRoom {
		return true
	}
	if !b.take(n, 0) {
		return false
	}
	a.held, a.budget = n, b
	return true
}

// end gives back what a holds.
func (a *Answer) end() {
	if a.held > 0 {
		a.budget.give(a.held)
		a.budget.thrift.after(a.held)
		a.held = 0
	}
	if a.packed != nil {
		putBuffer(a.packed)
	} else {
		*a.buf = a.Body
	}
	putBuffer(a.buf)
	a.Body, a.buf, a.packed, a.flowing, a.refused, a.kept = nil, nil, nil, nil, nil, false
}

// direct is how long an answer may be to go out in one piece with its head,
// in octets; longer ones are not copied for that.
const direct = 16 << 10

// send sends an answer, always with its length and never in chunks (H16).
func (c *conn) send(a *Answer, keep bool) bool {
	now := time.Now()
	keep = keep && !c.hall.isClosing()
	head := c.appendHead(c.out[:0], a, now)
	if hasBody(a.Status) {
		head = append(head, "Content-Length: "...)
		head = strconv.AppendInt(head, max(a.length, int64(len(a.Body))), 10)
		head = append(head, "\r\n"...)
	}
	switch {
	case !keep:
		head = append(head, "Connection: close\r\n"...)
	case c.request.Minor == 0:
		head = append(head, "Connection: keep-alive\r\n"...)
	}
	head = append(head, "\r\n"...)
	c.out = head
	body := a.Body
	if c.request.isHead() || !hasBody(a.Status) {
		body = nil
	}
	c.setWriteBy(now)
	var err error
	if len(body) <= direct {
		c.out = append(head, body...)
		_, err = c.nc.Write(c.out)
	} else {
		_, err = (&net.Buffers{head, body}).WriteTo(c.nc)
	}
	c.tell(a, int64(len(body)))
	return err == nil && keep
}

// appendHead appends the status line and the fields.
func (c *conn) appendHead(head []byte, a *Answer, now time.Time) []byte {
	head = append(head, "HTTP/1.1 "...)
	head = strconv.AppendInt(head, int64(a.Status), 10)
	head = append(head, ' ')
	head = append(head, http.StatusText(a.Status)...)
	head = append(head, "\r\nDate: "...)
	head = append(head, c.hall.server.date.at(now)...)
	head = append(head, "\r\n"...)
	for _, f := range a.Fields {
		head = append(head, f.Name...)
		head = append(head, ": "...)
		head = append(head, f.Value...)
		head = append(head, "\r\n"...)
	}
	return head
}

// hasBody reports whether answers of this status have a body.
func hasBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// refuse sends a refusal. It reports whether the connection can carry another
// request.
func (c *conn) refuse(no *Refusal) bool {
	if no.Status == 0 {
		return false
	}
	r := &c.request
	keep := !no.close && r.keep && r.Length <= discardable && !(r.awaits100 && r.hasBody())
	a := Answer{Status: no.Status, Body: append([]byte(no.Text), '\n'), Fields: append([]Field{
		{"Content-Type", "text/plain; charset=utf-8"},
		{"X-Content-Type-Options", "nosniff"},
	}, no.Fields...)}
	if c.send(&a, keep) && c.discard() {
		return true
	}
	c.linger()
	return false
}
