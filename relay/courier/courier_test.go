package courier_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods"
	"co2/methods/wire"
	"co2/relay"
	"co2/relay/courier"
)

const (
	head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<methodCall><methodName>notify</methodName><params><param><value><struct>"
	own  = "<member><name>notify_pass</name><value><string>s3</string></value></member>"
	tail = "</struct></value></param></params></methodCall>\n"
	ok   = `<?xml version="1.0"?><methodResponse><params><param><value>OK</value></param></params></methodResponse>`
)

// delivery is a notify to at.
func delivery(at netip.AddrPort) relay.Delivery {
	return relay.Delivery{
		HostID: at.String(), To: relay.Callback{Scheme: "http", Addr: at, Path: "/RPC2"},
		Method: "notify", Head: []byte(head), Own: []byte(own), Tail: tail, Timeout: 5 * time.Second,
	}
}

// send makes deliveries and returns their outcomes when all are done.
func send(t *testing.T, c *courier.Courier, batch ...relay.Delivery) []relay.Outcome {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	wg.Add(len(batch))
	outcomes := map[string][]relay.Outcome{}
	c.Send(batch, func(d relay.Delivery, o relay.Outcome) {
		mu.Lock()
		defer mu.Unlock()
		outcomes[d.HostID] = append(outcomes[d.HostID], o)
		wg.Done()
	})
	wg.Wait()
	list := make([]relay.Outcome, len(batch))
	for i, d := range batch {
		list[i], outcomes[d.HostID] = outcomes[d.HostID][0], outcomes[d.HostID][1:]
	}
	return list
}

func newCourier(t *testing.T, cfg courier.Config) *courier.Courier {
	c := courier.New(cfg)
	t.Cleanup(c.Close)
	return c
}

// serve runs a satellite and returns its address.
func serve(t *testing.T, h http.HandlerFunc) netip.AddrPort {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return netip.MustParseAddrPort(s.Listener.Addr().String())
}

