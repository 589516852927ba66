package door

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// checkBody refuses a body that will not be read, by what the head tells.
func (c *conn) checkBody() *Refusal {
	r := &c.request
	if r.Method == http.MethodPost && r.Length < 0 && !r.chunked {
		return cut(http.StatusLengthRequired, "send Content-Length")
	}
	if r.Length > c.cfg().MaxBody {
		return c.tooLarge()
	}
	if codingOf(r) == unknownCoding {
		return &Refusal{http.StatusUnsupportedMediaType, "send the body as it is, or with gzip or deflate", []Field{{"Accept-Encoding", "gzip, deflate"}}, false}
	}
	if r.Length > 0 && !c.hall.server.memory.holds(r.Length) {
		return errBusy
	}
	return nil
}

func (c *conn) tooLarge() *Refusal {
	return cut(http.StatusRequestEntityTooLarge, fmt.Sprintf("a body has at most %d octets", c.cfg().MaxBody))
}

var (
	errBusy     = overfull("too many requests at once")
	errCutOff   = bad("the body is cut off")
	errSlow     = cut(http.StatusRequestTimeout, "the body came too slowly")
	errChunk    = bad("a broken chunk")
	errLongTail = cut(http.StatusRequestHeaderFieldsTooLarge, "too much between the chunks")
)

// receive reads the body of the request into p, and unpacks it.
func (c *conn) receive(p *parcel) *Refusal {
	r := &c.request
	if !r.hasBody() {
		return c.unpack(p)
	}
	if r.awaits100 && c.start == c.end {
		c.setWriteBy(time.Now())
		if _, err := io.WriteString(c.nc, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return errGone
		}
	}
	s := stream{conn: c, most: c.cfg().MaxBody}
	var no *Refusal
	if r.chunked {
		no = s.readChunks(p)
	} else {
		no = s.read(p, r.Length)
	}
	if no == nil {
		no = c.unpack(p)
	}
	return no
}

// A stream is a body as it comes. It has to come at a certain rate (L16).
type stream struct {
	conn  *conn
	most  int64     // octets it may have
	began time.Time // when the first of it was waited for
	got   int64
}

const (
	patience = 5 * time.Second // before the rate counts
	minRate  = 1 << 10         // octets a second
)

// by is until when more has to come.
func (s *stream) by() time.Time {
	if s.began.IsZero() {
		s.began = time.Now()
	}
	return s.began.Add(min(s.conn.cfg().BodyTimeout, patience+time.Duration(s.got)*(time.Second/minRate)))
}

// read appends n octets of the body to p.
func (s *stream) read(p *parcel, n int64) *Refusal {
	c := s.conn
	for want := int64(len(p.octets)) + n; int64(len(p.octets)) < want; {
		if len(p.octets) == cap(p.octets) || int64(len(p.octets)) == p.held {
			if !p.grow(want) {
				return errBusy
			}
		}
		room := p.octets[len(p.octets):min(p.held, want)]
		k := copy(room, c.in[c.start:c.end])
		c.start += k
		if k == 0 {
			c.setReadBy(s.by())
			var err error
			if k, err = c.nc.Read(room); k == 0 && err != nil {
				return bodyError(err)
			}
		}
		s.got += int64(k)
		p.octets = p.octets[:len(p.octets)+k]
	}
	return nil
}

func bodyError(err error) *Refusal {
	switch {
	case timedOut(err):
		return errSlow
	case err == io.EOF:
		return errCutOff
	}
	return errGone
}

// discardable is the most of a refused body that is read so that the
// connection can go on.
const discardable = 64 << 10

// discard reads the body of a refused request. It reports whether the next
// one can follow.
func (c *conn) discard() bool {
	r := &c.request
	if !r.hasBody() {
		return true
	}
	p := newParcel(&c.hall.server.memory, r.Length)
	defer p.free()
	s := stream{conn: c, most: discardable}
	if r.chunked {
		return s.readChunks(&p) == nil
	}
	return s.read(&p, r.Length) == nil
}
