package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"co2/methods/wire"
)

// A crowd is many satellites in this process, each at an address 127.1.x.y
// of its own, all on one port. Some may be bad.
type crowd struct {
	t    *testing.T
	ln   net.Listener
	port int
	ways sync.WaitGroup
	all  []*fellow // good ones, then bad ones
	at   map[string]*fellow
	sent []atomic.Int64 // when each message was sent, in nanoseconds

	mu     sync.Mutex
	open   map[net.Conn]bool // guarded by mu
	closed bool              // guarded by mu
}

// A fellow is one satellite of a crowd.
type fellow struct {
	crowd  *crowd
	ip     string
	port   int
	hostID string
	manner manner        // nil: good
	slow   time.Duration // how long it takes to answer

	mu    sync.Mutex
	next  int             // guarded by mu: number of the message that comes next
	errs  []string        // guarded by mu
	after []time.Duration // guarded by mu: from sending to delivery
	pings int             // guarded by mu
}

// newCrowd makes satellites that are not registered yet: good ones, and one
// for each manner.
func newCrowd(t *testing.T, good, messages int, bad ...manner) *crowd {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere than on Linux 127.1.x.y is not ours without further ado")
	}
	ln, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{
		t: t, ln: ln, port: ln.Addr().(*net.TCPAddr).Port, at: map[string]*fellow{},
		sent: make([]atomic.Int64, messages), open: map[net.Conn]bool{},
	}
	for i := range good + len(bad) {
		m := &fellow{crowd: c, ip: fmt.Sprintf("127.1.%d.%d", i/250, 1+i%250), port: c.port}
		if i >= good {
			m.manner = bad[i-good]
		}
		if m.manner != nil && m.manner.talk == nil {
			m.port = deafPort(t, m.ip)
		}
		m.hostID = net.JoinHostPort(m.ip, strconv.Itoa(m.port))
		c.all = append(c.all, m)
		c.at[m.ip] = m
	}
	c.ways.Go(c.accept)
	t.Cleanup(c.leave)
	return c
}

func (c *crowd) accept() {
	for {
		conn, err := c.ln.Accept()
		if err != nil {
			return
		}
		if !c.keep(conn) {
			conn.Close()
			return
		}
		c.ways.Go(func() {
			defer c.drop(conn)
			c.at[conn.LocalAddr().(*net.TCPAddr).IP.String()].serve(conn)
		})
	}
}

func (c *crowd) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[conn] = true
	return !c.closed
}

func (c *crowd) drop(conn net.Conn) {
	conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, conn)
}

func (c *crowd) leave() {
	c.ln.Close()
	c.mu.Lock()
	c.closed = true
	for conn := range c.open {
		conn.Close()
	}
	c.mu.Unlock()
	c.ways.Wait()
}

func (m *fellow) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		body, err := request(in)
		if err != nil {
			return
		}
		if m.manner != nil {
			m.manner.talk(conn)
			return
		}
		m.got(body)
		if m.slow > 0 {
			time.Sleep(m.slow)
		}
		if _, err := io.WriteString(conn, goodAnswer); err != nil {
			return
		}
	}
}

var goodAnswer = func() string {
	doc := `<?xml version="1.0"?><methodResponse><params><param><value><string>OK</string></value></param></params></methodResponse>`
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(doc), doc)
}()

// request reads one request and returns its body.
func request(in *bufio.Reader) ([]byte, error) {
	text := textproto.NewReader(in)
	if _, err := text.ReadLine(); err != nil {
		return nil, err
	}
	head, err := text.ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(head.Get("Content-Length"))
	if err != nil {
		return nil, err
	}
	body := make([]byte, n)
	_, err = io.ReadFull(in, body)
	return body, err
}

// got takes a call in. Messages carry their number as #N#, from 0.
func (m *fellow) got(body []byte) {
	now := time.Now().UnixNano()
	_, rest, message := bytes.Cut(body, []byte("#"))
	number, _, _ := bytes.Cut(rest, []byte("#"))
	m.mu.Lock()
	defer m.mu.Unlock()
	if !message {
		m.pings++
		return
	}
	n, err := strconv.Atoi(string(number))
	if err != nil || n != m.next {
		m.errs = append(m.errs, fmt.Sprintf("got message %q, want number %d", number, m.next))
	}
	m.next = n + 1
	if err == nil && n < len(m.crowd.sent) {
		m.after = append(m.after, time.Duration(now-m.crowd.sent[n].Load()))
	}
}

