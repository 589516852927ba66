package satellite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"co2/methods/wire"
	"co2/satellite"
)

func answered(value string) string {
	return `<?xml version="1.0"?><methodResponse><params><param>` + value + `</param></params></methodResponse>`
}

func refused(code, text string) string {
	return `<methodResponse><fault><value><struct><member><name>faultCode</name><value>` + code +
		`</value></member><member><name>faultString</name><value><string>` + text + `</string></value></member></struct></value></fault></methodResponse>`
}

// TestControlSurvivesHostileAnswers asks a server that answers anything: each
// answer costs little, is told as an error, and leaves the client working.
func TestControlSurvivesHostileAnswers(t *testing.T) {
	var answer atomic.Value
	answer.Store(http.HandlerFunc(nil))
	strayed := new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/RPC2" {
			strayed.Add(1)
		}
		answer.Load().(http.HandlerFunc)(w, r)
	}))
	defer server.Close()
	control, err := satellite.NewControl(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	body := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			io.WriteString(w, s)
		}
	}
	status := func(code int, s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			io.WriteString(w, s)
		}
	}
	deep := strings.Repeat("<value><array><data>", 20_000) + strings.Repeat("</data></array></value>", 20_000)
	for name, handler := range map[string]http.HandlerFunc{
		"nothing":        body(""),
		"text":           body("hello"),
		"page":           body("<!DOCTYPE html><html><body><p>Welcome</body></html>"),
		"page and error": status(http.StatusBadGateway, "<html>bad gateway</html>"),
		"another type":   body(answered("<value><int>7</int></value>")),
		"array of ints":  body(answered("<value><array><data><value><int>7</int></value></data></array></value>")),
		"struct":         body(answered("<value><struct></struct></value>")),
		"deep":           body(answered(deep)),
		"huge":           body(answered("<value><string>" + strings.Repeat("x", 4<<20) + "</string></value>")),
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			chunk := []byte(strings.Repeat(" ", 64<<10))
			for range 10_000 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		},
		"cut":         body(answered("<value><array><data>")[:80]),
		"two results": body(strings.Replace(answered("<value/>"), "</params>", "<param><value/></param></params>", 1)),
		"entity":      body(`<!DOCTYPE x [<!ENTITY e "x">]>` + answered("<value><string>&e;</string></value>")),
		"closed":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"not found":   status(http.StatusNotFound, ""),
		"fault inside text": body(answered(
			"<value><string>&lt;fault&gt;&lt;value&gt;&lt;/value&gt;&lt;/fault&gt;</string></value>")),
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, server.URL+"/elsewhere", http.StatusTemporaryRedirect)
		},
	} {
		answer.Store(handler)
		began := time.Now()
		ids, err := control.Satellites(t.Context())
		if err == nil || len(ids) != 0 {
			t.Errorf("%s: Satellites() = %.60q, %v, want an error", name, ids, err)
		} else if len(err.Error()) > 1000 || !strings.Contains(err.Error(), "relay.get_satellites") {
			t.Errorf("%s: error %.200q, want a short one that names the method", name, err)
		}
		if _, fault := errors.AsType[*wire.Fault](err); fault {
			t.Errorf("%s: %v, want no fault: the server told none", name, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		answer.Store(body(answered("<value><array><data><value>a:1</value></data></array></value>")))
		if ids, err := control.Satellites(t.Context()); err != nil || len(ids) != 1 || ids[0] != "a:1" {
			t.Errorf("after %s: Satellites() = %q, %v", name, ids, err)
		}
	}
	if strayed.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func TestControlReadsFaults(t *testing.T) {
	for doc, want := range map[string]wire.Fault{
		refused("<int>1</int>", "exceptions.KeyError:no"):         {Code: 1, String: "exceptions.KeyError:no"},
		refused("<i4>-32601</i4>", "&lt;b&gt; Fault(4): &amp;"):   {Code: -32601, String: "<b> Fault(4): &"},
		refused("<int>1</int>", "<![CDATA[</fault>]]>")[0:]:       {Code: 1, String: "</fault>"},
		refused("<string>12</string>", "some Perl servers do so"): {Code: 12, String: "some Perl servers do so"},
	} {
		control := controlOf(t, doc)
		err := control.Ping(t.Context())
		if f, ok := errors.AsType[*wire.Fault](err); !ok || *f != want {
			t.Errorf("%s gives %v, want fault %+v", doc, err, want)
		}
	}
}

// TestControlIsGenerous takes what old servers answer.
// What a server can do is asked in the ways that servers have for it.
func TestMethodNamesOfForeignServers(t *testing.T) {
	for _, tt := range []struct {
		known   map[string]string // answers by method; to all others it is a fault
		unknown string            // that fault
		names   string            // the only name; or a part of the error
		help    string
	}{
		{map[string]string{"sys.listMethods": "a", "sys.methodHelp": "A", "system.listMethods": "no"}, refused("-32601", "no"), "a", "A"},
		{map[string]string{"system.listMethods": "b", "system.methodHelp": "B"}, refused("1", "not supported"), "b", "B"},
		{map[string]string{"co2.get_method_names": "c", "co2.get_method_help": "C"}, refused("-32601", "none"), "c", "C"},
		{nil, refused("-32601", "no such method"), "no such method", "no such method"},
		{map[string]string{"system.methodHelp": ""}, refused("-32601", "no such method"), "no such method", ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			doc, _ := io.ReadAll(r.Body)
			call, err := wire.ParseCall(doc, "", wire.Limits{})
			if err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", "text/xml")
			answer, ok := tt.known[call.Method]
			switch value := "<value><string>" + answer + "</string></value>"; {
			case !ok:
				io.WriteString(w, tt.unknown)
			case strings.Contains(strings.ToLower(call.Method), "help"):
				io.WriteString(w, answered(value))
			default:
				io.WriteString(w, answered("<value><array><data>"+value+"</data></array></value>"))
			}
		}))
		control, err := satellite.NewControl(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		names, err := control.MethodNames(t.Context())
		if got := fmt.Sprint(names, err); !strings.Contains(got, tt.names) || (err == nil) != (len(tt.names) == 1) {
			t.Errorf("MethodNames of a server with %v = %s, want %s", tt.known, got, tt.names)
		}
		help, err := control.MethodHelp(t.Context(), "x")
		if got := fmt.Sprint(help, err); !strings.Contains(got, tt.help) || (err == nil) != (len(tt.help) <= 1) {
			t.Errorf("MethodHelp of a server with %v = %s, want %s", tt.known, got, tt.help)
		}
		server.Close()
	}
}

func TestControlIsGenerous(t *testing.T) {
	for _, value := range []string{"<value>pong</value>", "<value><int>1</int></value>", "<value><nil/></value>", "<value><struct/></value>"} {
		if err := controlOf(t, answered(value)).Ping(t.Context()); err != nil {
			t.Errorf("Ping() with answer %s = %v", value, err)
		}
	}
	if err := controlOf(t, "<methodResponse><params/></methodResponse>").Ping(t.Context()); err != nil {
		t.Errorf("Ping() with an empty answer = %v", err)
	}
	if at, err := controlOf(t, answered("<value><int>1066305600</int></value>")).Ctime(t.Context(), "a:1"); err != nil || at != 1066305600 {
		t.Errorf("Ctime() = %v, %v", at, err)
	}
	p, err := controlOf(t, answered(`<value><struct>
		<member><name>host_id</name><value>a:1</value></member>
		<member><name>ctime</name><value><dateTime.iso8601>20031016T12:00:00</dateTime.iso8601></value></member>
		<member><name>ping_current</name><value><int>-1</int></value></member>
		<member><name>ping_avg</name><value><double>1.5</double></value></member>
		<member><name>last_error</name><value><string></string></value></member>
		<member><name>state</name><value><nil/></value></member>
		<member><name>unknown</name><value><array><data><value><nil/></value></data></array></value></member>
	</struct></value>`)).Props(t.Context(), "a:1")
	if err != nil || p.HostID != "a:1" || !p.Ctime.Equal(time.Date(2003, 10, 16, 12, 0, 0, 0, time.UTC)) || p.PingCurrent != -1 || p.PingAvg != 1.5 || p.Nick != "" {
		t.Errorf("Props() = %+v, %v", p, err)
	}
}

// controlOf returns a Control of a server that always gives one answer.
func controlOf(t *testing.T, doc string) *satellite.Control {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(w, doc)
	}))
	t.Cleanup(server.Close)
	control, err := satellite.NewControl(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return control
}

