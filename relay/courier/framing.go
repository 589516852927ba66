package courier

import (
	"bufio"
	"bytes"
	"math"
	"net/http"
)

// A framing tells when an unusual answer is whole, so that net/http need read
// it only once. It may be wrong about broken ones: then the answer is judged
// when the connection or the time ends, or too early, when net/http says
// whether more is to come.
type framing interface {
	// whole reports whether b, which only grows, holds all of the answer or
	// as much as anybody wants of it.
	whole(b []byte) bool
}

// framingOf tells how the answer is framed whose head b begins with.
func (j *judge) framingOf(b []byte) framing {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b)), postRequest)
	if err != nil {
		return lengthFraming(0)
	}
	body := headEnd(b, 0)
	most := j.most()
	switch {
	case len(resp.TransferEncoding) > 0:
		return &chunks{pos: body, most: most, cap: j.mostFramed()}
	case resp.ContentLength >= 0:
		return lengthFraming(body + int(min(resp.ContentLength, most+1)))
	}
	return lengthFraming(body + int(most) + 1) // to the end of the connection
}

// most is as much of a body as anybody wants, but for one octet.
func (j *judge) most() int64 { return max(j.maxAnswer, maxRefusal) }

// mostFramed is the same with its framing.
func (j *judge) mostFramed() int { return int(2*j.most() + 2*maxHead) }

// maxRefusal is more than anybody reads of an answer that is none (C8).
const maxRefusal = 64 << 10

// A lengthFraming is how long an answer is with its head.
type lengthFraming int

func (n lengthFraming) whole(b []byte) bool { return len(b) >= int(n) }

// chunks follow a chunked body.
type chunks struct {
	pos   int   // where the next line begins
	data  int64 // octets of chunks so far
	most  int64 // as many as anybody wants
	cap   int   // octets in all beyond which nearly all is framing
	trail bool  // the last chunk has come
}

func (c *chunks) whole(b []byte) bool {
	if len(b) > c.cap {
		return true
	}
	for c.data <= c.most {
		if c.pos > len(b) {
			return false
		}
		n := bytes.IndexByte(b[c.pos:], '\n')
		if n < 0 {
			return len(b)-c.pos > maxHead
		}
		line := bytes.TrimRight(b[c.pos:c.pos+n], "\r")
		if c.trail {
			c.pos += n + 1
			if len(line) == 0 {
				return true
			}
			continue
		}
		size, ok := chunkSize(line)
		if !ok {
			return true
		}
		if c.pos += n + 1; size == 0 {
			c.trail = true
			continue
		}
		c.pos += int(size) + 2
		c.data += size
	}
	return len(b) > c.pos-len("\r\n")-int(c.data-c.most)
}

// chunkSize reads the size that begins a chunk; what follows it is ignored.
func chunkSize(line []byte) (size int64, ok bool) {
	for i, c := range line {
		var d byte
		switch {
		case '0' <= c && c <= '9':
			d = c - '0'
		case 'a' <= c && c <= 'f':
			d = c - 'a' + 10
		case 'A' <= c && c <= 'F':
			d = c - 'A' + 10
		default:
			return size, i > 0
		}
		if size = size<<4 | int64(d); size > math.MaxInt32 {
			return 0, false
		}
	}
	return size, len(line) > 0
}
