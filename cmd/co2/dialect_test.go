package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// strictPython starts strict_satellite.py.
func strictPython(t *testing.T, r *server, dialect ...string) *server {
	t.Helper()
	args := append([]string{clients + "strict_satellite.py", r.url}, dialect...)
	s := &server{process: startWith(t, cleanEnv(t), needPython(t), args...)}
	s.hostID = strings.TrimPrefix(s.printed("registered as"), "registered as ")
	return s
}

// Python's server as it comes faults on a nil, an i8 and a date in extended
// form, each by itself; with its dialect it takes all three at once.
func TestPythonNeedsADialect(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	plain, spoken := strictPython(t, relay), strictPython(t, relay, "python")
	for i, m := range []struct{ data, fault, printed string }{
		{`{"nil":null}`, "cannot marshal None", "{}"},
		{`{"i8":{"$i8":"5000000000"}}`, "exceeds XML-RPC limits", "{'i8': '5000000000'}"},
		{`{"date":{"$dateTime":"1998-07-17T16:08:55.5+02:00"}}`, "does not match format", "{'date': datetime.datetime(1998, 7, 17, 14, 8, 55)}"},
		{`{"nil":null,"list":[null,{"$i8":"7"}],"date":{"$dateTime":"1998-07-17T14:08:55Z"},"text":"é€"}`, "",
			`{'list': ['', '7'], 'date': datetime.datetime(1998, 7, 17, 14, 8, 55), 'text': '\xe9\u20ac'}`},
	} {
		run(t, "send", "--relay", relay.url, "--data", m.data).ok(t)
		if got := spoken.printed("{"); got != m.printed {
			t.Errorf("%s came to python as %s, want %s", m.data, got, m.printed)
		}
		var p structure
		for hostID, fails := range map[string]int64{plain.hostID: int64(i + 1), spoken.hostID: 0} {
			eventually(t, fmt.Sprintf("%s answered message %d", hostID, i+1), func() bool {
				p = must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": hostID})
				return p["recv_count"] == int64(i+1)
			})
			if p["recv_fails"] != fails || fails > 0 && !strings.Contains(fmt.Sprint(p["last_error"]), m.fault) {
				t.Errorf("%s in dialect %q, after %s: recv_fails %v, last_error %q; want %d, %q", hostID, p["dialect"], m.data, p["recv_fails"], p["last_error"], fails, m.fault)
			}
		}
	}
	run(t, "send", "--relay", relay.url, "still=fine").ok(t)
	plain.printed("{'still': 'fine'}")
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
