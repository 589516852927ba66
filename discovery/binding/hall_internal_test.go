package binding

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// A pipeDoor is a listener in memory.
type pipeDoor struct {
	comers chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipeDoor) Accept() (net.Conn, error) {
	select {
	case conn := <-p.comers:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeDoor) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipeDoor) Addr() net.Addr { return nil }

// as is a connection of a user.
type as struct {
	net.Conn
	uid uint32
}

// A guarded door serves in the bubble until the test ends.
type guarded struct {
	t    *testing.T
	door *pipeDoor
	stop func()
}

// guard opens a door with places for most connections, and of one user for
// mostOfOne, the connections being of known users.
func guard(t *testing.T, s Services, most, mostOfOne int) *guarded {
	t.Helper()
	g := &guarded{t: t, door: &pipeDoor{comers: make(chan net.Conn), closed: make(chan struct{})}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	who := func(conn net.Conn) (peer, error) {
		if user, ok := conn.(as); ok {
			return peer{user.uid, true}, nil
		}
		return peer{}, nil
	}
	go func() {
		testDoor(s, nil).serve(ctx, g.door, who, newHall(most, mostOfOne))
		close(ended)
	}()
	g.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(g.stop)
	return g
}

func (g *guarded) dial(uid uint32) net.Conn {
	here, there := net.Pipe()
	g.t.Cleanup(func() { there.Close() })
	g.door.comers <- as{here, uid}
	synctest.Wait()
	return there
}

const askHas = `{"Command": "Has-service", "Args": {"service": "x"}}`

// asks reports whether a request is answered.
func (g *guarded) asks(conn net.Conn) bool {
	g.t.Helper()
	if _, err := io.WriteString(conn, askHas); err != nil {
		return false
	}
	buf := make([]byte, 1024)
	n, err := conn.Read(buf)
	if err == nil && string(buf[:n]) != `{"OK": true}` {
		g.t.Errorf("reply %s", buf[:n])
	}
	return err == nil
}

// open reports whether the door has not closed a connection.
func open(conn net.Conn) bool {
	conn.SetReadDeadline(time.Now())
	_, err := conn.Read(make([]byte, 1))
	conn.SetReadDeadline(time.Time{})
	return !errors.Is(err, io.EOF)
}

// A connection must bring its first request within a minute, and each whole
// within a minute of its first byte; between them it may wait for days, as
// programs of the original's bindings do, which unpublish through the
// connection that they published through.
func TestWaits(t *testing.T) { // 4.1, D36
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, &recorded{}, 100, 100)
		idle, slow, user := g.dial(1), g.dial(2), g.dial(3)
		drip := func(conn net.Conn, until func()) {
			for i := range 5 {
				io.WriteString(conn, askHas[i:i+1])
				time.Sleep(requestWait / 5)
				if i < 4 && !open(conn) {
					t.Error("a connection was closed before its time")
				}
			}
			time.Sleep(time.Millisecond)
			until()
		}
		if !g.asks(user) {
			t.Fatal("no answer")
		}
		drip(slow, func() {
			if open(idle) {
				t.Error("a connection without any request goes on for ever")
			}
			if open(slow) {
				t.Error("a connection whose request drips goes on for ever")
			}
		})
		time.Sleep(72 * time.Hour)
		if !g.asks(user) {
			t.Fatal("a program that had published was cut off")
		}
		time.Sleep(time.Hour)
		drip(user, func() {
			if open(user) {
				t.Error("a connection whose second request drips goes on for ever")
			}
		})
	})
}

// Who does not take replies has no place for long.
func TestUntakenReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, &recorded{}, 1, 1)
		deaf := g.dial(1)
		io.WriteString(deaf, askHas)
		synctest.Wait()
		if second := g.dial(2); open(second) {
			t.Error("the door took a second connection while it answered the first")
		}
		time.Sleep(replyWait + time.Millisecond)
		if !g.asks(g.dial(2)) {
			t.Error("the place is still taken")
		}
	})
}

// Only so much time is given to a greeting.
func TestNoGreeting(t *testing.T) {
	certFile, keyFile := certFiles(t)
	pair, err := loadCertificate(certFile, keyFile, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, &recorded{}, 100, 100)
		here, there := net.Pipe()
		defer there.Close()
		g.door.comers <- tls.Server(here, tlsConfig(pair))
		time.Sleep(greetWait - time.Millisecond)
		if !open(there) {
			t.Error("the connection was closed too early")
		}
		time.Sleep(2 * time.Millisecond)
		if open(there) {
			t.Error("a connection that greets not goes on")
		}
	})
}

