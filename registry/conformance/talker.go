package conformance

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Talker holds the conversation of one case with the server.
type Talker struct {
	target *Target
	strict Level
	note   func(*Answer) // hears of every answer
	lines  []*line
	unable error  // what kept the case from being tried
	excuse string // why that does not count against the server
}

// A Difference is what was sent and wanted, and what came instead.
type Difference struct{ Sent, Want, Got string }

// A line is one connection.
type line struct {
	net.Conn
	in   *bufio.Reader
	busy sync.WaitGroup // writing, or reading in the background
	verb string         // of the request last sent
}

// dial opens a line, which lasts until the case is over.
func (k *Talker) dial() (*line, error) {
	c, err := k.target.dial()
	if err != nil {
		k.unable = err
		return nil, err
	}
	l := &line{Conn: c, in: bufio.NewReader(c), verb: "POST"}
	c.SetDeadline(time.Now().Add(k.target.patience))
	k.lines = append(k.lines, l)
	return l, nil
}

// hangUp ends the case.
func (k *Talker) hangUp() {
	for _, l := range k.lines {
		l.Close()
		l.busy.Wait()
	}
}

var requestVerb = regexp.MustCompile(`^[\r\n]*([A-Za-z]+) `)

// send writes in the background: an answer may come before all is written, and
// servers that refuse may stop reading.
func (l *line) send(b []byte, closing bool) {
	if m := requestVerb.FindSubmatch(b[:min(len(b), 64)]); m != nil {
		l.verb = string(m[1])
	}
	l.busy.Wait()
	l.busy.Go(func() {
		l.Write(b)
		if c, ok := l.Conn.(interface{ CloseWrite() error }); ok && closing {
			c.CloseWrite()
		}
	})
}

// ask sends a request and reads its answer.
func (k *Talker) ask(l *line, turn Turn) (sent []byte, a *Answer) {
	if turn.Send != nil {
		sent = turn.Send(k.target)
		l.send(sent, turn.Then == halfClose)
	}
	interim := strings.HasPrefix(turn.Want.says, "HTTP 100")
	a = readAnswer(l.in, l.verb, interim)
	if a.Status > 0 && !interim {
		if turn.Then == ends || slices.Contains([]int{400, 408, 413, 431}, a.Status) {
			a.Closed = l.closed()
		}
		k.note(a)
	}
	return sent, a
}

// closed reports whether the server closes the line and says no more.
func (l *line) closed() bool {
	rest, err := io.ReadAll(l.in)
	return len(rest) == 0 && !isTimeout(err)
}

// talk goes through turns on one line. What it begins with is made before the
// line is there: servers do not wait long for a request.
func (k *Talker) talk(turns []Turn) *Difference {
	if begin := turns[0].Send; begin != nil {
		b := begin(k.target)
		turns = slices.Clone(turns)
		turns[0].Send = func(*Target) []byte { return b }
	}
	l, err := k.dial()
	if err != nil {
		return nil
	}
	var sent []byte
	for _, turn := range turns {
		s, a := k.ask(l, turn)
		if len(s) > 0 {
			sent = s
		}
		if !turn.Want.meets(a, k.strict) {
			return &Difference{show(sent), turn.Want.says, a.String()}
		}
		if turn.Then == ends && !a.Closed {
			return &Difference{show(sent), turn.Want.says + ", then the connection closed", a.String() + ", and it stays open"}
		}
	}
	return nil
}

// isTimeout reports whether the suite lost its patience.
func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
