package courier_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
	"co2/relay/courier"
)

// far is satellite number n of a network in memory.
func far(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}), 2004)
}

// farther is one of those that hang.
func farther(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)}), 2004)
}

func isFarther(addr string) bool { return strings.HasPrefix(addr, "10.1.") }

// polite answers each request of a connection.
func polite(conn net.Conn) {
	for r := bufio.NewReader(conn); readRequest(r); {
		answerOK(conn)
	}
}

// result is when a delivery ended, and how.
type result struct {
	relay.Outcome
	after time.Duration
}

// results collects the outcomes of deliveries by host id.
type results struct {
	began time.Time
	wg    sync.WaitGroup
	mu    sync.Mutex
	by    map[string]result // guarded by mu
}

func sendAll(c *courier.Courier, list ...netip.AddrPort) *results {
	r := &results{began: time.Now(), by: map[string]result{}}
	r.wg.Add(len(list))
	batch := make([]relay.Delivery, len(list))
	for i, at := range list {
		batch[i] = delivery(at)
	}
	c.Send(batch, func(d relay.Delivery, o relay.Outcome) {
		r.mu.Lock()
		r.by[d.HostID] = result{o, time.Since(r.began)}
		r.mu.Unlock()
		r.wg.Done()
	})
	return r
}

func (r *results) of(at netip.AddrPort) (result, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	got, ok := r.by[at.String()]
	return got, ok
}

func (r *results) wait(t *testing.T, at netip.AddrPort, verdict relay.Verdict) result {
	t.Helper()
	r.wg.Wait()
	got, _ := r.of(at)
	if got.Verdict != verdict {
		t.Errorf("outcome of %s = %+v, want %d", at, got, verdict)
	}
	return got
}

// A thousand satellites that do not take a connection hold up healthy ones
// that are met for the first time behind them by seconds; once they are known,
// by nothing. A second call to them stays in a lane of its own.
func TestThousandThatDoNotConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{handle: polite}
		c := courier.New(courier.Config{Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if isFarther(addr) {
				<-ctx.Done()
				return nil, fmt.Errorf("dial %s: %w", addr, ctx.Err())
			}
			return m.dial(ctx, network, addr)
		}})
		defer c.Close()
		var hanging []netip.AddrPort
		for i := range 1000 {
			hanging = append(hanging, farther(i))
		}
		first := sendAll(c, hanging...)
		healthy := sendAll(c, far(1))
		if got := healthy.wait(t, far(1), relay.Delivered); got.after > 5*time.Second || got.Took > time.Second {
			t.Errorf("a healthy satellite behind a thousand was done after %v, its call took %v", got.after, got.Took)
		}
		for _, at := range hanging {
			if got := first.wait(t, at, relay.Dead); got.Took != 3*time.Second {
				t.Fatalf("connecting took %v, want 3s from its own start", got.Took)
			}
		}
		second := sendAll(c, hanging...)
		if got := sendAll(c, far(2)).wait(t, far(2), relay.Delivered); got.after > time.Second {
			t.Errorf("a healthy satellite behind a thousand known ones was done after %v", got.after)
		}
		second.wait(t, hanging[0], relay.Dead)
	})
}

// A satellite that hung is called at its turn again, and trusted once it
// connects quickly.
func TestHangingSatelliteComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hangs atomic.Bool
		hangs.Store(true)
		m := &memory{handle: polite}
		c := courier.New(courier.Config{Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if hangs.Load() {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return m.dial(ctx, network, addr)
		}})
		defer c.Close()
		for range 3 {
			sendAll(c, far(1)).wait(t, far(1), relay.Dead)
		}
		hangs.Store(false)
		if got := sendAll(c, far(1)).wait(t, far(1), relay.Delivered); got.after > time.Second {
			t.Errorf("the call after it came back took %v", got.after)
		}
	})
}

// Real sockets: hundreds of satellites that accept and say nothing cost the
// others nothing, and no goroutine each.
func TestHundredsThatSayNothing(t *testing.T) {
	const silent = 400
	ln, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var calls atomic.Int32
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			if conn.LocalAddr().(*net.TCPAddr).IP.To4()[1] == 1 {
				calls.Add(1)
				defer conn.Close()
				continue
			}
			wg.Go(func() { defer conn.Close(); polite(conn) })
		}
	})
	port := uint16(ln.Addr().(*net.TCPAddr).Port)
	at := func(net, n int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(net), byte(n >> 8), byte(n)}), port)
	}
	c := newCourier(t, courier.Config{})
	before := runtime.NumGoroutine()
	var hanging []relay.Delivery
	for i := range silent {
		d := delivery(at(1, i))
		d.Timeout = time.Minute
		hanging = append(hanging, d)
	}
	ended := make(chan relay.Outcome, silent)
	c.Send(hanging, func(_ relay.Delivery, o relay.Outcome) { ended <- o })
	eventually(t, "all silent ones are called", func() bool { return int(calls.Load())+len(ended) >= silent })
	for n := range 20 {
		sendAll(c, at(2, n%3)).wait(t, at(2, n%3), relay.Delivered)
	}
	eventually(t, "the goroutines of connecting are gone", func() bool { return runtime.NumGoroutine()-before < 50 })
	if len(ended) > 0 {
		t.Errorf("a silent one ended with %+v", <-ended)
	}
	c.Close()
	for range silent {
		if o := <-ended; o.Verdict != relay.Abandoned {
			t.Fatalf("outcome = %+v, want abandoned", o)
		}
	}
	ln.Close()
	wg.Wait()
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// Between calls there is nothing: no goroutine, however many satellites have
// a kept connection.
func TestIdleCourierHasNoGoroutines(t *testing.T) {
	at := listen(t, func(_ int, conn *net.TCPConn) { polite(conn) })
	before := runtime.NumGoroutine()
	c := newCourier(t, courier.Config{})
	for range 5 {
		sendAll(c, at).wait(t, at, relay.Delivered)
	}
	eventually(t, "only the connection of the other side is left", func() bool { return runtime.NumGoroutine() <= before+1 })
}

