package courier

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"co2/methods/wire"
)

// A judge says what answers mean. It remembers the good ones it saw last:
// what is equal to one of them, octet for octet, means the same. It is for
// one goroutine.
type judge struct {
	maxAnswer int64
	answers   memory // whole ones, after which the connection is kept
	bodies    memory // of usual ones, behind their charset
	key       []byte // scratch
}

// known reports whether b is a whole answer that is known to be good.
func (j *judge) known(b []byte) bool { return j.answers.holds(b) }

// usual judges an answer with a usual head. What comes behind it is nobody's
// answer, so the connection is not kept.
func (j *judge) usual(h head, b []byte) verdict {
	body, rest := b[h.size:h.whole()], b[h.whole():]
	j.key = append(append(append(j.key[:0], h.charset...), 0), body[:min(len(body), maxRemembered)]...)
	if !j.bodies.holds(j.key) || len(body) > maxRemembered {
		if err := wire.ParseResponse(body, h.charset, wire.Limits{}, nil); err != nil {
			return verdict{err, len(rest) == 0}
		}
		j.bodies.add(j.key)
	}
	if len(rest) == 0 {
		j.answers.add(b)
	}
	return verdict{nil, len(rest) == 0}
}

// odd judges any answer as net/http reads it. short says that it goes on
// behind b; the connection may have come to its end.
func (j *judge) odd(b []byte, end error) (v verdict, short bool) {
	src := &source{b: b, end: end}
	r := bufio.NewReader(src)
	resp, err := http.ReadResponse(r, postRequest)
	if err != nil {
		return verdict{err: fmt.Errorf("an answer that is not HTTP: %w", err)}, src.ran && end == nil
	}
	defer resp.Body.Close()
	body, charset, err := wire.ReadAnswer(resp, j.maxAnswer)
	if src.ran && end == nil {
		return verdict{}, true
	}
	if err == nil {
		err = wire.ParseResponse(body, charset, wire.Limits{}, nil)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = broken(io.EOF)
	}
	keep := end == nil && !resp.Close && resp.StatusCode != http.StatusSwitchingProtocols && readsOut(resp.Body) && !src.ran && r.Buffered() == 0 && len(src.b) == 0
	return verdict{err, keep}, false
}

// readsOut reports whether a body ends where it should.
func readsOut(body io.Reader) bool {
	_, err := io.Copy(io.Discard, body)
	return err == nil
}

var postRequest = &http.Request{Method: http.MethodPost}

func (j *judge) tooLong() error {
	return fmt.Errorf("an answer of more than %d octets, HTTP 200", j.maxAnswer)
}

// A source gives what has come of an answer, and notes that somebody wanted
// more.
type source struct {
	b   []byte
	end error
	ran bool
}

var errMore = errors.New("more is to come")

func (s *source) Read(p []byte) (int, error) {
	if len(s.b) > 0 {
		n := copy(p, s.b)
		s.b = s.b[n:]
		return n, nil
	}
	s.ran = true
	if s.end != nil {
		return 0, s.end
	}
	return 0, errMore
}

// A memory holds a few short documents.
type memory struct {
	docs [4][]byte
	next int
}

// maxRemembered is how long they may be, in octets.
const maxRemembered = 2 << 10

func (m *memory) holds(b []byte) bool {
	for _, doc := range m.docs {
		if len(doc) == len(b) && len(b) > 0 && bytes.Equal(doc, b) {
			return true
		}
	}
	return false
}

func (m *memory) add(b []byte) {
	if len(b) <= maxRemembered {
		m.docs[m.next] = append(m.docs[m.next][:0], b...)
		m.next = (m.next + 1) % len(m.docs)
	}
}