// listen runs a satellite that is no HTTP server: connection number n, from
// 1, is handled by handle and then closed.
func listen(t *testing.T, handle func(n int, conn *net.TCPConn)) netip.AddrPort {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 1; ; n++ {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				handle(n, conn.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	return netip.MustParseAddrPort(ln.Addr().String())
}

// readRequest reads a whole request; false when none came.
func readRequest(r *bufio.Reader) bool {
	_, ok := readBody(r)
	return ok
}

// readBody is readRequest that tells the body.
func readBody(r *bufio.Reader) (body string, ok bool) {
	req, err := http.ReadRequest(r)
	if err != nil {
		return "", false
	}
	b, err := io.ReadAll(req.Body)
	return string(b), err == nil
}

func answerOK(w io.Writer) {
	fmt.Fprintf(w, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(ok), ok)
}

func wantOutcome(t *testing.T, what string, got relay.Outcome, verdict relay.Verdict, reason string) {
	t.Helper()
	if got.Verdict != verdict || got.Reason != reason {
		t.Errorf("outcome of %s = %d %q\nwant %d %q", what, got.Verdict, got.Reason, verdict, reason)
	}
}

// page answers with a status, a media type and a body.
func page(status int, media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestAnswers(t *testing.T) {
	fault := string(wire.AppendFault(nil, wire.Fault{Code: 1, String: "registry.Co2RegistryError:wrong password"}))
	response := func(params string) string { return "<methodResponse>" + params + "</methodResponse>" }
	c := newCourier(t, courier.Config{})
	for _, test := range []struct {
		name   string
		handle http.HandlerFunc
		reason string // after notify to …; empty: delivered
	}{
		{"OK", page(200, "text/xml", ok), ""},
		{"another result", page(200, "text/xml", response("<params><param><value><struct></struct></value></param></params>")), ""},
		{"nil", page(200, "text/xml", response("<params><param><value><nil/></value></param></params>")), ""},
		{"no result", page(200, "text/xml; charset=utf-8", response("<params/>")), ""},
		{"another media type of XML", page(200, "application/xml", ok), ""},
		{"a fault", page(200, "text/xml", fault), "fault 1: registry.Co2RegistryError:wrong password"},
		{"a fault with a status", page(500, "text/xml", fault), "HTTP 500 with fault 1: registry.Co2RegistryError:wrong password"},
		{"no such page", page(404, "text/html", "<html>"), "not XML-RPC, HTTP 404"},
		{"OK with a status", page(503, "text/xml", ok), "not XML-RPC, HTTP 503"},
		{"a page", page(200, "text/html", "<html>hello</html>"), "not XML-RPC, HTTP 200"},
		{"nothing", page(204, "text/xml", ""), "not XML-RPC, HTTP 204"},
	} {
		at := serve(t, test.handle)
		got := send(t, c, delivery(at))[0]
		if test.reason == "" {
			wantOutcome(t, test.name, got, relay.Delivered, "")
		} else {
			wantOutcome(t, test.name, got, relay.Dead, fmt.Sprintf("notify to %s: %s", at, test.reason))
		}
		if fault := test.name == "a fault"; got.Fault != fault {
			t.Errorf("outcome of %s says fault: %t, want %t", test.name, got.Fault, fault)
		}
		if got.Took <= 0 || got.Took > time.Minute {
			t.Errorf("outcome of %s took %v, want what it took", test.name, got.Took)
		}
	}
}

// Answers that are no XML-RPC at all; what exactly is wrong the codec tells.
func TestBadDocuments(t *testing.T) {
	c := newCourier(t, courier.Config{})
	for _, body := range []string{
		"", "garbage", "<html></html>", "<methodCall></methodCall>", ok[:len(ok)-5], ok + "x", "\xff\xfe",
		"<methodResponse></methodResponse>", "<methodResponse><params><param></param></params></methodResponse>",
		strings.Repeat("<value><array><data>", 10000), "<!DOCTYPE a [<!ENTITY b 'c'>]>" + ok,
	} {
		at := serve(t, page(200, "text/xml", body))
		got := send(t, c, delivery(at))[0]
		if prefix := fmt.Sprintf("notify to %s: ", at); got.Verdict != relay.Dead || len(got.Reason) <= len(prefix) || !strings.HasPrefix(got.Reason, prefix) {
			t.Errorf("outcome of the answer %.40q = %d %q, want %d with a reason", body, got.Verdict, got.Reason, relay.Dead)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	var visits atomic.Int32
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		page(200, "text/xml", ok)(w, r)
	})
	c := newCourier(t, courier.Config{})
	for _, status := range []int{301, 302, 303, 307, 308} {
		at := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+other.String()+"/RPC2", status)
		})
		wantOutcome(t, "a redirect", send(t, c, delivery(at))[0], relay.Dead,
			fmt.Sprintf("notify to %s: a redirect, which is not followed, HTTP %d", at, status))
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("calls to where a redirect points = %d, want 0", n)
	}
}

func TestEndlessAnswerIsBounded(t *testing.T) {
	var written atomic.Int64
	endless := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		for chunk := bytes.Repeat([]byte(" "), 1000); ; {
			n, err := w.Write(chunk)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	}
	announced := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		w.Header().Set("Content-Length", "10001")
		w.Write(bytes.Repeat([]byte(" "), 10001))
	}
	c := newCourier(t, courier.Config{MaxAnswer: 10_000})
	for name, handle := range map[string]http.HandlerFunc{"an endless answer": endless, "a long answer": announced} {
		at := serve(t, handle)
		wantOutcome(t, name, send(t, c, delivery(at))[0], relay.Dead,
			fmt.Sprintf("notify to %s: an answer of more than 10000 octets, HTTP 200", at))
	}
	fits := ok + strings.Repeat(" ", 10_000-len(ok))
	wantOutcome(t, "the longest answer", send(t, c, delivery(serve(t, page(200, "text/xml", fits))))[0], relay.Delivered, "")
}