// In a full door the one that has waited longest makes room, and a user who
// has many connections makes room for himself.
func TestFullDoor(t *testing.T) { // D36, 10
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, &recorded{}, 4, 2)
		one, two, three, four := g.dial(1), g.dial(2), g.dial(3), g.dial(4)
		time.Sleep(time.Second)
		if !g.asks(one) {
			t.Fatal("no answer")
		}
		five := g.dial(5)
		if open(two) && open(three) && open(four) || !open(one) || !open(five) {
			t.Error("the fifth connection did not take the place of one that had waited longest")
		}
		left := 0
		for _, conn := range []net.Conn{one, two, three, four, five} {
			if open(conn) {
				left++
			}
		}
		if left != 4 {
			t.Errorf("%d connections are open, want 4", left)
		}
		time.Sleep(time.Second)
		second := g.dial(5)
		third := g.dial(5)
		if open(five) || !open(second) || !open(third) || !open(one) {
			t.Error("the third connection of a user did not take the place of his first")
		}
	})
}

// blocked services answer when they are let.
type blocked struct {
	recorded
	free chan struct{}
}

func (b *blocked) Info(string) (discovery.Information, bool) {
	<-b.free
	return discovery.Information{}, true
}

// Who is being answered is not sent away for anybody, not even at the end.
func TestBusyConnectionsStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &blocked{free: make(chan struct{})}
		g := guard(t, s, 2, 2)
		answers := make(chan bool)
		for uid := range uint32(2) {
			conn := g.dial(uid)
			go func() { answers <- g.asks(conn) }()
		}
		synctest.Wait()
		if third := g.dial(3); open(third) {
			t.Error("a third connection was taken")
		}
		stopped := make(chan struct{})
		go func() {
			g.stop()
			close(stopped)
		}()
		synctest.Wait()
		select {
		case <-stopped:
			t.Error("the door ended before its requests")
		default:
		}
		close(s.free)
		for range 2 {
			if !<-answers {
				t.Error("a request that had arrived is not answered")
			}
		}
		<-stopped
	})
}

// A request of who was sent away before it had come whole is not done: his
// program makes it again elsewhere.
func TestDismissedRequestIsNotDone(t *testing.T) {
	s := &recorded{}
	d, h := testDoor(s, nil), newHall(1, 1)
	user := peer{uid: 1000, known: true}
	const request = `{"Command": "Publish", "Args": {"service": "a"}}`
	first := &session{conn: &tape{Reader: strings.NewReader(request)}, peer: user}
	second := &session{conn: &tape{Reader: strings.NewReader(request)}, peer: user}
	if !h.enter(first, time.Now()) || !h.enter(second, time.Now()) {
		t.Fatal("no room")
	}
	if d.exchange(h, first, newStream(first.conn)) || len(s.changes) > 0 {
		t.Errorf("after it was sent away a connection has done %v", s.changes)
	}
	if !d.exchange(h, second, newStream(second.conn)) || len(s.changes) != 1 {
		t.Errorf("the one in its place has done %v, want one publication", s.changes)
	}
}

// failing is a listener without descriptors.
type failing struct {
	pipeDoor
	failures int
}

func (f *failing) Accept() (net.Conn, error) {
	select {
	case <-f.closed:
		return nil, net.ErrClosed
	default:
		f.failures++
		return nil, errors.New("too many open files")
	}
}

// A door that cannot take connections tries again, without haste, and says so
// in few lines.
func TestShortage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		f := &failing{pipeDoor: pipeDoor{closed: make(chan struct{})}}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		testDoor(&recorded{}, slog.New(slog.NewTextHandler(&log, nil))).serve(ctx, f, nobody, newHall(1, 1))
		lines := strings.Count(log.String(), "\n")
		if f.failures < 1000 || f.failures > 100_000 || lines < 100 || lines > 3700 {
			t.Errorf("in an hour %d attempts and %d lines in the log", f.failures, lines)
		}
	})
}

// The log of what programs cause is bounded, and tells what it leaves out.
func TestNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		n := newNotes(slog.New(slog.NewTextHandler(&log, nil)), notesBurst)
		for range 1000 {
			n.info("something")
		}
		if got := strings.Count(log.String(), "\n"); got != notesBurst {
			t.Errorf("%d lines at once, want %d", got, notesBurst)
		}
		log.Reset()
		time.Sleep(2 * notesEvery)
		for range 10 {
			n.warn("something")
		}
		if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "left_out=950\n") {
			t.Errorf("two seconds later: %s, want two lines and 950 left out", got)
		}
	})
}