// pinged tells how often the relay pinged m.
func (m *fellow) pinged() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pings
}

func (m *fellow) received() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.next
}

// client calls the relay from m's address.
func (m *fellow) client(relay *server) wire.Client {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(m.ip)}}
	return wire.Client{URL: relay.url + "/RPC2", HTTP: wire.NewHTTPClient(d.DialContext)}
}

// register registers all, several at a time.
func (c *crowd) register(relay *server) {
	c.t.Helper()
	c.each(c.all, func(ctx context.Context, m *fellow) error {
		client := m.client(relay)
		defer client.HTTP.CloseIdleConnections()
		var id string
		if err := client.Call(ctx, "relay.register", &id, structure{"port": m.port}); err != nil || id != m.hostID {
			return fmt.Errorf("register %s = %q, %v", m.hostID, id, err)
		}
		return nil
	})
}

// each does something for many members, a few dozen at a time.
func (c *crowd) each(members []*fellow, do func(context.Context, *fellow) error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*patience)
	defer cancel()
	todo := make(chan *fellow)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for m := range todo {
				if err := do(ctx, m); err != nil {
					c.t.Error(err)
				}
			}
		})
	}
	for _, m := range members {
		todo <- m
	}
	close(todo)
	all.Wait()
	if c.t.Failed() {
		c.t.FailNow()
	}
}

// send sends messages first to last-1 as the first member, so many a second;
// 0: one after the other.
func (c *crowd) send(relay *server, first, last, perSecond int) {
	c.t.Helper()
	client := c.all[0].client(relay)
	defer client.HTTP.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*patience)
	defer cancel()
	padding := strings.Repeat("x", 1000)
	var tick <-chan time.Time
	if perSecond > 0 {
		ticker := time.NewTicker(time.Second / time.Duration(perSecond))
		defer ticker.Stop()
		tick = ticker.C
	}
	for i := first; i < last; i++ {
		if tick != nil {
			<-tick
		}
		c.sent[i].Store(time.Now().UnixNano())
		var answer string
		err := client.Call(ctx, "relay.relay", &answer, structure{"host_id": c.all[0].hostID, "data": fmt.Sprintf("#%d#%s", i, padding)})
		if err != nil || answer != "OK" {
			c.t.Fatalf("relay.relay of message %d = %q, %v", i, answer, err)
		}
	}
}

// good are those that get messages and are not bad.
func (c *crowd) good() (list []*fellow) {
	for _, m := range c.all[1:] {
		if m.manner == nil {
			list = append(list, m)
		}
	}
	return list
}

// wants waits until every good one has got the messages up to n, and fails
// if one came out of order, twice, or not at all.
func (c *crowd) wants(n int) {
	c.t.Helper()
	eventually(c.t, fmt.Sprintf("all good satellites have got %d messages", n), func() bool {
		for _, m := range c.good() {
			if m.received() < n {
				return false
			}
		}
		return true
	})
	for _, m := range c.all {
		m.mu.Lock()
		if len(m.errs) > 0 {
			c.t.Errorf("%s: %s", m.hostID, m.errs[0])
		}
		m.mu.Unlock()
	}
	if n := c.all[0].received(); n != 0 {
		c.t.Errorf("the sender got its own messages, up to %d", n-1)
	}
}

// props are the properties the relay tells of members, asked over one
// connection.
func (c *crowd) props(relay *server, members ...*fellow) []structure {
	c.t.Helper()
	client := c.all[0].client(relay)
	defer client.HTTP.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	list := make([]structure, len(members))
	for i, m := range members {
		if err := client.Call(ctx, "relay.get_satellite_props", &list[i], structure{"host_id": m.hostID}); err != nil {
			c.t.Fatalf("properties of %s: %v", m.hostID, err)
		}
	}
	return list
}

// times are those of all messages to good satellites, from sending to delivery.
func (c *crowd) times() (list []time.Duration) {
	for _, m := range c.good() {
		m.mu.Lock()
		list = append(list, m.after...)
		m.mu.Unlock()
	}
	return list
}