func TestEndlessHeadIsBounded(t *testing.T) {
	at := listen(t, func(_ int, conn *net.TCPConn) {
		readRequest(bufio.NewReader(conn))
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n")
		for i := 0; ; i++ {
			if _, err := fmt.Fprintf(conn, "X-%d: %s\r\n", i, strings.Repeat("x", 1000)); err != nil {
				return
			}
		}
	})
	if got := send(t, newCourier(t, courier.Config{}), delivery(at))[0]; got.Verdict != relay.Dead || got.Took > 4*time.Second {
		t.Errorf("outcome of an endless head = %+v, want it dead at once", got)
	}
}

// Failures of the connection, each called once.
func TestBrokenConnections(t *testing.T) {
	c := newCourier(t, courier.Config{})
	for name, breakOff := range map[string]func(*net.TCPConn){
		"a reset": func(conn *net.TCPConn) { conn.SetLinger(0) },
		"a reset after the request": func(conn *net.TCPConn) {
			readRequest(bufio.NewReader(conn))
			conn.SetLinger(0)
		},
		"a close":                   func(conn *net.TCPConn) {},
		"a close after the request": func(conn *net.TCPConn) { readRequest(bufio.NewReader(conn)) },
		"half an answer": func(conn *net.TCPConn) {
			readRequest(bufio.NewReader(conn))
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(ok)+1, ok)
		},
		"another protocol": func(conn *net.TCPConn) { io.WriteString(conn, "SSH-2.0-OpenSSH_9.6\r\n") },
	} {
		var calls atomic.Int32
		at := listen(t, func(_ int, conn *net.TCPConn) {
			calls.Add(1)
			breakOff(conn)
		})
		got := send(t, c, delivery(at))[0]
		if prefix := fmt.Sprintf("notify to %s: ", at); got.Verdict != relay.Dead || !strings.HasPrefix(got.Reason, prefix) || strings.Count(got.Reason, "/RPC2") > 0 {
			t.Errorf("outcome of %s = %d %q, want %d with a reason that names the address", name, got.Verdict, got.Reason, relay.Dead)
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("calls with %s = %d, want 1", name, n)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(ln.Addr().String())
	ln.Close()
	wantOutcome(t, "nobody", send(t, newCourier(t, courier.Config{}), delivery(at))[0], relay.Dead,
		fmt.Sprintf("notify to %s: dial tcp %s: connect: connection refused", at, at))
}

// The exact octets of a call (C6).
func TestRequest(t *testing.T) {
	for charset, told := range map[string]string{"": "utf-8", "utf-8": "utf-8", "iso-8859-1": "iso-8859-1"} {
		got := make(chan string, 1)
		at := listen(t, func(_ int, conn *net.TCPConn) {
			var seen bytes.Buffer
			readRequest(bufio.NewReader(io.TeeReader(conn, &seen)))
			got <- seen.String()
			answerOK(conn)
		})
		c := newCourier(t, courier.Config{UserAgent: "co2/test"})
		d := delivery(at)
		d.Charset = charset
		wantOutcome(t, "a call", send(t, c, d)[0], relay.Delivered, "")
		want := fmt.Sprintf("POST /RPC2 HTTP/1.1\r\nHost: %s\r\nUser-Agent: co2/test\r\nContent-Length: %d\r\nAccept-Encoding: identity\r\n"+
			"Content-Type: text/xml; charset=%s\r\n\r\n%s", at, len(head+own+tail), told, head+own+tail)
		if request := <-got; request != want {
			t.Errorf("request = %q\nwant %q", request, want)
		}
	}
}

func TestKeptConnectionIsReused(t *testing.T) {
	var connections atomic.Int32
	at := listen(t, func(_ int, conn *net.TCPConn) {
		connections.Add(1)
		for r := bufio.NewReader(conn); readRequest(r); {
			answerOK(conn)
		}
	})
	c := newCourier(t, courier.Config{})
	for range 5 {
		wantOutcome(t, "a call", send(t, c, delivery(at))[0], relay.Delivered, "")
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("connections for 5 calls = %d, want 1", n)
	}
	c.Close()
}

// Old peers close after each answer, whatever they said before.
func TestConnectionClosedAfterEachAnswer(t *testing.T) {
	for _, header := range []string{"", "Connection: close\r\n"} {
		var requests atomic.Int32
		at := listen(t, func(_ int, conn *net.TCPConn) {
			if readRequest(bufio.NewReader(conn)) {
				requests.Add(1)
				fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s", header, len(ok), ok)
			}
		})
		c := newCourier(t, courier.Config{})
		for range 20 {
			wantOutcome(t, "a call", send(t, c, delivery(at))[0], relay.Delivered, "")
		}
		if n := requests.Load(); n != 20 {
			t.Errorf("calls that arrived = %d, want 20", n)
		}
		c.Close()
	}
}

// When a kept connection is found closed before the first octet of the
// answer, the call is made once more, on a new one (C13), and never again.
func TestKeptConnectionFoundClosed(t *testing.T) {
	for _, test := range []struct {
		name      string
		last      string // what the kept connection still says to the second call
		second    bool   // whether the new connection answers
		delivered bool
		requests  int32
	}{
		{"closed without a word", "", true, true, 3},
		{"the new one is closed too", "", false, false, 3},
		{"closed after the first octets", "HTTP/1.", true, false, 2},
	} {
		var requests atomic.Int32
		at := listen(t, func(n int, conn *net.TCPConn) {
			r := bufio.NewReader(conn)
			if !readRequest(r) {
				return
			}
			requests.Add(1)
			if n == 1 || test.second {
				answerOK(conn)
			}
			if n == 1 && readRequest(r) {
				requests.Add(1)
				io.WriteString(conn, test.last)
			}
		})
		c := newCourier(t, courier.Config{})
		wantOutcome(t, "the first call", send(t, c, delivery(at))[0], relay.Delivered, "")
		got := send(t, c, delivery(at))[0]
		if (got.Verdict == relay.Delivered) != test.delivered {
			t.Errorf("%s: outcome = %+v, want delivered: %v", test.name, got, test.delivered)
		}
		if n := requests.Load(); n != test.requests {
			t.Errorf("%s: calls that arrived = %d, want %d", test.name, n, test.requests)
		}
		c.Close()
	}
}

// A hanging satellite holds up its own call and no other.
func TestOthersDoNotWait(t *testing.T) {
	release := make(chan struct{})
	hanging := serve(t, func(w http.ResponseWriter, r *http.Request) { <-release })
	quick := serve(t, page(200, "text/xml", ok))
	c := newCourier(t, courier.Config{})
	held := make(chan relay.Outcome, 1)
	c.Send([]relay.Delivery{delivery(hanging)}, func(_ relay.Delivery, o relay.Outcome) { held <- o })
	for range 10 {
		wantOutcome(t, "the quick one", send(t, c, delivery(quick))[0], relay.Delivered, "")
	}
	if len(held) > 0 {
		t.Errorf("the hanging call ended with %+v, want it under way", <-held)
	}
	close(release)
	<-held
}

// Close ends what is under way on real connections, and returns when each
// call has been told done.
func TestCloseEndsCalls(t *testing.T) {
	arrived := make(chan struct{}, 10)
	at := listen(t, func(_ int, conn *net.TCPConn) {
		r := bufio.NewReader(conn)
		readRequest(r)
		arrived <- struct{}{}
		r.ReadByte() // until the courier hangs up
	})
	c := courier.New(courier.Config{})
	var ended atomic.Int32
	var batch []relay.Delivery
	for range 5 {
		batch = append(batch, delivery(at))
	}
	c.Send(batch, func(d relay.Delivery, o relay.Outcome) {
		ended.Add(1)
		if o.Verdict != relay.Abandoned || !strings.HasSuffix(o.Reason, "the relay is stopping") {
			t.Errorf("outcome = %+v, want abandoned: the relay is stopping", o)
		}
	})
	for range 5 {
		<-arrived
	}
	c.Close()
	if n := ended.Load(); n != 5 {
		t.Errorf("calls ended when Close returned = %d, want 5", n)
	}
	o := send(t, c, delivery(at))[0]
	if o.Verdict != relay.Abandoned || !strings.HasSuffix(o.Reason, "the relay is stopping") {
		t.Errorf("outcome after Close = %+v, want abandoned: the relay is stopping", o)
	}
	c.Close() // again does no harm
}

// memory is a network of pipes: each connection is handled by handle.
type memory struct {
	handle func(conn net.Conn)

	mu    sync.Mutex
	addrs []string // guarded by mu; dialled
}

func (m *memory) dial(_ context.Context, network, addr string) (net.Conn, error) {
	m.mu.Lock()
	m.addrs = append(m.addrs, network+" "+addr)
	m.mu.Unlock()
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		m.handle(far)
	}()
	return near, nil
}