// A satellite that takes 100 ms to answer gets all its calls, measured as
// long as they take, and may be quick again.
func TestSlowSatellite(t *testing.T) {
	var slow atomic.Bool
	slow.Store(true)
	at := listen(t, func(_ int, conn *net.TCPConn) {
		for r := bufio.NewReader(conn); readRequest(r); {
			if slow.Load() {
				time.Sleep(100 * time.Millisecond)
			}
			answerOK(conn)
		}
	})
	c := newCourier(t, courier.Config{})
	for range 4 {
		if got := sendAll(c, at).wait(t, at, relay.Delivered); got.Took < 100*time.Millisecond {
			t.Errorf("a call took %v, want 100ms or more", got.Took)
		}
	}
	slow.Store(false)
	for range 4 {
		sendAll(c, at).wait(t, at, relay.Delivered)
	}
}

// A request that the satellite takes slowly arrives whole.
func TestLongRequest(t *testing.T) {
	long := head + "<member><name>data</name><value>" + strings.Repeat("0123456789abcdef", 256<<10) + "</value></member>"
	got := make(chan string, 2)
	at := listen(t, func(_ int, conn *net.TCPConn) {
		r := bufio.NewReader(conn)
		for range 2 {
			time.Sleep(50 * time.Millisecond)
			body, ok := readBody(r)
			if !ok {
				return
			}
			got <- body
			answerOK(conn)
		}
	})
	c := newCourier(t, courier.Config{})
	for range 2 { // on a new connection, and on a kept one
		d := delivery(at)
		d.Head, d.Timeout = []byte(long), time.Minute
		if o := send(t, c, d)[0]; o.Verdict != relay.Delivered {
			t.Fatalf("outcome of a long call = %+v", o)
		}
		if body := <-got; body != long+own+tail {
			t.Errorf("%d octets arrived, not as sent; want %d", len(body), len(long+own+tail))
		}
	}
}

// Kept connections are bounded. The calls beyond connect, deliver and close;
// what was not used for a minute makes room.
func TestMaxKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open, dialled atomic.Int32
		m := &memory{handle: func(conn net.Conn) {
			open.Add(1)
			dialled.Add(1)
			defer open.Add(-1)
			polite(conn)
		}}
		c := courier.New(courier.Config{Dial: m.dial, MaxKept: 3})
		defer c.Close()
		round := func(want, wantDialled int32, list ...int) {
			t.Helper()
			for _, n := range list {
				sendAll(c, far(n)).wait(t, far(n), relay.Delivered)
			}
			synctest.Wait()
			if open.Load() != want || dialled.Load() != wantDialled {
				t.Errorf("after calls to %v: %d connections open, %d made; want %d, %d", list, open.Load(), dialled.Load(), want, wantDialled)
			}
		}
		round(3, 5, 1, 2, 3, 4, 5)
		round(3, 7, 1, 2, 3, 4, 5) // 4 and 5 connect each time
		time.Sleep(2 * time.Minute)
		round(3, 7, 2, 3)
		round(3, 8, 4, 4, 4) // in the place of 1
		round(3, 9, 2, 3, 4, 1)
	})
}

func TestKeptConnectionUnusedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int32
		m := &memory{handle: func(conn net.Conn) { open.Add(1); defer open.Add(-1); polite(conn) }}
		c := courier.New(courier.Config{Dial: m.dial})
		defer c.Close()
		sendAll(c, far(1), far(2)).wait(t, far(1), relay.Delivered)
		time.Sleep(11 * time.Minute)
		sendAll(c, far(3)).wait(t, far(3), relay.Delivered)
		synctest.Wait()
		if n := open.Load(); n != 1 {
			t.Errorf("connections open = %d, want the one just used", n)
		}
	})
}

