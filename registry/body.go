package registry

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// readBody reads a whole body, never more than MaxBody octets of it, neither
// as it came nor unpacked (H10-H20).
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	switch {
	case r.ContentLength == 0 && r.Header.Get("Content-Length") == "" && len(r.TransferEncoding) == 0:
		return nil, &refusal{status: http.StatusLengthRequired, text: "send Content-Length"}
	case len(r.Header.Get("Content-Length")) > maxLengthDigits:
		return nil, s.unreadable(errBadLength)
	case r.ContentLength > s.cfg.MaxBody:
		return nil, s.tooLarge()
	}
	body, err := readUpTo(http.MaxBytesReader(w, r.Body, s.cfg.MaxBody), s.cfg.MaxBody, r.ContentLength)
	if err != nil {
		return nil, s.unreadable(err)
	}
	coding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ",")))
	return s.unpack(coding, body)
}

// unpack undoes a content coding.
func (s *Server) unpack(coding string, body []byte) ([]byte, *refusal) {
	packed := bytes.NewReader(body)
	var plain io.Reader
	var err error
	switch coding {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		plain, err = gzip.NewReader(packed)
	case "deflate":
		plain = inflate(packed)
	default:
		return nil, &refusal{http.StatusUnsupportedMediaType, "send the body as it is, or with gzip or deflate", [2]string{"Accept-Encoding", "gzip, deflate"}}
	}
	if err == nil {
		body, err = readUpTo(plain, s.cfg.MaxBody, -1)
	}
	if err == nil && packed.Len() > 0 { // gzip reads on by itself, deflate stops at its end
		err = errJunk
	}
	if err != nil {
		return nil, s.unreadable(err)
	}
	return body, nil
}

// inflate reads the zlib form and, as some clients send it, the raw one.
func inflate(packed *bytes.Reader) io.Reader {
	if r, err := zlib.NewReader(packed); err == nil {
		return r
	}
	packed.Seek(0, io.SeekStart)
	return flate.NewReader(packed)
}

// maxLengthDigits is how long a Content-Length may be (H10).
const maxLengthDigits = 18

var (
	errTooLarge  = errors.New("body too large")
	errBadLength = errors.New("bad Content-Length")
	errJunk      = errors.New("octets after the compressed body")
)

// readUpTo reads r to its end, or fails with errTooLarge after max octets.
// It allocates as octets come, whatever length was announced.
func readUpTo(r io.Reader, max, announced int64) ([]byte, error) {
	var b bytes.Buffer
	if announced > 0 {
		b.Grow(int(min(announced, 64<<10)) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(r, max+1))
	if err == nil && n > max {
		err = errTooLarge
	}
	return b.Bytes(), err
}

func (s *Server) unreadable(err error) *refusal {
	var tooLong *http.MaxBytesError
	if errors.Is(err, errTooLarge) || errors.As(err, &tooLong) {
		return s.tooLarge()
	}
	return &refusal{status: http.StatusBadRequest, text: "the body cannot be read whole"}
}

func (s *Server) tooLarge() *refusal {
	return &refusal{status: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("a call has at most %d octets", s.cfg.MaxBody)}
}
