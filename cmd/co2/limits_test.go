package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

func TestWrongLimits(t *testing.T) {
	for _, tt := range []struct {
		args []string
		said string
	}{
		{[]string{"--max-body", "65MiB"}, "--max-body is at most 64MiB"},
		{[]string{"--max-body", "64MiB", "--max-body-memory", "10MiB"}, "must hold one --max-body (64MiB)"},
		{[]string{"--max-body", "lots"}, `"lots" is no size such as 1000, 64KiB or 8MiB`},
		{[]string{"--max-body=-1"}, "is no size"},
		{[]string{"--max-depth", "513"}, "--max-depth is at most 512"},
		{[]string{"--max-params", "0"}, "--max-params is at least 1"},
		{[]string{"--max-conns=-1"}, "--max-conns is at least 1"},
		{[]string{"--idle-timeout", "0s"}, "--idle-timeout is more than 0"},
		{[]string{"--call-timeout=-1s"}, "--call-timeout is more than 0"},
		{[]string{"--origin", "panel.example"}, "scheme://host"},
		{[]string{"--origin", "https://panel.example/"}, "scheme://host"},
	} {
		run(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", t.TempDir()}, tt.args...)...).wants(t, 2, tt.said)
	}
}

// The reference names every limit, with the default that the help tells.
func TestLimitsReference(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	help := run(t, "serve", "--help").ok(t).out
	limits := regexp.MustCompile(`(?s)(--(?:max-[a-z-]+|[a-z]+-timeout)) [A-Z]+\s[^\[]*\[default: ([^,]+), env`).FindAllStringSubmatch(help, -1)
	if len(limits) < 17 {
		t.Fatalf("the help tells of %d limits, want all", len(limits))
	}
	for _, limit := range limits {
		row := fmt.Sprintf("| `%s` | %s |", limit[1], limit[2])
		if limit[1] != "--max-sats" && !strings.Contains(string(doc), row) {
			t.Errorf("docs/reference/limits.md lacks %q", row)
		}
	}
}

// Every limit of a document and a call acts where its flag says.
func TestLimitFlags(t *testing.T) {
	r := startRelay(t, "--max-body", "4KiB", "--max-body-memory", "8KiB", "--max-depth", "3", "--max-params", "2", "--max-values", "20",
		"--max-name", "5", "--max-multicall", "2", "--max-answer", "1KiB", "--max-fields", "10", "--max-head", "1KiB")
	if want := "limited    a message must fit --max-body 4KiB, whatever --max-data 1MiB allows"; !strings.Contains(r.out.String(), want) {
		t.Errorf("co2 serve printed %q, want %q", &r.out, want)
	}
	nested := func(n int) any {
		var v any = "x"
		for range n {
			v = []any{v}
		}
		return v
	}
	entry := map[string]any{"methodName": "ping", "params": []any{}}
	for _, tt := range []struct {
		name   string
		method string
		good   []any
		bad    []any
	}{
		{"--max-depth", "test", []any{nested(3)}, []any{nested(4)}},
		{"--max-params", "ping", []any{1}, []any{1, 2, 3}},
		{"--max-values", "test", []any{make([]int, 19)}, []any{make([]int, 20)}},
		{"--max-name", "test", []any{map[string]int{"12345": 1}}, []any{map[string]int{"123456": 1}}},
		{"--max-multicall", "system.multicall", nil, []any{[]any{entry, entry, entry}}},
		{"--max-answer", "test", []any{strings.Repeat("x", 500)}, []any{strings.Repeat("x", 1000)}},
	} {
		if tt.good != nil {
			must[any](t, r, tt.method, tt.good...)
		}
		err := r.call(t, nil, tt.method, tt.bad...)
		if fault, ok := err.(*wire.Fault); !ok || fault.Code != wire.LimitExceeded {
			t.Errorf("%s: %v, want fault %d", tt.name, err, wire.LimitExceeded)
		}
	}
	for name, header := range map[string]string{
		"--max-fields": strings.Repeat("X: y\r\n", 10),
		"--max-head":   "X: " + strings.Repeat("y", 1000) + "\r\n",
	} {
		if status := statusOf(t, r, "POST / HTTP/1.1\r\nHost: x\r\n"+header+"\r\n"); status != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s: status %d, want 431", name, status)
		}
	}
	if status := statusOf(t, r, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 4<<10+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("--max-body: status %d, want 413", status)
	}
}

// Time-outs and numbers of connections act where their flags say.
func TestConnectionFlags(t *testing.T) {
	r := startRelay(t, "--head-timeout", "2s", "--body-timeout", "2s") // less, and a busy machine would be too slow to speak
	for name, sent := range map[string]string{
		"--head-timeout": "POST / HTTP/1.1\r\n",
		"--body-timeout": "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 10\r\n\r\n<",
	} {
		if status := statusOf(t, r, sent); status != http.StatusRequestTimeout {
			t.Errorf("%s: status %d, want 408", name, status)
		}
	}
	idle := dialRaw(t, startRelay(t, "--idle-timeout", "70ms"))
	defer idle.Close()
	fmt.Fprint(idle, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if _, err := io.Copy(io.Discard, idle); err != nil {
		t.Errorf("--idle-timeout: %v, want the end of the connection", err)
	}
	long := startRelay(t, "--max-conns-per-address", "2")
	for range 2 {
		c := dialRaw(t, long)
		defer c.Close()
		fmt.Fprint(c, "GET /healthless HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if status := statusOf(t, long, ""); status != http.StatusServiceUnavailable {
		t.Errorf("--max-conns-per-address: status %d, want 503", status)
	}
}

func dialRaw(t *testing.T, r *server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", r.addr())
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(patience))
	return c
}

// statusOf sends text on a connection of its own and returns the status of
// the answer, 0 if it is closed without one.
func statusOf(t *testing.T, r *server, text string) int {
	t.Helper()
	c := dialRaw(t, r)
	defer c.Close()
	fmt.Fprint(c, text)
	var status int
	fmt.Fscanf(c, "HTTP/1.1 %d", &status)
	return status
}