func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int32
		pause := time.Duration(0)
		m := &memory{handle: func(conn net.Conn) {
			open.Add(1)
			defer open.Add(-1)
			for r := bufio.NewReader(conn); readRequest(r); {
				time.Sleep(pause)
				answerOK(conn)
			}
		}}
		c := courier.New(courier.Config{Dial: m.dial})
		defer c.Close()
		want := func(what string, n int32) {
			t.Helper()
			synctest.Wait()
			if open.Load() != n {
				t.Errorf("%s: %d connections open, want %d", what, open.Load(), n)
			}
		}
		to := func(n int) relay.Callback { return relay.Callback{Scheme: "http", Addr: far(n), Path: "/RPC2"} }
		c.Forget(to(9)) // unknown
		sendAll(c, far(1), far(2)).wait(t, far(1), relay.Delivered)
		want("two satellites", 2)
		c.Forget(to(1))
		want("one has left", 1)
		pause = time.Second
		under := sendAll(c, far(2))
		time.Sleep(pause / 2)
		c.Forget(to(2))
		want("one leaves during a call", 1)
		under.wait(t, far(2), relay.Delivered)
		want("its call has ended", 0)
		sendAll(c, far(2)).wait(t, far(2), relay.Delivered)
		want("it is there again", 1)
	})
}

var errNoDescriptor = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}

// Without descriptors, kept connections make room for new ones, those unused
// for longest first.
func TestNoDescriptorLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open, closedOf atomic.Int32
		c := courier.New(courier.Config{Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if open.Load() == 6 {
				return nil, errNoDescriptor
			}
			open.Add(1)
			return (&memory{handle: func(conn net.Conn) {
				polite(conn)
				open.Add(-1)
				if addr == far(0).String() {
					closedOf.Add(1)
				}
			}}).dial(ctx, network, addr)
		}})
		defer c.Close()
		for n := range 12 {
			sendAll(c, far(n)).wait(t, far(n), relay.Delivered)
		}
		if closedOf.Load() != 1 {
			t.Errorf("the connection unused for longest was closed %d times, want once", closedOf.Load())
		}
	})
}

// When no descriptor comes free the call is abandoned: nobody blames the
// satellite. Trying again is rare.
func TestNoDescriptorAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int32
		c := courier.New(courier.Config{Dial: func(context.Context, string, string) (net.Conn, error) {
			tries.Add(1)
			return nil, errNoDescriptor
		}})
		defer c.Close()
		got := sendAll(c, far(1)).wait(t, far(1), relay.Abandoned)
		if got.after > 4*time.Second || tries.Load() > 20 || !strings.Contains(got.Reason, "too many open files") {
			t.Errorf("%d tries within %v, %q; want few within 3s, and the reason", tries.Load(), got.after, got.Reason)
		}
	})
}

// done is called by others, never by Send; what it sends in turn is delivered.
func TestDoneMaySend(t *testing.T) {
	at := listen(t, func(_ int, conn *net.TCPConn) { polite(conn) })
	c := newCourier(t, courier.Config{})
	const rounds = 500
	var lock sync.Mutex
	ended := make(chan struct{})
	n := 0
	var done func(relay.Delivery, relay.Outcome)
	done = func(d relay.Delivery, o relay.Outcome) {
		lock.Lock() // held by the caller of the first Send
		defer lock.Unlock()
		if o.Verdict != relay.Delivered {
			t.Errorf("outcome = %+v", o)
		}
		if n++; n == rounds {
			close(ended)
			return
		}
		c.Send([]relay.Delivery{d}, done)
	}
	lock.Lock()
	c.Send([]relay.Delivery{delivery(at)}, done)
	lock.Unlock()
	<-ended
}

// Close ends connecting and waiting for it.
func TestCloseEndsConnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := courier.New(courier.Config{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		var list []netip.AddrPort
		for n := range 300 {
			list = append(list, far(n))
		}
		r := sendAll(c, list...)
		time.Sleep(50 * time.Millisecond)
		c.Close()
		for _, at := range list {
			if got, _ := r.of(at); got.Verdict != relay.Abandoned || got.after != 50*time.Millisecond {
				t.Fatalf("outcome of %s = %+v, want abandoned at once", at, got)
			}
		}
	})
}

// Drips end at the deadline, on real sockets too.
func TestDrips(t *testing.T) {
	for name, start := range map[string]string{
		"nothing":        "",
		"a head":         "HTTP/1.1 200 OK\r\n",
		"a body":         "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
		"an endless one": "HTTP/1.1 200 OK\r\n\r\n",
		"chunks":         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
	} {
		at := listen(t, func(_ int, conn *net.TCPConn) {
			readRequest(bufio.NewReader(conn))
			conn.Write([]byte(start))
			for start != "" {
				if _, err := conn.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			conn.Read(make([]byte, 1)) // until the courier hangs up
		})
		d := delivery(at)
		d.Timeout = 300 * time.Millisecond
		o := send(t, newCourier(t, courier.Config{}), d)[0]
		wantOutcome(t, "drips of "+name, o, relay.Dead, fmt.Sprintf("notify to %s: no answer within 300ms", at))
	}
}
