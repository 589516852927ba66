package binding

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"co2/discovery"
)

// A tape is a connection whose peer has said everything and hears everything.
type tape struct {
	io.Reader
	bytes.Buffer
}

func (t *tape) Read(p []byte) (int, error)       { return t.Reader.Read(p) }
func (t *tape) Write(p []byte) (int, error)      { return t.Buffer.Write(p) }
func (t *tape) Close() error                     { return nil }
func (t *tape) LocalAddr() net.Addr              { return nil }
func (t *tape) RemoteAddr() net.Addr             { return nil }
func (t *tape) SetDeadline(time.Time) error      { return nil }
func (t *tape) SetReadDeadline(time.Time) error  { return nil }
func (t *tape) SetWriteDeadline(time.Time) error { return nil }

// recorded are services that take everything, and note who did what.
type recorded struct {
	mu           sync.Mutex
	publications []discovery.Publication // guarded by mu
	changes      []string                // guarded by mu: all, by kind and user
}

func (r *recorded) note(kind string, who discovery.Account) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes = append(r.changes, kind+" by "+who.Name)
}

func (r *recorded) Publish(who discovery.Account, p discovery.Publication) (string, error) {
	r.note("publish", who)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.publications = append(r.publications, p)
	return p.Service, nil
}

func (r *recorded) Unpublish(who discovery.Account, _ discovery.Withdrawal) error {
	r.note("unpublish", who)
	return nil
}

func (r *recorded) SetPermanent(who discovery.Account, _ string, _ bool) error {
	r.note("change", who)
	return nil
}

func (r *recorded) Info(id string) (discovery.Information, bool) {
	return discovery.Information{Identifier: id}, len(id) == 1
}

func (r *recorded) Reload() error { return nil }

// homeless are two accounts, without homes in which something could be made.
type homeless struct{}

func (homeless) ByName(string) (discovery.Account, error) {
	return discovery.Account{}, discovery.ErrNoAccount
}

func (homeless) ByUID(uid uint32) (discovery.Account, error) {
	switch uid {
	case 0:
		return discovery.Account{Name: "root", Privileged: true}, nil
	case 1000:
		return discovery.Account{UID: 1000, GID: 1000, Name: "user"}, nil
	}
	return discovery.Account{}, discovery.ErrNoAccount
}

// testDoor has a key of tokens and no listeners.
func testDoor(s Services, log *slog.Logger) *Door {
	d := NewDoor(DoorConfig{}, s, homeless{}, log)
	d.key = tokenKey(strings.Repeat("k", shortestSecret))
	return d
}

// converse plays what a peer says to a door and returns what it hears.
func converse(d *Door, from peer, said io.Reader) string {
	conn := &tape{Reader: said}
	s := &session{conn: conn, peer: from}
	h := newHall(1, 1)
	h.enter(s, time.Now())
	for in := newStream(conn); d.exchange(h, s, in); {
	}
	return conn.String()
}
