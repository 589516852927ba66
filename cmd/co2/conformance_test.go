package main_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

// TestConformance goes through the checklist of co2.md section 10 with a real
// relay and, where it applies, a real satellite.
func TestConformance(t *testing.T) {
	t.Run("01_introspection", introspection)
	t.Run("02_synonyms", synonyms)
	t.Run("03_register", register)
	t.Run("04_relay", relayMessages)
	t.Run("05_faults", documentedFaults)
	t.Run("06_max_sats", maxSats)
	t.Run("07_hanging_satellite", hangingSatellite)
	t.Run("08_restart", restarted)
	t.Run("09_notify_pass", notifyPass)
	t.Run("10_test", echo)
	t.Run("11_pages", pages)
	t.Run("12_http_1_0", oldHTTP)
}

// relayAndSatellite are both kinds of server.
func relayAndSatellite(t *testing.T) map[string]*server {
	relay := startRelay(t)
	return map[string]*server{"relay": relay, "satellite": startSatellite(t, relay)}
}

func introspection(t *testing.T) {
	t.Parallel()
	for kind, s := range relayAndSatellite(t) {
		if got := must[string](t, s, "ping"); got != "OK" {
			t.Errorf("%s: ping = %q", kind, got)
		}
		names := must[[]string](t, s, "co2.get_method_names")
		mandatory := []string{"ping", "co2.get_method_names", "co2.get_method_help", "co2.get_method_signature"}
		if kind == "relay" {
			mandatory = append(mandatory, "relay.register", "relay.relay")
		} else {
			mandatory = append(mandatory, "notify")
		}
		for _, name := range mandatory {
			if !slices.Contains(names, name) {
				t.Errorf("%s: %s is not among %q", kind, name, names)
			}
		}
		for _, name := range names {
			if must[string](t, s, "co2.get_method_help", name) == "" {
				t.Errorf("%s: %s has no help", kind, name)
			}
			if sig := must[structure](t, s, "co2.get_method_signature", name); len(sig["args"].([]any)) != 1 {
				t.Errorf("%s: signature of %s is %v", kind, name, sig)
			}
		}
	}
}

func synonyms(t *testing.T) {
	t.Parallel()
	for kind, s := range relayAndSatellite(t) {
		same := func(methods []string, params ...any) {
			t.Helper()
			want := must[any](t, s, methods[0], params...)
			for _, method := range methods[1:] {
				if got := must[any](t, s, method, params...); !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %s = %v, %s = %v", kind, method, got, methods[0], want)
				}
			}
		}
		same([]string{"ping", "web.ping"})
		same([]string{"co2.get_method_names", "sys.listMethods", "system.listMethods", "web.get_method_names", "co2.co2_get_method_names"})
		for _, name := range must[[]string](t, s, "sys.listMethods") {
			same([]string{"co2.get_method_help", "sys.methodHelp", "system.methodHelp", "web.get_method_help"}, name)
			same([]string{"co2.get_method_signature", "sys.methodSignature", "web.get_method_signature"}, name)
		}
		var shapes []structure
		for _, ns := range []string{"co2", "sys", "system", "web"} {
			p := must[structure](t, s, ns+".get_properties")
			for _, moving := range []string{"server_time", "uptime"} {
				delete(p, moving)
			}
			shapes = append(shapes, p)
		}
		for _, p := range shapes[1:] {
			if !reflect.DeepEqual(p, shapes[0]) {
				t.Errorf("%s: properties %v and %v", kind, p, shapes[0])
			}
		}
	}
}

func register(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	before := must[int](t, relay, "co2.get_num_satellites")
	bob := startSatellite(t, relay, "--nick", "bob")
	for _, ns := range []string{"co2", "relay", "web"} {
		if ids := must[[]string](t, relay, ns+".get_satellites"); !slices.Contains(ids, bob.hostID) {
			t.Errorf("%s.get_satellites = %q, without %s", ns, ids, bob.hostID)
		}
		if n := must[int](t, relay, ns+".get_num_satellites"); n != before+1 {
			t.Errorf("%s.get_num_satellites = %d, want %d", ns, n, before+1)
		}
	}
	props := must[map[string]wire.Raw](t, relay, "relay.get_satellite_props", structure{"host_id": bob.hostID})
	for name, kind := range map[string]string{
		"addr": "array", "host_id": "string", "nick": "string", "ctime": "dateTime.iso8601",
		"ping_current": "double", "ping_count": "int", "ping_min": "double", "ping_max": "double", "ping_avg": "double", "ping_fails": "int",
		"send_count": "int", "send_time": "dateTime.iso8601", "recv_count": "int", "recv_time": "dateTime.iso8601",
	} {
		if got := props[name].Type(); got != kind {
			t.Errorf("property %s is a %q, want %s", name, got, kind)
		}
	}
	if _, told := props["notify_pass"]; told {
		t.Error("the properties tell the notify_pass")
	}
	host, port, _ := strings.Cut(bob.hostID, ":")
	if want := "<value><array><data>" + text(host) + "<value><int>" + port + "</int></value></data></array></value>"; props["addr"].String() != want {
		t.Errorf("addr = %s, want %s", props["addr"], want)
	}
	same := must[map[string]wire.Raw](t, relay, "co2.get_satellite", structure{"host_id": bob.hostID})
	if again := must[map[string]wire.Raw](t, relay, "co2.get_satellite_props", structure{"host_id": bob.hostID}); !maps.Equal(same, again) {
		t.Errorf("co2.get_satellite = %v, co2.get_satellite_props = %v", same, again)
	}
}