var satellite = netip.MustParseAddrPort("192.0.2.7:2004")

// The deadline is the delivery's own, to the instant, whoever is slow; and a
// bubble that ends proves that Close leaves no goroutine.
func TestDeadline(t *testing.T) {
	stages := map[string]func(net.Conn){
		"reads nothing": func(net.Conn) { time.Sleep(time.Hour) },
		"answers nothing": func(conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			time.Sleep(time.Hour)
		},
		"answers by drops": func(conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
			for {
				if _, err := io.WriteString(conn, " "); err != nil {
					return
				}
				time.Sleep(300 * time.Millisecond)
			}
		},
	}
	for name, handle := range stages {
		for _, timeout := range []time.Duration{time.Second, 30 * time.Second} { // less and more than wire's own
			synctest.Test(t, func(t *testing.T) {
				c := courier.New(courier.Config{Dial: (&memory{handle: handle}).dial})
				d := delivery(satellite)
				d.Timeout = timeout
				o := send(t, c, d)[0]
				wantOutcome(t, "a satellite that "+name, o, relay.Dead, fmt.Sprintf("notify to %s: no answer within %v", satellite, timeout))
				if o.Took != timeout {
					t.Errorf("a satellite that %s took %v, want %v", name, o.Took, timeout)
				}
				c.Close()
				time.Sleep(2 * time.Hour)
			})
		}
	}
}

