package binding

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"co2/discovery"
)

// Where the original has its door and the files of it.
const (
	DefaultAddr       = "127.0.0.1:1390"
	DefaultCertFile   = "/etc/marcopolo/certs/polossl.crt"
	DefaultKeyFile    = "/etc/marcopolo/certs/polossl.key"
	DefaultSecretFile = "/etc/marcopolo/polo/secret"
)

// A DoorConfig says where a [Door] is and what it needs. Its zero value means
// the TLS door of the original, with its files, and no Unix door.
type DoorConfig struct {
	// Addr is the TCP address of the TLS door; default [DefaultAddr]. Its host
	// must be a loopback address: a token is worth its user's services.
	Addr  string
	NoTLS bool // no TLS door; Socket must be set then
	// CertFile and KeyFile hold what the TLS door shows, in PEM; default
	// [DefaultCertFile] and [DefaultKeyFile]. They are made if one is missing,
	// and again at the first start after the certificate has expired.
	CertFile, KeyFile string
	// SecretFile holds the key of tokens; default [DefaultSecretFile]. It is
	// made if it is missing. Nobody but its owner may read it or KeyFile.
	SecretFile string
	// Socket is the path of the Unix door, see [DefaultSocket]; "" for none.
	Socket string
	// MaxConns bounds the connections of each of the two doors [128], and of
	// one user at the Unix door to a quarter of it.
	MaxConns int
}

// Services is the set of services that a [Door] changes; [discovery.Store] is
// one. An error that is a [*discovery.Refusal] is told to the program at the
// door, any other is logged.
type Services interface {
	Publish(who discovery.Account, p discovery.Publication) (id string, err error)
	Unpublish(who discovery.Account, w discovery.Withdrawal) error
	SetPermanent(who discovery.Account, id string, permanent bool) error
	Info(id string) (discovery.Information, bool)
	Reload() error
}

// A Door lets programs of this host publish and remove services.
type Door struct {
	cfg      DoorConfig
	services Services
	accounts discovery.Accounts
	log      *slog.Logger
	notes    *notes

	key     tokenKey
	secure  net.Listener // nil: none
	private net.Listener // nil: none
}

// NewDoor returns a Door that is open while it runs. It asks accounts who the
// users are. A nil log is silent.
func NewDoor(cfg DoorConfig, services Services, accounts discovery.Accounts, log *slog.Logger) *Door {
	cfg.Addr = cmp.Or(cfg.Addr, DefaultAddr)
	cfg.CertFile = cmp.Or(cfg.CertFile, DefaultCertFile)
	cfg.KeyFile = cmp.Or(cfg.KeyFile, DefaultKeyFile)
	cfg.SecretFile = cmp.Or(cfg.SecretFile, DefaultSecretFile)
	cfg.MaxConns = cmp.Or(cfg.MaxConns, 128)
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Door{cfg: cfg, services: services, accounts: accounts, log: log, notes: newNotes(log, notesBurst)}
}

// Listen opens the door without answering yet. Run does it if it has not been
// done; on its own it is for who wants to know early that it works, or the
// address that [Door.Addr] tells. It makes the files that are missing. The
// error says what is wrong and with which file or address.
func (d *Door) Listen() error {
	if d.cfg.NoTLS && d.cfg.Socket == "" {
		return errors.New("polo binding: neither a TLS nor a Unix door is wanted")
	}
	if err := d.open(); err != nil {
		d.close()
		return fmt.Errorf("polo binding: %w", err)
	}
	return nil
}

func (d *Door) open() error {
	var err error
	if d.key, err = loadTokenKey(d.cfg.SecretFile); err != nil {
		return err
	}
	if !d.cfg.NoTLS {
		if d.secure, err = d.listenTLS(); err != nil {
			return err
		}
	}
	if d.cfg.Socket != "" {
		d.private, err = listenUnix(d.cfg.Socket)
	}
	return err
}

func (d *Door) listenTLS() (net.Listener, error) {
	addr, err := netip.ParseAddrPort(d.cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("address of the TLS door: %w", err)
	}
	if !addr.Addr().IsLoopback() {
		return nil, fmt.Errorf("address of the TLS door: %s is reached from other hosts, want 127.0.0.1", addr)
	}
	pair, err := loadCertificate(d.cfg.CertFile, d.cfg.KeyFile, time.Now())
	if err != nil {
		return nil, err
	}
	plain, err := net.Listen("tcp", d.cfg.Addr)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(plain, tlsConfig(pair)), nil
}

func (d *Door) close() {
	for _, door := range []net.Listener{d.secure, d.private} {
		if door != nil {
			door.Close()
		}
	}
	d.secure, d.private = nil, nil
}

// Addr returns the address of the TLS door after [Door.Listen], or nil if there
// is none.
func (d *Door) Addr() net.Addr {
	if d.secure == nil {
		return nil
	}
	return d.secure.Addr()
}

// Run answers until ctx ends, and then returns nil: requests that have arrived
// are answered, and the socket is removed. It returns early only with an error
// of [Door.Listen]. A Door runs once.
func (d *Door) Run(ctx context.Context) error {
	if d.secure == nil && d.private == nil {
		if err := d.Listen(); err != nil {
			return err
		}
	}
	var doors sync.WaitGroup
	if d.secure != nil {
		doors.Go(func() { d.serve(ctx, d.secure, nobody, newHall(d.cfg.MaxConns, d.cfg.MaxConns)) })
	}
	if d.private != nil {
		doors.Go(func() { d.serve(ctx, d.private, peerOf, newHall(d.cfg.MaxConns, max(1, d.cfg.MaxConns/4))) })
	}
	doors.Wait()
	return nil
}

// serve attends to whoever comes through one door, and returns once ctx has
// ended and all have left.
func (d *Door) serve(ctx context.Context, door net.Listener, who func(net.Conn) (peer, error), h *hall) {
	var sessions sync.WaitGroup
	defer sessions.Wait()
	sessions.Go(func() {
		<-ctx.Done()
		door.Close()
		h.close()
	})
	for ctx.Err() == nil {
		conn, err := door.Accept()
		if err != nil {
			if ctx.Err() == nil {
				d.notes.warn("no connection taken", "code", "BIND-ACCEPT", "err", err)
				pause(ctx, 100*time.Millisecond) // such as for want of descriptors
			}
			continue
		}
		from, err := who(conn)
		if err != nil {
			d.notes.warn("connection refused, its user is unknown", "code", "BIND-STRANGER", "err", err)
			conn.Close()
			continue
		}
		s := &session{conn: conn, peer: from}
		if !h.enter(s, time.Now()) {
			d.log.Debug("connection refused, the door is full", "code", "BIND-FULL")
			s.drop()
			continue
		}
		sessions.Go(func() { d.attend(ctx, h, s) })
	}
}

func nobody(net.Conn) (peer, error) { return peer{}, nil }

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