// relayedAs lists how a value is sent and how it arrives: re-spelled, never
// re-valued, the text of numbers and dates kept.
var relayedAs = []struct{ sent, arrives string }{
	{"<value><int>-42</int></value>", ""},
	{"<value><i4>+007</i4></value>", "<value><int>+007</int></value>"},
	{"<value><i8>9007199254740993</i8></value>", ""},
	{"<value><i8>7</i8></value>", ""},
	{"<value><boolean>1</boolean></value>", ""},
	{"<value><boolean>false</boolean></value>", "<value><boolean>0</boolean></value>"},
	{"<value><double>-0.1500</double></value>", ""},
	{"<value><double>.5</double></value>", ""},
	{"<value><double>1.5E+3</double></value>", ""},
	{"<value><double>-0.0</double></value>", ""},
	{"<value><string></string></value>", ""},
	{"<value/>", "<value><string></string></value>"},
	{"<value> a  b </value>", "<value><string> a  b </string></value>"},
	{"<value><string>&lt;&amp;&gt;&#13;&#x1F600;\n\té€</string></value>", "<value><string>&lt;&amp;&gt;&#13;😀\n\té€</string></value>"},
	{"<value><string>a<![CDATA[<b> & ]]>c<!-- no -->d</string></value>", "<value><string>a&lt;b&gt; &amp; cd</string></value>"},
	{"<value><dateTime.iso8601>19980717T14:08:55</dateTime.iso8601></value>", ""},
	{"<value><dateTime.iso8601>1998-07-17T14:08:55.50+02:00</dateTime.iso8601></value>", ""},
	{"<value><base64>AP/+DQo=</base64></value>", ""},
	{"<value><base64> AP/+\n DQo= </base64></value>", "<value><base64>AP/+DQo=</base64></value>"},
	{"<value><base64/></value>", "<value><base64></base64></value>"},
	{"<value><nil/></value>", ""},
	{"<value><array/></value>", "<value><array><data></data></array></value>"},
	{"<value><array><data><value><int>1</int></value><value><array><data></data></array></value></data></array></value>", ""},
	{"<value><struct/></value>", "<value><struct></struct></value>"},
	{members("&lt;", members("", text("x")), "b", "<value><nil/></value>"), ""},
}

func relayMessages(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--rate", "0")
	hold := make(chan struct{})
	sender := listen(t, nil).register(t, relay, "notify_pass", text("sender's"))
	slow := listen(t, hold).register(t, relay, "notify_pass", text("slow's"))
	bob := startSatellite(t, relay)
	sender.send(t, relay, number(1)) // answers 'OK' while slow holds its notify back
	select {
	case <-slow.notified:
		t.Error("'OK' came after a notify had finished")
	default:
		close(hold)
	}
	if got, want := slow.hears(t), (heard{sender.hostID, number(1), "slow's"}); got != want {
		t.Errorf("notify came with %+v, want %+v", got, want)
	}
	wantMessage(t, sender.hostID, "1", bob)
	for _, c := range relayedAs {
		want := c.arrives
		if want == "" {
			want = c.sent
		}
		sender.send(t, relay, c.sent)
		if got := slow.hears(t); got.data != want {
			t.Errorf("%s arrived as %s, want %s", c.sent, got.data, want)
		}
		var raw wire.Raw
		if err := raw.UnmarshalJSON(bob.message(t).Data); err != nil || raw.Type() == "" {
			t.Errorf("%s reached the satellite as %s: %v", c.sent, raw, err)
		}
	}
	if len(slow.notified)+len(sender.notified) != 0 {
		t.Error("more than one notify came for a message, or one came to its sender")
	}
}