// Connecting has a limit of its own, and is told as such.
func TestNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := courier.New(courier.Config{Dial: func(ctx context.Context, _, addr string) (net.Conn, error) {
			<-ctx.Done()
			return nil, fmt.Errorf("dial %s: %w", addr, ctx.Err())
		}})
		defer c.Close()
		o := send(t, c, delivery(satellite))[0]
		wantOutcome(t, "no connection", o, relay.Dead, fmt.Sprintf("notify to %s: dial %s: context deadline exceeded", satellite, satellite))
		if o.Took != 3*time.Second {
			t.Errorf("connecting took %v, want 3s", o.Took)
		}
	})
}

// The address that was checked is the one that is dialled (C3).
func TestDialsTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{handle: func(conn net.Conn) {
			if readRequest(bufio.NewReader(conn)) {
				answerOK(conn)
			}
		}}
		c := courier.New(courier.Config{Dial: m.dial})
		defer c.Close()
		want := []string{}
		for _, addr := range []string{"192.0.2.7:2004", "[2001:db8::1]:1", "[fe80::1%eth0]:65535", "127.0.0.1:80"} {
			at := netip.MustParseAddrPort(addr)
			wantOutcome(t, "a call to "+addr, send(t, c, delivery(at))[0], relay.Delivered, "")
			want = append(want, "tcp "+addr)
		}
		if fmt.Sprint(m.addrs) != fmt.Sprint(want) {
			t.Errorf("dialled = %v, want %v", m.addrs, want)
		}
	})
}

