package courier

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// maxHead bounds the heads of one answer, in octets (C5).
const maxHead = 16 << 10

// An answer is what has come so far of one answer. The zero value is nothing.
type answer struct {
	came    []byte // what came, if it was not all at once
	scanned int    // octets of came in which no head ends
	past    int    // octets of informational heads before it
	usual   bool   // head is read, and as most are
	head    head   // if usual
	framing framing
	guessed bool // framing was wrong about it
}

// A verdict is what an answer, or the lack of one, means.
type verdict struct {
	err  error // nil: delivered
	keep bool  // the connection can be used again
}

func (a *answer) empty() bool { return len(a.came) == 0 && a.past == 0 }

// feed adds b, or the end of the connection, and reports whether the answer
// is complete. It keeps no part of b.
func (a *answer) feed(j *judge, b []byte, end error) (v verdict, complete bool) {
	if len(a.came) > 0 {
		a.came = append(a.came, b...)
		b = a.came
	}
	v, complete = a.weigh(j, &b, end)
	v.keep = v.keep && end == nil
	switch {
	case !complete && end != nil:
		return verdict{err: broken(end)}, true
	case !complete && len(a.came) == 0:
		a.came = append([]byte(nil), b...)
	}
	return v, complete
}

// broken puts the end of a connection in the middle of an answer in words.
func broken(end error) error {
	if end == io.EOF {
		return errors.New("the connection was closed in the middle of an answer")
	}
	return end
}

// weigh judges the answer that all begins with, if it is complete. Heads that
// only inform are taken off.
func (a *answer) weigh(j *judge, all *[]byte, end error) (verdict, bool) {
	if a.framing == nil && !a.usual {
		if j.known(*all) {
			return verdict{keep: true}, true
		}
		v, complete, ready := a.readHead(j, all)
		if complete || !ready {
			return v, complete
		}
	}
	b := *all
	if a.usual {
		if len(b) < a.head.whole() {
			return verdict{}, false
		}
		return j.usual(a.head, b), true
	}
	if end == nil && !a.framing.whole(b) {
		return verdict{}, false
	}
	v, short := j.odd(b, end)
	switch {
	case !short:
		return v, true
	case a.guessed:
		return verdict{err: j.tooLong()}, true
	}
	a.guessed, a.framing = true, lengthFraming(j.mostFramed())
	return verdict{}, false
}

// readHead looks for the head of the answer in b, and off b takes those that
// only inform. ready says that the head is there and its framing known.
func (a *answer) readHead(j *judge, b *[]byte) (v verdict, complete, ready bool) {
	for {
		if !bytes.HasPrefix(*b, magic[:min(len(magic), len(*b))]) {
			return verdict{err: notHTTP(*b)}, true, false
		}
		n := headEnd(*b, a.scanned)
		if n < 0 && a.past+len(*b) > maxHead || a.past+n > maxHead {
			return verdict{err: fmt.Errorf("a head of more than %d octets", maxHead)}, true, false
		}
		if n < 0 {
			a.scanned = max(len(*b)-3, 0)
			return verdict{}, false, false
		}
		if h, ok := quickHead((*b)[:n]); ok {
			if int64(h.length) > j.maxAnswer {
				return verdict{err: j.tooLong()}, true, false
			}
			a.head, a.usual = h, true
			return verdict{}, false, true
		}
		if !informs((*b)[:n]) {
			break
		}
		*b = (*b)[n:]
		a.past += n
		a.scanned = 0
		if len(a.came) > 0 {
			a.came = *b
		}
	}
	v, short := j.odd(*b, nil)
	if !short {
		return v, true, false
	}
	a.framing = j.framingOf(*b)
	return verdict{}, false, true
}

var magic = []byte("HTTP/")

// headEnd is the length of the head that b begins with, -1 if its end has not
// come; the first from octets are known not to end it.
func headEnd(b []byte, from int) int {
	for i := from; ; {
		k := bytes.IndexByte(b[i:], '\n')
		if k < 0 {
			return -1
		}
		i += k + 1
		switch rest := b[i:]; {
		case len(rest) > 0 && rest[0] == '\n':
			return i + 1
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return i + 2
		}
	}
}

// informs reports whether head is a whole one that another one follows (1xx,
// but for 101). Only what looks like one is given to net/http.
func informs(head []byte) bool {
	const at = len("HTTP/1.1 ")
	if len(head) <= at || head[at-1] != ' ' || head[at] != '1' {
		return false
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), postRequest)
	return err == nil && resp.StatusCode/100 == 1 && resp.StatusCode != http.StatusSwitchingProtocols
}

func notHTTP(b []byte) error {
	return errors.New("an answer that is not HTTP: " + strconv.Quote(string(b[:min(len(b), 32)])))
}
