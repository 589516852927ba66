package door

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
)

// A coding is what a body is packed with.
type coding int

const (
	plainCoding coding = iota
	gzipCoding
	deflateCoding
	unknownCoding
)

// codingOf reads Content-Encoding (H18, H19).
func codingOf(r *Request) coding {
	value := r.Get("Content-Encoding")
	if value != "" && len(r.Values("Content-Encoding")) > 1 {
		return unknownCoding
	}
	switch {
	case value == "", strings.EqualFold(value, "identity"):
		return plainCoding
	case strings.EqualFold(value, "gzip"), strings.EqualFold(value, "x-gzip"):
		return gzipCoding
	case strings.EqualFold(value, "deflate"):
		return deflateCoding
	}
	return unknownCoding
}

var errPacked = bad("the compressed body is broken")

// unpack undoes the coding of p, never to more than a body may have (H20).
func (c *conn) unpack(p *parcel) *Refusal {
	coding := codingOf(&c.request)
	if coding == plainCoding {
		return nil
	}
	packed := bytes.NewReader(p.octets)
	from, err := coding.reader(packed)
	if err != nil {
		return errPacked
	}
	plain := newParcel(p.memory, int64(len(p.octets)))
	no := c.readPlain(&plain, from)
	if no == nil && packed.Len() > 0 { // gzip reads on by itself, deflate stops at its end
		no = errPacked
	}
	p.become(&plain)
	return no
}

func (c coding) reader(packed *bytes.Reader) (io.Reader, error) {
	if c == gzipCoding {
		return gzip.NewReader(packed)
	}
	return inflate(packed), nil
}

// readPlain reads what is unpacked to its end.
func (c *conn) readPlain(p *parcel, from io.Reader) *Refusal {
	limit := c.cfg().MaxBody
	for {
		if int64(len(p.octets)) == p.held && !p.grow(limit+1) {
			return errBusy
		}
		n, err := from.Read(p.octets[len(p.octets):p.held])
		p.octets = p.octets[:len(p.octets)+n]
		switch {
		case int64(len(p.octets)) > limit:
			return c.tooLarge()
		case err == io.EOF:
			return nil
		case err != nil:
			return errPacked
		}
	}
}

// inflate reads the zlib form and, as some clients send it, the raw one.
func inflate(packed *bytes.Reader) io.Reader {
	if r, err := zlib.NewReader(packed); err == nil {
		return r
	}
	packed.Seek(0, io.SeekStart)
	return flate.NewReader(packed)
}
