package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A sender says what one side of a connection has to say.
type sender struct {
	say   func(c *conversation) error
	large bool // megabytes
}

// raw sends s.
func raw(s string) sender {
	return sender{say: func(c *conversation) error { return c.say(s) }}
}

// made sends what is made when it is needed, for what is large.
func made(s func() string) sender {
	return sender{func(c *conversation) error { return c.say(s()) }, true}
}

// cut sends s and then ends its side of the connection.
func cut(s string) sender {
	return sender{say: func(c *conversation) error {
		if err := c.say(s); err != nil {
			return err
		}
		return c.conn.CloseWrite()
	}}
}

// An answer is one HTTP answer, as strictly as anybody could read it.
type answer struct {
	head, body string
	word       string // what it says in short
}

// A conversation is what was said on one connection.
type conversation struct {
	conn  *net.TCPConn
	in    *bufio.Reader
	words []string // of the answers, in order
	end   string   // kept, closed, or what else the connection came to
	last  answer

	mu    sync.Mutex
	begin []byte // guarded by mu: the first octets sent
}

// Write sends, and remembers the first octets.
func (c *conversation) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.begin = append(c.begin, p[:min(len(p), 300-len(c.begin))]...)
	c.mu.Unlock()
	return c.conn.Write(p)
}

func (c *conversation) say(s string) error {
	_, err := io.WriteString(c, s)
	return err
}

func (c *conversation) sent() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]byte(nil), c.begin...)
}

// outcome tells the conversation in words: for each answer OK, result, a
// fault code or an HTTP status, with how often it came in a row, and then
// what became of the connection: kept if it takes another call, or closed.
func (c *conversation) outcome() string {
	var told []string
	for i := 0; i < len(c.words); {
		n := 1
		for i+n < len(c.words) && c.words[i+n] == c.words[i] {
			n++
		}
		if word := c.words[i]; n == 1 {
			told = append(told, word)
		} else {
			told = append(told, fmt.Sprintf("%s×%d", word, n))
		}
		i += n
	}
	return strings.Join(append(told, c.end), " ")
}

// open begins a conversation from a loopback address.
func open(relay *server, from string) (*conversation, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: patience}
	conn, err := d.Dial("tcp", relay.addr())
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(time.Now().Add(patience))
	return &conversation{conn: conn.(*net.TCPConn), in: bufio.NewReader(conn)}, nil
}

// talk lets send speak on a connection of its own and listens until the
// answers of want have come, and then for what becomes of the connection.
func talk(relay *server, from string, send sender, want string) *conversation {
	c, err := open(relay, from)
	if err != nil {
		return &conversation{end: err.Error()}
	}
	defer c.conn.Close()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		send.say(c) // a server that has heard enough may close meanwhile
	}()
	c.listen(want, sent)
	c.conn.Close()
	<-sent
	return c
}

// listen hears the answers of want and tries what comes after them.
func (c *conversation) listen(want string, sent <-chan struct{}) {
	words, kept := strings.CutSuffix(want, " kept")
	for n := count(words); !kept || n > 0; n-- {
		if !c.hear() {
			return
		}
		if c.last.word == "100" {
			n++ // more is to come
		}
	}
	<-sent
	c.conn.SetDeadline(time.Now().Add(patience))
	if c.end = "closed"; c.say(stillThere()) != nil {
		return
	}
	for said := c.last; c.hear(); said = c.last {
		if strings.Contains(c.last.body, "still there") {
			c.words, c.last, c.end = c.words[:len(c.words)-1], said, "kept"
			return
		}
	}
}

// count is how many answers words tell of.
func count(words string) (n int) {
	for word := range strings.FieldsSeq(words) {
		_, times, many := strings.Cut(word, "×")
		each, err := strconv.Atoi(times)
		if !many || err != nil {
			each = 1
		}
		n += each
	}
	return n
}

func stillThere() string { return sized("", document("test", text("still there"))) }

// hear reads one answer, or the end of the connection.
func (c *conversation) hear() bool {
	_, err := c.in.Peek(1)
	var a answer
	if err == nil {
		toHead := len(c.words) == 0 && bytes.HasPrefix(c.sent(), []byte("HEAD "))
		a, err = readAnswer(c.in, toHead)
	}
	switch {
	case err == nil:
		c.words, c.last = append(c.words, a.word), a
		return true
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.end = "open"
	case errors.Is(err, io.ErrUnexpectedEOF):
		c.end = "cut"
	case slices.Contains([]string{"400", "408", "413", "431"}, c.last.word) && !strings.Contains(c.last.head, "Connection: close"):
		c.end = "closed unsaid" // H28
	default:
		c.end = "closed"
	}
	return false
}

