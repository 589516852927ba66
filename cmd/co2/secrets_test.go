package main_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestNoSecretIsWrittenDown plants passwords and payloads in calls that work
// and calls that do not, with everything that can be written switched on, and
// looks for them in both logs, on all pages and in the metrics.
func TestNoSecretIsWrittenDown(t *testing.T) {
	t.Parallel()
	const pass, payload = "PLANTED-PASS-7431", "PAYLOAD-PLANTED-9917"
	file := filepath.Join(t.TempDir(), "access.log")
	relay := startRelay(t, "--verbose", "--log-format", "json", "--access-log", file, "--metrics-per-satellite")
	sender := listen(t, nil).register(t, relay, "notify_pass", text(pass), "nick", text("sender"))
	receiver := listen(t, nil).register(t, relay, "notify_pass", text(pass))
	repeats := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // the message and the password it was called with, in a fault
		body, err := io.ReadAll(r.Body)
		if err != nil || strings.Contains(string(body), "<methodName>ping<") {
			body = nil
		}
		told := "I wanted no " + strings.Join(regexp.MustCompile("[A-Z]+-[A-Z]+-[0-9]+").FindAllString(string(body), -1), ", ")
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprintf(w, `<?xml version="1.0"?><methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member><member><name>faultString</name><value><string>%s</string></value></member></struct></value></fault></methodResponse>`, html.EscapeString(told))
	}))
	t.Cleanup(repeats.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(repeats.URL, "http://"), ":")
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	post(t, relay, document("relay.register", members("port", number(n), "notify_pass", text(pass))))
	for range 8 { // until its breaker opens
		sender.send(t, relay, text(payload))
	}
	if got := receiver.hears(t); got.pass != pass || !strings.Contains(got.data, payload) {
		t.Fatalf("the receiver heard %+v", got)
	}
	for _, call := range []string{
		document("relay.register", members("port", text(pass), "notify_pass", text(pass))),
		document("relay.register", members("port", number(1), "notify_pass", members(pass, text(pass)))),
		document("relay.register", members("port", number(1), "nick", members(pass, text(pass)), "notify_pass", text(pass))),
		document("relay.register", text(pass)),
		document("relay.relay", members("host_id", text("192.0.2.7:1"), "data", text(payload))),
		document("relay.relay", members("host_id", text(sender.hostID), "data", text(payload), "ttl", text(payload))),
		document("relay.relay", members("host_id", text(sender.hostID), "data", "<value><int>"+payload+"</int></value>")),
		document("relay.relay", members("host_id", text(sender.hostID), "data", "<value><"+payload+"/></value>")),
		document("relay.relay", members("host_id", text(sender.hostID), "data", text(payload)))[:200] + payload,
		document("notify", members("data", text(payload), "notify_pass", text(pass))),
		document("system.multicall", "<value><array><data>"+members("methodName", text("relay.relay"), "params", text(payload))+"</data></array></value>"),
	} {
		post(t, relay, call)
	}
	eventually(t, "the breaker opens", func() bool { return strings.Contains(relay.err.String(), `"DLV-OPEN"`) })
	readPage(t, relay.url+"/methods?secret="+pass)
	for _, path := range []string{
		"/", "/satellites", "/satellites/" + receiver.hostID, "/satellites/127.0.0.1:" + port, "/messages", "/events", "/discovery", "/methods", "/metrics", "/healthz", "/readyz",
	} {
		status, body := readPage(t, relay.url+path)
		if status != 200 || strings.Contains(body, pass) || strings.Contains(body, payload) {
			t.Errorf("%s: status %d, and it tells a secret or a payload: %s", path, status, around(body, "PLANTED"))
		}
	}
	if props := must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": "127.0.0.1:" + port}); !strings.HasSuffix(props["last_error"].(string), "fault 1: I wanted no [message], [notify_pass]") {
		t.Errorf("last_error is %q, want what was said without what is nobody's business", props["last_error"])
	}
	relay.stop()
	access, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, log := range map[string]string{"the event log": relay.err.String(), "the access log": string(access)} {
		if log == "" || strings.Contains(log, pass) || strings.Contains(log, payload) {
			t.Errorf("%s is empty or tells a secret or a payload: %s", name, around(log, "PLANTED"))
		}
		for line := range strings.Lines(log) {
			var l map[string]any
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Errorf("%s: %v in %q", name, err, line)
			}
		}
	}
	if !strings.Contains(string(access), `"call":"relay.relay"`) || !strings.Contains(string(access), `"path":"/methods"`) {
		t.Errorf("the access log is %s", access)
	}
}

// around is the text near the first part.
func around(body, part string) string {
	i := strings.Index(body, part)
	if i < 0 {
		return ""
	}
	return body[max(0, i-200):min(len(body), i+100)]
}

// TestAccessLogIsOpenedAgain moves it away as logrotate does.
func TestAccessLogIsOpenedAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "access.log")
	relay := startRelay(t, "--access-log", file)
	holds := func(path, part string) func() bool {
		return func() bool {
			log, err := os.ReadFile(path)
			return err == nil && strings.Contains(string(log), part)
		}
	}
	post(t, relay, document("before.it"))
	eventually(t, "the first file has a line", holds(file, "before.it"))
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	relay.signal(syscall.SIGHUP)
	relay.said("LOG-REOPEN")
	post(t, relay, document("after.it"))
	eventually(t, "the new file has a line", holds(file, "after.it"))
	if holds(file+".1", "after.it")() || holds(file, "before.it")() {
		t.Error("a line is in the wrong file")
	}
}

func TestAccessLogThatCannotBe(t *testing.T) {
	t.Parallel()
	run(t, "serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", t.TempDir(), "--access-log", t.TempDir()).wants(t, 1, "--access-log FILE")
	run(t, "serve", "--log-format", "xml").wants(t, 2, "text, json or auto")
}