func documentedFaults(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	bob := startSatellite(t, relay)
	for _, c := range []struct{ method, from, id, says string }{
		{"relay.relay", "127.0.0.1", "192.0.2.9:2004", "registry.Co2RegistryError:"},
		{"relay.deregister", "127.0.0.1", "192.0.2.9:2004", "exceptions.KeyError:"},
		{"relay.deregister", "127.0.0.2", bob.hostID, "registry.Co2RegistryError:"},
		{"relay.relay", "127.0.0.2", bob.hostID, "registry.Co2RegistryError:"},
		{"co2.get_satellite_props", "127.0.0.1", "192.0.2.9:2004", "registry.Co2RegistryError:"},
		{"co2.get_satellite_ctime", "127.0.0.1", "192.0.2.9:2004", "registry.Co2RegistryError:"},
	} {
		code, text := fault(t, postFrom(t, c.from, relay, document(c.method, members("host_id", text(c.id), "data", number(1)))))
		if code != 1 || !strings.HasPrefix(text, c.says) || !strings.Contains(text, c.id) {
			t.Errorf("%s of %s from %s = fault %d %q, want 1 %s", c.method, c.id, c.from, code, text, c.says)
		}
	}
}

func maxSats(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--max-sats", "2")
	first := listen(t, nil).register(t, relay)
	listen(t, nil).register(t, relay)
	for _, ns := range []string{"relay", "co2", "web"} {
		if n := must[int](t, relay, ns+".get_max_satellites"); n != 2 {
			t.Errorf("%s.get_max_satellites = %d, want 2", ns, n)
		}
	}
	code, text := fault(t, post(t, relay, document("relay.register", members("port", number(listen(t, nil).port)))))
	if code != 1 || !strings.HasPrefix(text, "registry.Co2RegistryError:") || !strings.Contains(text, "2") {
		t.Errorf("a third register = fault %d %q, want 1 that names the limit", code, text)
	}
	id := first.hostID
	if first.register(t, relay); first.hostID != id {
		t.Errorf("registering again gave %s, before %s", first.hostID, id)
	}
	if n := must[int](t, relay, "relay.get_num_satellites"); n != 2 {
		t.Errorf("%d satellites, want 2", n)
	}
}

func hangingSatellite(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--rate", "0")
	hung := hangs(t)
	value(t, post(t, relay, document("relay.register", members("port", number(hung)))))
	sender := listen(t, nil).register(t, relay)
	bob := startSatellite(t, relay)
	began := time.Now()
	for i := range 20 {
		sender.send(t, relay, number(i))
	}
	for i := range 20 {
		wantMessage(t, sender.hostID, fmt.Sprint(i), bob)
	}
	if took := time.Since(began); took > 4*time.Second { // a call that hangs is given up after 5 s
		t.Errorf("20 messages took %v beside a satellite that hangs", took)
	}
	id := structure{"host_id": fmt.Sprintf("127.0.0.1:%d", hung)}
	eventually(t, "the failure of the hanging satellite is counted", func() bool {
		p := must[structure](t, relay, "relay.get_satellite_props", id)
		return p["ping_fails"].(int64)+p["recv_fails"].(int64) > 0 && p["last_error"] != ""
	})
}

// hangs returns a port where connections are taken and never answered.
func hangs(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() }) // the system accepts, nobody reads
	return ln.Addr().(*net.TCPAddr).Port
}

func restarted(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	bob, e := startSatellite(t, relay), listen(t, nil).register(t, relay, "notify_pass", text("kept"), "nick", text("eve"))
	ids := must[[]string](t, relay, "relay.get_satellites")
	relay.kill()
	relay.restart(t)
	if again := must[[]string](t, relay, "relay.get_satellites"); !slices.Equal(again, ids) {
		t.Errorf("satellites %q, before the kill %q", again, ids)
	}
	sender := listen(t, nil).register(t, relay)
	sender.send(t, relay, number(7))
	wantMessage(t, sender.hostID, "7", bob)
	if got, want := e.hears(t), (heard{sender.hostID, number(7), "kept"}); got != want {
		t.Errorf("after the restart came %+v, want %+v", got, want)
	}
	if p := must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": e.hostID}); p["nick"] != "eve" {
		t.Errorf("nick after the restart is %v", p["nick"])
	}
}

