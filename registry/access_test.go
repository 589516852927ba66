package registry_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"co2/methods"
	"co2/registry"
	"co2/registry/web"
)

// A farListener has the peers of its connections come from where a test says.
type farListener struct {
	net.Listener
	from atomic.Pointer[netip.AddrPort] // of the next one
}

// Accept implements net.Listener.
func (l *farListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return farConn{c, net.TCPAddrFromAddrPort(*l.from.Load())}, nil
}

type farConn struct {
	net.Conn
	from *net.TCPAddr
}

// RemoteAddr implements net.Conn.
func (c farConn) RemoteAddr() net.Addr { return c.from }

// A guarded server has everything on it that is for operators.
type guarded struct {
	*server
	ln     *farListener
	called int // a satellite
	acted  int // on a satellite
}

const planted = "PLANTED-PAYLOAD"

func serveGuarded(t *testing.T) *guarded {
	g := &guarded{ln: &farListener{Listener: loopback(t)}}
	act := methods.Method{Names: []string{"relay.pause"}, Doc: "Pauses.", Access: methods.Operator, Func: func(context.Context, any) (string, error) {
		g.acted++
		return "OK", nil
	}}
	g.server = serveOn(t, g.ln, slog.LevelDebug, registry.Config{
		Network: plantedNetwork{},
		Extras:  map[string]registry.Extra{"/metrics": {Handler: says("figures"), Access: methods.Operator}},
		CallSatellite: func(context.Context, string, []byte) ([]byte, string, error) {
			g.called++
			return []byte(pong), "", nil
		},
	}, act)
	return g
}

// plantedNetwork is a network of one satellite, which sent a message.
type plantedNetwork struct{ oneSatellite }

func (plantedNetwork) Messages(payloads bool) []web.Message {
	m := web.Message{ID: "m1", Sender: "192.0.2.7:2004", HasPayload: payloads}
	if payloads {
		m.Payload = planted
	}
	return []web.Message{m}
}

func (plantedNetwork) Satellites() []web.Satellite { return nil }

func (plantedNetwork) Watch() (<-chan web.Change, func()) { return nil, func() {} }

// may tells what a reader may do who comes from there with more fields in the
// head of each request.
func (g *guarded) may(t *testing.T, from string, fields ...string) map[string]bool {
	t.Helper()
	at := netip.MustParseAddrPort(from)
	g.ln.from.Store(&at)
	g.called, g.acted = 0, 0
	get := func(path string) answer {
		return g.exchange(t, head(append([]string{"GET " + path + " HTTP/1.1", "Host: localhost", "Accept: text/html"}, fields...)...))
	}
	form := append([]string{"Origin: http://localhost", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 7"}, fields...)
	submit := func(path string) answer {
		return g.exchange(t, head(append([]string{"POST " + path + " HTTP/1.1", "Host: localhost", "Accept: text/html"}, form...)...)+"do=call")
	}
	const one = "/satellites/192.0.2.7:2004"
	may := map[string]bool{
		"see payloads": strings.Contains(get("/messages?payloads=1").body, planted),
		"see metrics":  strings.Contains(get("/metrics").body, "figures"),
	}
	live := g.dial(t)
	live.send(head(append([]string{"GET /live?at=%2Fmessages%3Fpayloads%3D1 HTTP/1.1", "Host: localhost"}, fields...)...))
	may["see payloads live"] = strings.Contains(firstLines(t, live), planted)
	live.Close()
	get(one + "/methods")
	get(one + "/methods/ping")
	may["ask satellites"] = g.called > 0
	g.called = 0
	submit(one + "/methods/ping")
	may["call satellites"] = g.called > 0
	res := submit(one + "/pause")
	may["act"] = g.acted > 0
	if (res.StatusCode == http.StatusSeeOther) != may["act"] {
		t.Errorf("from %s the pause ends with status %d, and it was done: %v", from, res.StatusCode, may["act"])
	}
	g.acted = 0
	submit("/methods/relay.pause")
	may["call by a form"] = g.acted > 0
	g.acted = 0
	g.exchange(t, post(document("relay.pause", "<struct></struct>"), fields...))
	g.exchange(t, post(document("system.multicall", `<array><data><value><struct><member><name>methodName</name><value>relay.pause</value></member><member><name>params</name><value><array><data><value>x</value></data></array></value></member></struct></value></data></array>`), fields...))
	may["call"] = g.acted > 0
	may["be offered actions"] = strings.Contains(get(one+"/pause").body, "<form")
	return may
}

// firstLines reads a stream up to the page that begins it.
func firstLines(t *testing.T, c *conn) string {
	t.Helper()
	var b strings.Builder
	for !strings.Contains(b.String(), "data: ") {
		line, err := c.in.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream ends after %q: %v", b.String(), err)
		}
		b.WriteString(line)
	}
	return b.String()
}

// TestStrangersMayNot asks a server for all that is for operators, from this
// host and from others.
func TestStrangersMayNot(t *testing.T) {
	g := serveGuarded(t)
	for from, want := range map[string]bool{
		"127.0.0.1:4000": true, "127.9.8.7:4000": true, "[::1]:4000": true, "[::ffff:127.0.0.1]:4000": true,
		"192.0.2.9:4000": false, "10.77.0.2:4000": false, "[fe80::1]:4000": false, "[::ffff:192.0.2.9]:4000": false, "0.0.0.0:4000": false, "[::]:4000": false,
	} {
		for what, got := range g.may(t, from) {
			if got != want {
				t.Errorf("from %s one may %s: %v, want %v", from, what, got, want)
			}
		}
	}
}

// TestProxiesAreNoOperators asks for the same through a proxy on this host, which
// says that it is one. What it tells of whom it asks for does not count.
func TestProxiesAreNoOperators(t *testing.T) {
	g := serveGuarded(t)
	for field, want := range map[string]bool{
		"X-Forwarded-For: 192.0.2.9": false, "x-forwarded-for: 127.0.0.1": false, "X-Forwarded-For:": false, "Forwarded: for=192.0.2.9": false, "X-Forwarded-Proto: https": false,
		"X-Forwarded-Host: relay.example": false, "X-Real-IP: 127.0.0.1": false, "Via: 1.1 proxy": false,
		"X-Forwarded: no": true, "X-Realm-Id: 1": true, "Viand: roast": true, "Forwarder: no": true,
	} {
		for what, got := range g.may(t, "127.0.0.1:4000", field) {
			if got != want {
				t.Errorf("with %q one may %s: %v, want %v", field, what, got, want)
			}
		}
		for what, got := range g.may(t, "192.0.2.9:4000", field) {
			if got {
				t.Errorf("with %q one may %s from another host", field, what)
			}
		}
	}
}

// TestLiveIsOfItsReader has a stranger and an operator look at the same page at
// the same time, in either order.
func TestLiveIsOfItsReader(t *testing.T) {
	const asks = "GET /live?at=%2Fmessages%3Fpayloads%3D1 HTTP/1.1"
	for _, order := range [][2]string{{"127.0.0.1:4000", "192.0.2.9:4000"}, {"192.0.2.9:4000", "127.0.0.1:4000"}} {
		g := serveGuarded(t)
		for _, from := range order {
			at := netip.MustParseAddrPort(from)
			g.ln.from.Store(&at)
			c := g.dial(t)
			c.send(head(asks, "Host: localhost"))
			if got := strings.Contains(firstLines(t, c), planted); got != at.Addr().IsLoopback() {
				t.Errorf("of %v, the reader from %s is told payloads: %v", order, from, got)
			}
		}
	}
}
