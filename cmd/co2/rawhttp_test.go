package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// postFrom calls with a document written by hand, from a loopback address of
// choice, and returns the answer's document.
func postFrom(t *testing.T, from string, s *server, document string) string {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	client := http.Client{Transport: &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Post(s.url+"/RPC2", "text/xml", strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("HTTP %d: %s", resp.StatusCode, body)
	}
	return string(body)
}

func post(t *testing.T, s *server, document string) string {
	t.Helper()
	return postFrom(t, "127.0.0.1", s, document)
}

// document writes a call by hand; params are <value>s.
func document(method string, params ...string) string {
	var b strings.Builder
	b.WriteString("<methodCall><methodName>" + method + "</methodName><params>")
	for _, p := range params {
		b.WriteString("<param>" + p + "</param>")
	}
	return b.String() + "</params></methodCall>"
}

// members writes a <value> with a struct of name, value pairs.
func members(pairs ...string) string {
	var b strings.Builder
	b.WriteString("<value><struct>")
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString("<member><name>" + pairs[i] + "</name>" + pairs[i+1] + "</member>")
	}
	return b.String() + "</struct></value>"
}

func text(s string) string   { return "<value><string>" + s + "</string></value>" }
func number(n int) string    { return "<value><int>" + strconv.Itoa(n) + "</int></value>" }
func hostID(s string) string { return members("host_id", text(s)) }

var (
	faultForm  = regexp.MustCompile(`^<\?xml version="1.0" encoding="UTF-8"\?>\s*<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>(-?\d+)</int></value></member><member><name>faultString</name><value><string>([^<]*)</string></value></member></struct></value></fault></methodResponse>\s*$`)
	resultForm = regexp.MustCompile(`(?s)^<\?xml version="1.0" encoding="UTF-8"\?>\s*<methodResponse><params><param>(<value>.*</value>)</param></params></methodResponse>\s*$`)
)

// fault reads an answer that has to be a fault.
func fault(t *testing.T, answer string) (code int, text string) {
	t.Helper()
	m := faultForm.FindStringSubmatch(answer)
	if m == nil {
		t.Fatalf("answer %q, want a fault", answer)
	}
	code, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return code, strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(m[2])
}

// value reads an answer that has to be a result.
func value(t *testing.T, answer string) string {
	t.Helper()
	m := resultForm.FindStringSubmatch(answer)
	if m == nil {
		t.Fatalf("answer %q, want a result", answer)
	}
	return m[1]
}

// An ear is a satellite of the test: it keeps each notify as it came.
type ear struct {
	port     int
	hostID   string
	notified chan string // documents
	hold     chan struct{}
}

// listen starts an ear on a free port. With hold it does not answer notify
// until the channel is closed.
func listen(t *testing.T, hold chan struct{}) *ear {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &ear{port: ln.Addr().(*net.TCPAddr).Port, notified: make(chan string, 1000), hold: hold}
	hs := &http.Server{Handler: e}
	var serving = make(chan struct{})
	go func() {
		defer close(serving)
		hs.Serve(ln)
	}()
	t.Cleanup(func() {
		hs.Close()
		<-serving
	})
	return e
}

func (e *ear) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if strings.Contains(string(body), "<methodName>notify</methodName>") {
		if e.hold != nil {
			select {
			case <-e.hold:
			case <-r.Context().Done():
			}
		}
		e.notified <- string(body)
	}
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprint(w, `<?xml version="1.0"?><methodResponse><params><param><value><string>OK</string></value></param></params></methodResponse>`)
}

// register registers e with the relay, by hand.
func (e *ear) register(t *testing.T, r *server, more ...string) *ear {
	t.Helper()
	answer := value(t, post(t, r, document("relay.register", members(append([]string{"port", number(e.port)}, more...)...))))
	e.hostID = strings.TrimSuffix(strings.TrimPrefix(answer, "<value><string>"), "</string></value>")
	return e
}

// send sends data as e and wants 'OK'.
func (e *ear) send(t *testing.T, r *server, data string) {
	t.Helper()
	if got := value(t, post(t, r, document("relay.relay", members("host_id", text(e.hostID), "data", data)))); got != text("OK") {
		t.Fatalf("relay.relay answered %s", got)
	}
}

var notifyForm = regexp.MustCompile(`(?s)<methodName>notify</methodName><params><param><value><struct><member><name>host_id</name><value><string>([^<]*)</string></value></member><member><name>data</name>(<value>.*?</value>)</member>(?:<member><name>notify_pass</name><value><string>([^<]*)</string></value></member>)?</struct></value></param></params></methodCall>\s*$`)

// A heard is one notify as it came.
type heard struct{ sender, data, pass string }

func (e *ear) hears(t *testing.T) heard {
	t.Helper()
	select {
	case doc := <-e.notified:
		m := notifyForm.FindStringSubmatch(doc)
		if m == nil {
			t.Fatalf("notify came as %q", doc)
		}
		return heard{m[1], m[2], m[3]}
	case <-time.After(patience):
		t.Fatal("no notify came")
	}
	return heard{}
}