func TestControlEndsWithItsContext(t *testing.T) {
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	control, err := satellite.NewControl(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := control.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Ping() = %v, want the end of its context", err)
	}
}

func TestNewControl(t *testing.T) {
	for raw, want := range map[string]string{
		"http://127.0.0.1:2003":       "http://127.0.0.1:2003/RPC2",
		"http://127.0.0.1:2003/":      "http://127.0.0.1:2003/RPC2",
		"http://127.0.0.1:2003/other": "http://127.0.0.1:2003/other",
		"http://[::1]:2003":           "http://[::1]:2003/RPC2",
		"https://relay.example":       "https://relay.example/RPC2",
	} {
		if c, err := satellite.NewControl(raw); err != nil || c.URL() != want {
			t.Errorf("NewControl(%q) = %v, %v, want %s", raw, c, err, want)
		}
	}
	for _, raw := range []string{"", "127.0.0.1:2003", "relay", "ftp://x", "http://", "http://:2003", "http://u@x", "http://x:port", "://"} {
		if c, err := satellite.NewControl(raw); err == nil {
			t.Errorf("NewControl(%q) = %s, want an error", raw, c.URL())
		}
		if _, err := satellite.New(satellite.Config{Relay: raw}); err == nil {
			t.Errorf("New with the relay %q gives no error", raw)
		}
	}
}
