package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A strictPeer is a satellite in another language that cannot read everything.
type strictPeer struct {
	name    string            // its preset
	program []string          // with the script
	probe   string            // a program that ends well where the peer is installed
	printed string            // what it makes of hardMessage in its dialect
	after   string            // and of {still: fine}
	faults  map[string]string // what it faults with for want of a word
}

// hardMessage holds what each word of a dialect is for.
var hardMessage = members("date", "<value><dateTime.iso8601>1998-07-17T16:08:55.5+02:00</dateTime.iso8601></value>",
	"i8", "<value><i8>5000000000</i8></value>", "list", "<value><array><data><value><nil/></value><value><double>-1e3</double></value></data></array></value>",
	"nil", "<value><nil/></value>", "number", "<value><int>+010</int></value>", "text", text("é€ &lt;"))

var strictPeers = []strictPeer{{
	name: "python", program: []string{"python3", clients + "strict_satellite.py"}, probe: "import xmlrpc.server",
	printed: `{'date': datetime.datetime(1998, 7, 17, 14, 8, 55), 'i8': '5000000000', 'list': ['', -1000.0], 'number': 10, 'text': '\xe9\u20ac <'}`,
	after:   "{'still': 'fine'}",
	faults:  map[string]string{"nil-omit": "cannot marshal None", "i8-string": "exceeds XML-RPC limits", "date-basic": "does not match format"},
}, {
	name: "tcl", program: []string{"tclsh", clients + "strict_satellite.tcl"}, probe: "if {[catch {package require xmlrpc}]} {exit 1}",
	printed: `{date 19980717T14:08:55} {i8 5000000000} {list {{} -1000.0}} {number 10} {text {&#233;&#8364; &lt;}}`,
	after:   "{still fine}",
}, {
	name: "frontier", program: []string{"perl", clients + "strict_satellite.pl"}, probe: "use Frontier::Daemon;",
	printed: `{date: 1998-07-17T16:08:55.5+02:00, i8: '5000000000', list: ['', '-1e3'], number: '+010', text: 'é€ <'}`,
	after:   "{still: 'fine'}",
}}

// start starts a satellite of this kind in a dialect.
func (p strictPeer) start(t *testing.T, relay *server, dialect string) *server {
	t.Helper()
	env := cleanEnv(t, "LC_ALL=C.UTF-8")
	s := &server{process: startWith(t, env, p.program[0], p.program[1], relay.url, dialect)}
	s.hostID = strings.TrimPrefix(s.printed("registered as"), "registered as ")
	return s
}

// Peers that cannot read everything take a message that holds all there is in
// the dialect of their name; without it, or without any one word of it, they
// do not.
func TestPeersNeedTheirDialects(t *testing.T) {
	t.Parallel()
	for _, p := range strictPeers {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.need(t)
			relay := startRelay(t)
			sender := listen(t, nil).register(t, relay)
			fluent := p.start(t, relay, p.name)
			shown := must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": fluent.hostID})
			words := strings.Fields(shown["dialect"].(string))
			strict := map[string]*server{"all": p.start(t, relay, "")}
			for i, word := range words {
				strict[word] = p.start(t, relay, strings.Join(slices.Delete(slices.Clone(words), i, i+1), " "))
			}
			sender.send(t, relay, hardMessage)
			fluent.prints(t, "notify "+p.printed)
			for word, s := range strict {
				s.wantFails(t, relay, 1, 1, p.faults[word])
			}
			sender.send(t, relay, members("still", text("fine")))
			fluent.prints(t, "notify "+p.after)
			fluent.wantFails(t, relay, 2, 0, "")
			for _, s := range strict {
				s.wantFails(t, relay, 2, 1, "")
			}
		})
	}
}

// need skips the test where the peer is not installed, but never in CI.
func (p strictPeer) need(t *testing.T) {
	t.Helper()
	cmd := exec.Command(p.program[0])
	cmd.Stdin = strings.NewReader(p.probe)
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is needed in CI: %v\n%s", p.name, err, out)
	default:
		t.Skipf("no %s here: %v", p.name, err)
	}
}

// prints wants the next line of a message to be want.
func (s *server) prints(t *testing.T, want string) {
	t.Helper()
	if got := s.printed("notify "); got != want {
		t.Errorf("it printed %s\nwant %s", got, want)
	}
}

// wantFails waits until s was called so often and wants so many calls to have
// failed, the latest with a text that holds why.
func (s *server) wantFails(t *testing.T, relay *server, calls, fails int64, why string) {
	t.Helper()
	var p structure
	eventually(t, fmt.Sprintf("%s got %d calls", s.name, calls), func() bool {
		p = must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": s.hostID})
		return p["recv_count"] == calls
	})
	if p["recv_fails"] != fails || !strings.Contains(p["last_error"].(string), why) {
		t.Errorf("in dialect %q: recv_fails %v, last_error %q; want %d, %q", p["dialect"], p["recv_fails"], p["last_error"], fails, why)
	}
}