// A satellite called by https is held to the same rules.
func TestHTTPS(t *testing.T) {
	s := httptest.NewUnstartedServer(page(200, "text/xml", ok))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of the refused handshake
	s.StartTLS()
	defer s.Close()
	at := netip.MustParseAddrPort(s.Listener.Addr().String())
	d := delivery(at)
	d.To.Scheme = "https"
	o := send(t, newCourier(t, courier.Config{}), d)[0]
	if o.Verdict != relay.Dead || !strings.Contains(o.Reason, "certificate") {
		t.Errorf("outcome = %+v, want dead for a certificate that nobody signed", o)
	}
	silent := delivery(listen(t, func(_ int, conn *net.TCPConn) { io.Copy(io.Discard, conn) }))
	silent.To.Scheme, silent.Timeout = "https", 200*time.Millisecond
	wantOutcome(t, "silence", send(t, newCourier(t, courier.Config{}), silent)[0], relay.Dead,
		fmt.Sprintf("notify to %s: no answer within 200ms", silent.To.Addr))
}

// A relay and its courier, end to end: one satellite answers, one refuses,
// one is away.
func TestCarriesForARelay(t *testing.T) {
	dump, err := relay.OpenDump(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer dump.Close()
	c := newCourier(t, courier.Config{})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, err := relay.New(ctx, relay.Config{Rate: -1}, dump, c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var table methods.Table
	if err := table.Register("relay", r.Methods()...); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()

	got := make(chan string, 100)
	answers := serve(t, func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		call, err := wire.ParseCall(body, "", wire.Limits{})
		if err == nil && call.Method == "notify" {
			var p struct {
				Data int    `xmlrpc:"data"`
				Pass string `xmlrpc:"notify_pass"`
			}
			err = call.Decode(0, &p)
			got <- fmt.Sprint(p.Data, p.Pass, err)
		}
		page(200, "text/xml", ok)(w, req)
	})
	refuses := serve(t, page(200, "text/xml", string(wire.AppendFault(nil, wire.Fault{Code: 1, String: "no"}))))
	away := listen(t, func(int, *net.TCPConn) {})
	call := func(method string, p map[string]any) {
		t.Helper()
		caller := methods.Caller{Addr: netip.MustParseAddrPort("127.0.0.1:40000"), Access: methods.Admin}
		if _, err := table.Call(methods.WithPeer(ctx, caller), method, methods.Plain(p)); err != nil {
			t.Fatalf("Call(%q) = %v", method, err)
		}
	}
	const sender = "127.0.0.1:1"
	call("relay.register", map[string]any{"port": 1})
	for _, at := range []netip.AddrPort{answers, refuses, away} {
		call("relay.register", map[string]any{"port": int(at.Port()), "notify_pass": "s3"})
	}
	for i := range 50 {
		data, err := wire.NewRaw(i)
		if err != nil {
			t.Fatal(err)
		}
		call("relay.relay", map[string]any{"host_id": sender, "data": data})
	}
	for i := range 50 {
		if n, want := <-got, fmt.Sprint(i, "s3", error(nil)); n != want {
			t.Fatalf("notify %d = %s, want %s", i, n, want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run = %v", err)
	}
	for _, s := range r.Directory().Satellites() {
		switch at := s.Callback.Addr; at {
		case answers:
			if s.RecvCount != 50 || s.RecvFails != 0 || s.State != relay.StateUp || s.Ping.Current < 0 {
				t.Errorf("the one that answers = %+v", s)
			}
		case refuses, away:
			if s.RecvCount != 5 || s.RecvFails != 5 || s.State != relay.StateSuspect || s.LastError == "" || s.Breaker.State != relay.BreakerOpen {
				t.Errorf("the one that fails = %+v", s)
			}
		}
	}
}