var (
	statusLine = regexp.MustCompile(`^HTTP/1\.[01] ([1-5]\d\d) [ -~]*\r\n$`)
	fieldLine  = regexp.MustCompile(`^[A-Za-z0-9-]+: ?[ -~]*\r\n$`)
	errorText  = regexp.MustCompile(`^[ -~]+\n$`)
	faultText  = regexp.MustCompile(`^[ -~\x{A0}-\x{10FFFF}]+$`)
)

// readAnswer reads an answer of this product, which is easy to read: a status
// line, plain fields, and a body of Content-Length octets (H16). The answer to
// HEAD has no body, whatever its length.
func readAnswer(in *bufio.Reader, toHead bool) (answer, error) {
	first, err := in.ReadString('\n')
	if err != nil {
		return answer{}, ended(err)
	}
	a := answer{head: first}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return a, ended(err)
		}
		a.head += line
		if line == "\r\n" {
			break
		}
		if !fieldLine.MatchString(line) {
			a.word = fmt.Sprintf("malformed(%q)", line)
		}
	}
	m := statusLine.FindStringSubmatch(first)
	if m == nil {
		a.word = fmt.Sprintf("malformed(%q)", first)
		return a, nil
	}
	if m[1] != "100" {
		n, ok := a.length()
		if !ok {
			a.word = fmt.Sprintf("malformed(%q)", a.head)
			return a, nil
		}
		if toHead {
			a.word = m[1]
			return a, nil
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(in, body); err != nil {
			return a, ended(err)
		}
		a.body = string(body)
	}
	if a.word == "" {
		a.word = a.inShort(m[1])
	}
	return a, nil
}

func ended(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return io.ErrUnexpectedEOF
}

// field is what the head says once under name.
func (a answer) field(name string) (value string, n int) {
	for line := range strings.SplitSeq(a.head, "\r\n") {
		if key, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			value = strings.TrimSpace(v)
			n++
		}
	}
	return value, n
}

func (a answer) length() (int, bool) {
	value, times := a.field("Content-Length")
	_, coded := a.field("Transfer-Encoding")
	n, err := strconv.Atoi(value)
	return n, err == nil && n >= 0 && n <= 32<<20 && times == 1 && coded == 0
}

// secret is in what is sent and never in what is answered (H1, H28).
const secret = "do-not-echo-this"

// inShort tells an answer in a word, and what is wrong with its form.
func (a answer) inShort(status string) string {
	kind, _ := a.field("Content-Type")
	switch {
	case status == "100":
		return status
	case strings.Contains(a.head+a.body, secret):
		return status + "(echoes)"
	case strings.Contains(a.head, "Access-Control-"):
		return status + "(invites pages)" // H25
	case strings.Contains(a.body, ".go:") || strings.Contains(a.body, "goroutine "):
		return status + "(tells of its inside)" // F3
	case status != "200":
		if !errorText.MatchString(a.body) || !strings.HasPrefix(kind, "text/plain") {
			return fmt.Sprintf("%s(%s %q)", status, kind, a.body) // H28
		}
		return status
	case strings.HasPrefix(kind, "text/html"):
		return "page"
	case kind != "text/xml; charset=utf-8": // H9
		return "200(" + kind + ")"
	case a.body == okAnswer:
		return "OK"
	case strings.HasPrefix(a.body, resultStart) && strings.HasSuffix(a.body, resultEnd): // of megabytes, at times
		return "result"
	}
	m := faultForm.FindStringSubmatch(a.body)
	if m == nil || !faultText.MatchString(m[2]) || len(html.UnescapeString(m[2])) > 512 {
		return fmt.Sprintf("200(%.200q)", a.body) // F1, F3, L14
	}
	return m[1]
}

// The answer to a call, round its value and whole.
const (
	resultStart = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<methodResponse><params><param><value>"
	resultEnd   = "</value></param></params></methodResponse>\n"
	okAnswer    = resultStart + "<string>OK</string>" + resultEnd
)
