//go:build linux

package courier

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"co2/relay"
)

// A pollRig makes exchanges on real sockets with a slow satellite each.
type pollRig struct {
	t  *testing.T
	c  *Courier
	ln net.Listener
}

func newPollRig(t *testing.T) *pollRig {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return &pollRig{t, New(Config{MaxKept: 1000}), ln}
}

// exchange returns one that is to be written, and the far end of its
// connection. Its end is told on ended.
func (r *pollRig) exchange(timeout time.Duration) (x *exchange, far net.Conn, ended chan relay.Outcome) {
	r.t.Helper()
	nc, err := net.Dial("tcp", r.ln.Addr().String())
	if err != nil {
		r.t.Fatal(err)
	}
	far, err = r.ln.Accept()
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { far.Close() })
	kept, err := r.c.lines.claim(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	ended = make(chan relay.Outcome, 1)
	at := netip.MustParseAddrPort(nc.LocalAddr().String())
	return &exchange{
		Delivery: relay.Delivery{To: relay.Callback{Scheme: "http", Addr: at, Path: "/RPC2"}, Method: "ping", Timeout: timeout},
		done:     func(_ relay.Delivery, o relay.Outcome) { ended <- o },
		line:     &line{at: at, calls: 1}, conn: newConn(nc, kept, true),
	}, far, ended
}

// A call to a slow satellite does not wait for the deadline of as many as may
// have hopes at once, which were written before it and say nothing.
func TestSlowBehindFullHopes(t *testing.T) {
	r := newPollRig(t)
	defer r.c.Close()
	const timeout = 20 * time.Second
	var last net.Conn
	var silent []*exchange
	for range maxHopes {
		x, far, _ := r.exchange(timeout)
		silent, last = append(silent, x), far
	}
	for _, x := range silent {
		r.c.late.post(x)
	}
	if _, err := http.ReadRequest(bufio.NewReader(last)); err != nil { // all are written
		t.Fatal(err)
	}
	time.Sleep(2 * patience) // nobody has hopes any more
	x, far, ended := r.exchange(timeout)
	go func() {
		if req, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
			io.Copy(io.Discard, req.Body)
			fmt.Fprint(far, withLength(okDoc, "HTTP/1.1 200 OK"))
		}
	}()
	begin := time.Now()
	r.c.late.post(x)
	select {
	case o := <-ended:
		if o.Verdict != relay.Delivered {
			t.Errorf("outcome %+v, want it delivered", o)
		}
	case <-time.After(timeout / 2):
		t.Errorf("it was not done within %v", time.Since(begin))
	}
}

// What stirs the poll after it looked who has ended is not lost by the alarm
// that it sets then.
func TestAlarmAfterClosing(t *testing.T) {
	r := newPollRig(t)
	defer r.c.Close()
	p := r.c.late.poll
	x, _, _ := r.exchange(time.Minute)
	x.start, x.sent, x.total = time.Now(), 1, 1
	p.mu.Lock()
	p.working = true // here, between expire and next
	p.addLocked(x)
	p.mu.Unlock()
	r.c.closed.Store(true)
	p.cut()
	if next := p.next(); next != nil {
		t.Fatalf("there is a call to make: %+v", next)
	}
	waited := make(chan bool)
	go func() {
		p.wait(make([]unix.EpollEvent, 1))
		close(waited)
	}()
	select {
	case <-waited:
	case <-time.After(10 * time.Second):
		t.Error("the poll sleeps on though the courier is closed")
	}
	p.mu.Lock()
	p.working = false
	p.stirLocked() // ends x
	p.mu.Unlock()
}
