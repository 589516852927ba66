package binding_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

const (
	has     = `{"Command": "Has-service", "Args": {"service": "a"}}`
	hasNot  = `{"OK": false}`
	dance   = `{"Command": "Dance"}`
	unknown = `{"Error": "Malformed request. Commands missing"}`
)

// A request may come in any number of pieces, and with others in one piece:
// each has exactly one reply, in order.
func TestRequestsInPieces(t *testing.T) { // 4.1, D34, D36
	d := open(t, doorConfig(t), &services{})
	for name, pieces := range map[string][]string{
		"one by one":        {has, dance, has},
		"all at once":       {has + dance + has},
		"blanks between":    {"\r\n\t " + has + "\n\n" + dance + strings.Repeat(" ", 5000) + has + "\n"},
		"cut anywhere":      {has[:5], has[5:] + dance[:1], dance[1:] + has[:len(has)-1], has[len(has)-1:]},
		"byte by byte":      strings.Split(has+dance+has, ""),
		"cut in a rune":     {`{"Command": "Has-service", "Args": {"service": "` + "é"[:1], "é"[1:] + `"}}` + dance + has},
		"braces in a text":  {has, `{"Command": "}{"}`, has},
		"quotes in a text":  {has, `{"Command": "\"}\\"}`, has},
		"words and numbers": {has, `[1, {"Command": "Has-service"}, null]`, has},
	} {
		t.Run(name, func(t *testing.T) {
			c := d.tls(t)
			for _, piece := range pieces {
				c.send(piece)
			}
			c.CloseWrite()
			replies, err := io.ReadAll(c)
			want := hasNot + unknown + hasNot
			if name == "words and numbers" {
				want = hasNot + `{"Error": "Missing command"}` + hasNot
			}
			if err != nil || string(replies) != want {
				t.Errorf("replies %s, %v, want %s", replies, err, want)
			}
		})
	}
}

// Values that can be no request and do not tell where they end are taken as
// the original takes them, by the piece, and the connection goes on.
func TestValuesThatAreNoRequest(t *testing.T) { // 4.6, D34
	d := open(t, doorConfig(t), &services{})
	c := d.tls(t)
	for _, value := range []string{"5", "-1.5e3", "true", "null", `"Command"`, "[]", `[{"Command": "Reload"}]`, " 7 "} {
		wants(t, value, c.ask(value), `{"Error": "Missing command"}`)
	}
	wants(t, "a request after them", c.ask(has), hasNot)
}

// What is no JSON has one reply, and then the connection ends.
func TestMalformed(t *testing.T) { // 4.6, D21, D36
	const malformed = `{"Error": "Malformed JSON"}`
	d := open(t, doorConfig(t), &services{})
	for name, text := range map[string]string{
		"text":                 "hello",
		"a word":               "nul",
		"HTTP":                 "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"a mark of byte order": "\ufeff" + has,
		"bad UTF-8":            `{"Command": "` + "\xff" + `"}`,
		"cut UTF-8":            `{"Command": "` + "é"[:1] + `"}`,
		"an encoded surrogate": `{"Command": "` + "\xed\xa0\x80" + `"}`,
		"UTF-16":               "{\x00\"\x00}\x00",
		"NaN, D21":             `{"Command": NaN}`,
		"Infinity, D21":        `{"Args": {"params": {"a": -Infinity}}}`,
		"single quotes":        `{'Command': 'Reload'}`,
		"a comma too many":     `{"Command": "Reload",}`,
		"no colon":             `{"Command" "Reload"}`,
		"the wrong bracket":    `{"Command": [}]`,
		"a bracket too many":   `]`,
		"a control character":  "{\"Command\": \"a\nb\"}",
		"a comment":            `{/* */}`,
		"a leading zero":       `{"a": 01}`,
		"NUL":                  "\x00",
		"deep nesting":         `{"Command": "Publish", "Args": ` + strings.Repeat("[", 20000),
		"deep objects":         strings.Repeat(`{"a":`, 12000),
	} {
		t.Run(name, func(t *testing.T) {
			c := d.tls(t)
			c.send(text)
			if got := c.hear(); got != malformed {
				t.Errorf("reply %s, want %s", got, malformed)
			}
			c.ended()
		})
	}
	t.Run("after a good one", func(t *testing.T) {
		c := d.tls(t)
		c.send(has + "hello" + has)
		c.CloseWrite()
		if got, err := io.ReadAll(c); err != nil || string(got) != hasNot+malformed {
			t.Errorf("replies %s, %v, want %s and the end", got, err, hasNot+malformed)
		}
	})
	t.Run("the end in the middle", func(t *testing.T) {
		c := d.tls(t)
		c.send(has[:20])
		c.CloseWrite()
		if got, err := io.ReadAll(c); err != nil || string(got) != malformed {
			t.Errorf("replies %s, %v, want %s", got, err, malformed)
		}
	})
}

// A request may have 64 KiB and no byte more.
func TestRequestSize(t *testing.T) { // D36
	d := open(t, doorConfig(t), &services{})
	const most = 64 << 10
	padded := func(n int) string {
		const head, tail = `{"Command": "Has-service", "Args": {"service": "a"}, "pad": "`, `"}`
		return head + strings.Repeat("x", n-len(head)-len(tail)) + tail
	}
	c := d.tls(t)
	c.send(padded(most) + padded(most) + padded(most+1) + has)
	for i, want := range []string{hasNot, hasNot, `{"Error": "Request too large"}`} {
		if got := c.hear(); got != want {
			t.Errorf("reply %d is %s, want %s", i, got, want)
		}
	}
	c.ended()

	c = d.tls(t)
	c.send(strings.Repeat(" ", most+1))
	if got, want := c.hear(), `{"Error": "Request too large"}`; got != want {
		t.Errorf("endless blanks are answered by %s, want %s", got, want)
	}
	c.ended()
}

// CloseWrite ends what the client sends.
func (c program) CloseWrite() {
	c.Helper()
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		c.Fatalf("%T cannot end half", c.Conn)
	}
	if err := half.CloseWrite(); err != nil {
		c.Fatal(err)
	}
}

// What is no TLS is not answered, and hurts nobody.
func TestNoTLS(t *testing.T) {
	d := open(t, doorConfig(t), &services{})
	conn, err := net.Dial("tcp", d.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, has)
	if got, _ := io.ReadAll(conn); strings.Contains(string(got), "OK") {
		t.Errorf("a request without TLS is answered by %q", got)
	}
	wants(t, "the next one", d.tls(t).ask(has), hasNot)
}