// The words are told alike wherever they are told, and those of peers stand
// for what the reference says.
func TestDialectWordsAreTold(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	refusal := run(t, "satellite", "--dialect", "?").err
	_, list, _ := strings.Cut(strings.ReplaceAll(refusal, ";", "\n"), "want words of ")
	list, _, _ = strings.Cut(list, "\n")
	words := strings.Split(list, ", ")
	if len(words) < 10 {
		t.Fatalf("words %q in %q, want ten or more", words, refusal)
	}
	page, err := os.ReadFile("../../docs/reference/dialects.md")
	if err != nil {
		t.Fatal(err)
	}
	for where, told := range map[string]string{
		"--help":                run(t, "satellite", "--help").ok(t).out,
		"help of the method":    run(t, "methods", "relay.register", "--url", relay.url).ok(t).out,
		"reference, backquoted": string(page),
	} {
		for _, word := range words {
			if strings.HasSuffix(where, "backquoted") {
				word = "| `" + word + "` |"
			}
			if !strings.Contains(told, word) {
				t.Errorf("%s does not tell of %s", where, word)
			}
		}
	}
	e := listen(t, nil)
	for _, p := range strictPeers {
		e.register(t, relay, "dialect", text(p.name))
		if row := fmt.Sprintf("\n| `%s` | `%s` | ", p.name, props(t, relay, e)["dialect"]); !strings.Contains(string(page), row) {
			t.Errorf("the reference has no row that begins %q", row)
		}
	}
}

// A caught request is one as it came from the socket.
type caught struct{ head, body string }

// catch listens on a bare socket, answers every call, and hands on each
// notify as it came.
func catch(t *testing.T) (port int, notified chan caught) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	notified = make(chan caught, 10)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { answerAll(t.Context(), conn, notified) })
		}
	})
	t.Cleanup(func() { ln.Close(); conns.Wait() })
	return ln.Addr().(*net.TCPAddr).Port, notified
}

func answerAll(ctx context.Context, conn net.Conn, notified chan caught) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	const ok = `<?xml version="1.0"?><methodResponse><params><param><value><string>OK</string></value></param></params></methodResponse>`
	var raw bytes.Buffer
	in := bufio.NewReader(io.TeeReader(conn, &raw))
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return
		}
		head, body, _ := strings.Cut(raw.String(), "\r\n\r\n")
		raw.Reset()
		if strings.Contains(body, "<methodName>notify</methodName>") {
			notified <- caught{head, body}
		}
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(ok), ok)
	}
}

// The octets on the wire in another encoding, and what the HTTP head says of
// them.
func TestEncodingsOnTheWire(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	sender := listen(t, nil).register(t, relay)
	start := "<methodCall><methodName>notify</methodName><params><param><value><struct><member><name>host_id</name><value><string>" + sender.hostID +
		"</string></value></member><member><name>data</name><value><struct><member><name>"
	const end = "</string></value></member></struct></value></param></params></methodCall>\n"
	for _, tt := range []struct{ dialect, charset, body string }{
		{"", "utf-8", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + start +
			"größe €</name><value><string>é\u0080 😀 &lt;</string></value></member><member><name>nil</name><value><nil/></value></member></struct></value></member><member><name>notify_pass</name><value><string>ß€" + end},
		{"latin1 nil-empty", "iso-8859-1", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n" + start +
			"gr\xF6\xDFe &#8364;</name><value><string>\xE9&#128; &#128512; &lt;</string></value></member><member><name>nil</name><value><string></string></value></member></struct></value></member><member><name>notify_pass</name><value><string>\xDF&#8364;" + end},
		{"ascii nil-omit", "us-ascii", "<?xml version=\"1.0\" encoding=\"US-ASCII\"?>\n" + start +
			"gr&#246;&#223;e &#8364;</name><value><string>&#233;&#128; &#128512; &lt;</string></value></member></struct></value></member><member><name>notify_pass</name><value><string>&#223;&#8364;" + end},
	} {
		port, notified := catch(t)
		value(t, post(t, relay, document("relay.register", members("port", number(port), "notify_pass", text("ß€"), "dialect", text(tt.dialect)))))
		sender.send(t, relay, members("größe €", text("é\u0080 😀 &lt;"), "nil", "<value><nil/></value>"))
		select {
		case got := <-notified:
			if got.body != tt.body {
				t.Errorf("in dialect %q came %q\nwant %q", tt.dialect, got.body, tt.body)
			}
			for _, line := range []string{"Content-Type: text/xml; charset=" + tt.charset, fmt.Sprintf("Content-Length: %d", len(tt.body))} {
				if !strings.Contains(got.head+"\r\n", "\r\n"+line+"\r\n") {
					t.Errorf("in dialect %q the head is %q, want %s in it", tt.dialect, got.head, line)
				}
			}
		case <-time.After(patience):
			t.Fatalf("no notify came in dialect %q", tt.dialect)
		}
	}
}

// A Go satellite may ask for a dialect too; the relay shows it and remembers.
func TestSatelliteWithDialect(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	bob := startSatellite(t, relay, "--nick", "bob", "--dialect", "number-plain,frontier latin1")
	const words = "nil-omit i8-string number-plain latin1"
	for range 2 {
		run(t, "send", "--relay", relay.url, "--data", `{"é€":[1,{"$i8":"7"},null,"ÿ"],"gone":null}`).ok(t)
		wantMessage(t, "", `{"é€":[1,"7","","ÿ"]}`, bob)
		if shown := run(t, "satellites", "--relay", relay.url, "--json").ok(t).out; !strings.Contains(shown, `"dialect":"`+words+`"`) {
			t.Errorf("co2 satellites shows %s, want dialect %s", shown, words)
		}
		relay.kill()
		relay.restart(t)
	}
	run(t, "satellite", "--dialect", "latin2").wants(t, 2, `got "latin2", want words of nil-omit, `)
	runWith(t, cleanEnv(t, "CO2_DIALECT=latin1 ascii"), "", "satellite").wants(t, 2, "got latin1 and ascii, want one of them")
}