func notifyPass(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	bob := startSatellite(t, relay)
	for _, pass := range []string{"", text("wrong"), number(1)} {
		args := []string{"host_id", text("127.0.0.1:9"), "data", text("forged")}
		if pass != "" {
			args = append(args, "notify_pass", pass)
		}
		if code, says := fault(t, post(t, bob, document("notify", members(args...)))); code != 1 || !strings.HasPrefix(says, "registry.Co2RegistryError:") {
			t.Errorf("notify with pass %s = fault %d %q", pass, code, says)
		}
	}
	one := listen(t, nil).register(t, relay, "notify_pass", text("one's"))
	two := listen(t, nil).register(t, relay, "notify_pass", number(22))
	none := listen(t, nil).register(t, relay)
	sender := listen(t, nil).register(t, relay, "notify_pass", text("sender's"))
	sender.send(t, relay, members("notify_pass", text("mine")))
	for e, pass := range map[*ear]string{one: "one's", two: "22", none: ""} {
		if got, want := e.hears(t), (heard{sender.hostID, members("notify_pass", text("mine")), pass}); got != want {
			t.Errorf("notify came with %+v, want %+v", got, want)
		}
	}
	wantMessage(t, sender.hostID, `{"notify_pass":"mine"}`, bob) // and nothing forged before it
}

func echo(t *testing.T) {
	t.Parallel()
	for kind, s := range relayAndSatellite(t) {
		for _, v := range []string{
			number(-42), text(" <&>"), "<value><boolean>1</boolean></value>", "<value><double>0.1</double></value>",
			"<value><dateTime.iso8601>19980717T14:08:55</dateTime.iso8601></value>", "<value><base64>AP8=</base64></value>",
			"<value><nil/></value>", "<value><array><data>" + number(1) + "</data></array></value>", members("a", members()),
		} {
			v = strings.Replace(v, " <&>", " &lt;&amp;&gt;", 1)
			for _, name := range []string{"test", "web.test"} {
				if got := value(t, post(t, s, document(name, v))); got != v {
					t.Errorf("%s: %s(%s) = %s", kind, name, v, got)
				}
			}
		}
		if got := value(t, post(t, s, document("test"))); got != members() {
			t.Errorf("%s: test() = %s, want an empty struct", kind, got)
		}
	}
}

func pages(t *testing.T) {
	t.Parallel()
	both := relayAndSatellite(t)
	for kind, links := range map[string][]string{"relay": {"/methods", "/satellites"}, "satellite": {"/methods"}} {
		front := page(t, both[kind], "/")
		if !strings.Contains(front, "co2_version") || !strings.Contains(front, "uptime") {
			t.Errorf("%s: the front page shows no properties", kind)
		}
		for _, link := range links {
			if !strings.Contains(front, `href="`+link+`"`) {
				t.Errorf("%s: the front page does not lead to %s", kind, link)
			}
			page(t, both[kind], link)
		}
	}
	if all := page(t, both["relay"], "/methods"); !strings.Contains(all, "relay.register") {
		t.Error("the methods page does not show relay.register")
	}
	if all := page(t, both["relay"], "/satellites"); !strings.Contains(all, both["satellite"].hostID) {
		t.Error("the satellites page does not show the satellite")
	}
}

func page(t *testing.T, s *server, path string) string {
	t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: HTTP %d, %v", path, resp.StatusCode, err)
	}
	return string(body)
}

func oldHTTP(t *testing.T) {
	t.Parallel()
	for kind, s := range relayAndSatellite(t) {
		for _, path := range []string{"/", "/RPC2"} {
			for _, c := range []struct{ declared, header, word string }{
				{"", "text/xml", "é€"},
				{`<?xml version="1.0" encoding="UTF-8"?>`, "text/xml", "é€"},
				{`<?xml version="1.0" encoding="ISO-8859-1"?>`, "text/xml", "\xe9\xa3"},
				{"", "text/xml; charset=iso-8859-1", "\xe9\xa3"},
			} {
				status, answer := postOld(t, s, path, c.header, c.declared+document("test", text(c.word)))
				want := "é€"
				if c.word != want {
					want = "é£"
				}
				if !strings.HasPrefix(status, "HTTP/1.") || !strings.Contains(status, " 200 ") || value(t, answer) != text(want) {
					t.Errorf("%s: POST %s with %q %q = %s %s", kind, path, c.header, c.declared, status, answer)
				}
			}
		}
	}
}

// postOld speaks HTTP/1.0 by hand: no Host, and the server closes.
func postOld(t *testing.T, s *server, path, contentType, doc string) (status, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(conn, "POST %s HTTP/1.0\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", path, contentType, len(doc), doc)
	in := bufio.NewReader(conn)
	if status, err = in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(in) // until the server closes
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(rest), "\r\n\r\n")
	if want := fmt.Sprintf("Content-Length: %d", len(body)); !strings.Contains(head, want) {
		t.Errorf("head %q, want %q in it", head, want)
	}
	return status, body
}
