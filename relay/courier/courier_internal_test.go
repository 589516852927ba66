package courier

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"co2/relay"
)

// What is sent one by one is taken in batches, in order.
func TestQueueGathers(t *testing.T) {
	started := 0
	q := queue{workers: 2, start: func() { started++ }}
	for i := range 2*batchSize + 10 {
		q.put([]relay.Delivery{{HostID: fmt.Sprint(i)}}, nil)
	}
	n := 0
	for k, want := range []int{batchSize, batchSize, 10} {
		b := q.take(k > 0)
		if b.n != want {
			t.Fatalf("a batch of %d, want %d", b.n, want)
		}
		for i := range b.n {
			if id := b.list[i].HostID; id != fmt.Sprint(n) {
				t.Fatalf("delivery %s, want %d", id, n)
			}
			n++
		}
	}
	if q.take(true) != nil || q.take(false) != nil || q.working != 0 || q.busy != 0 || started != 2 {
		t.Errorf("the empty queue has %d workers of %d started, %d busy, want 0 of 2, 0", q.working, started, q.busy)
	}
}

// A worker that waits for answers does not hold up what comes meanwhile.
func TestQueueStartsBesideBusyWorkers(t *testing.T) {
	started := 0
	q := queue{workers: 3, start: func() { started++ }}
	for want := 1; want <= 4; want++ {
		q.put([]relay.Delivery{{}}, nil)
		if started != min(want, 3) {
			t.Errorf("%d workers started for %d deliveries, want %d", started, want, min(want, 3))
		}
		if want < 4 {
			q.take(false)
		}
	}
}

// One that takes longer than the others is slow; when all take as long, none is.
func TestPace(t *testing.T) {
	var p pace
	for range 1000 {
		if p.slower(2 * time.Millisecond) {
			t.Fatal("2ms are slow")
		}
	}
	if !p.slower(patience+1) || p.slower(patience) {
		t.Error("beside 2ms, 20ms are slow, or more are not")
	}
	for range 1000 {
		p.slower(50 * time.Millisecond)
	}
	if p.slower(50*time.Millisecond) || !p.slower(time.Second) {
		t.Error("beside 50ms, 50ms are slow, or 1s is not")
	}
	for range 1000 {
		p.slower(2 * time.Millisecond)
	}
	if !p.slower(patience + 1) {
		t.Error("more than 20ms are not slow once the others are quick again")
	}
}

func TestShareOf(t *testing.T) {
	for _, test := range []struct{ limit, kept, loose int }{
		{0, 0, 16}, {64, 0, 16}, {128, 32, 16}, {256, 126, 18}, {1024, 630, 90}, {20000, 14696, 256}, {1 << 20, 786128, 256},
	} {
		if kept, loose := shareOf(test.limit); kept != test.kept || loose != test.loose {
			t.Errorf("shareOf(%d) = %d, %d, want %d, %d", test.limit, kept, loose, test.kept, test.loose)
		}
	}
}

func TestRoomForLongAnswers(t *testing.T) {
	r := room{size: 3 * longAnswer}
	var a, b, c int64
	if !r.grow(&a, 100) || a != 0 {
		t.Errorf("a short answer counts %d", a)
	}
	if !r.grow(&a, longAnswer) || !r.grow(&a, 2*longAnswer) || !r.grow(&b, longAnswer) || r.grow(&c, longAnswer) {
		t.Errorf("room for three holds %d, %d, %d", a, b, c)
	}
	r.shrink(&a)
	if !r.grow(&c, 2*longAnswer) || r.held.Load() != 3*longAnswer {
		t.Errorf("after one has gone %d are held", r.held.Load())
	}
}

// A lack that is the relay's own is told from what a satellite does.
func TestExhausted(t *testing.T) {
	for err, want := range map[error]bool{
		syscall.EMFILE: true, syscall.ENFILE: true, syscall.EADDRNOTAVAIL: true,
		syscall.ECONNREFUSED: false, syscall.EHOSTUNREACH: false, syscall.ETIMEDOUT: false, os.ErrDeadlineExceeded: false,
	} {
		if got := exhausted(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", err)}); got != want {
			t.Errorf("exhausted(%v) = %v, want %v", err, got, want)
		}
	}
}

// After a process was stopped, the deadline of an answer that lies in its
// socket has passed. It still counts; one that has not come does not.
func TestAnswerThatCameWhileStopped(t *testing.T) {
	c := New(Config{})
	defer c.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	at := netip.MustParseAddrPort(ln.Addr().String())
	for _, answers := range []bool{true, false} {
		nc, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		far, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		want := relay.Dead
		if answers {
			want = relay.Delivered
			fmt.Fprint(far, withLength(okDoc, "HTTP/1.1 200 OK"))
			waitReadable(t, nc.(*net.TCPConn))
		}
		ended := make(chan relay.Outcome, 1)
		kept, err := c.lines.claim(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		x := &exchange{
			Delivery: relay.Delivery{To: relay.Callback{Scheme: "http", Addr: at}, Timeout: time.Second},
			done:     func(_ relay.Delivery, o relay.Outcome) { ended <- o },
			line:     &line{at: at, calls: 1}, conn: newConn(nc, kept, c.late.poll != nil),
			start: time.Now().Add(-time.Hour), sent: 1, total: 1,
		}
		c.late.add(x)
		if o := <-ended; o.Verdict != want {
			t.Errorf("answers %v: outcome %+v, want %d", answers, o, want)
		}
	}
}

// waitReadable returns when something lies in the socket.
func waitReadable(t *testing.T, c *net.TCPConn) {
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Read(func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return n > 0 || err != syscall.EAGAIN
	})
	if err != nil {
		t.Fatal(err)
	}
}
