package binding

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"
)

// A Config says how to reach the Polo of this host. Its zero value means the
// Unix door of a Polo that this user or root runs, and if there is none the TLS
// door at its usual address.
type Config struct {
	// Socket is the path of a Unix door, the only one to try.
	Socket string
	// Addr is the TCP address of a TLS door, the only one to try unless Socket
	// is set.
	Addr string
	// CertFile holds the certificate, in PEM, that the TLS door must show;
	// default [DefaultCertFile]. If that one is not there or may not be read,
	// any will do, as to the original's bindings.
	CertFile string
	// TokenFile holds the token for the TLS door; default .polo/token in the
	// home of the user.
	TokenFile string
	// Timeout bounds connecting and each request; default 4 s.
	Timeout time.Duration
}

func (c Config) filled() (Config, error) {
	c.Timeout = cmp.Or(c.Timeout, 4*time.Second)
	if c.TokenFile != "" {
		return c, nil
	}
	me, err := user.LookupId(strconv.Itoa(os.Geteuid()))
	if err != nil {
		return c, fmt.Errorf("find the home of this user: %w", err)
	}
	c.TokenFile = filepath.Join(me.HomeDir, tokenFolder, tokenFile)
	return c, nil
}

// A route is the address of a door.
type route struct{ network, addr string }

func (r route) private() bool { return r.network == "unix" }

// routes returns those to try, in order.
func (c Config) routes() (routes []route) {
	switch {
	case c.Socket != "":
		return []route{{"unix", c.Socket}}
	case c.Addr != "":
		return []route{{"tcp", c.Addr}}
	}
	for _, path := range []string{DefaultSocket(), rootSocket} {
		if _, err := os.Lstat(path); path != "" && err == nil {
			routes = append(routes, route{"unix", path})
		}
	}
	return append(routes, route{"tcp", DefaultAddr})
}

// A link is an open connection.
type link struct {
	net.Conn
	in stream
}

func (r route) dial(ctx context.Context, c Config) (*link, error) {
	ctx, stop := context.WithTimeout(ctx, c.Timeout)
	defer stop()
	var plain net.Dialer
	if r.private() {
		conn, err := plain.DialContext(ctx, r.network, r.addr)
		if err != nil {
			return nil, err
		}
		return &link{conn, newStream(conn)}, nil
	}
	config, err := c.tls()
	if err != nil {
		return nil, err
	}
	conn, err := (&tls.Dialer{NetDialer: &plain, Config: config}).DialContext(ctx, r.network, r.addr)
	if err != nil {
		return nil, err
	}
	return &link{conn, newStream(conn)}, nil
}

// tls returns how to speak to a TLS door. Its certificate is signed by nobody,
// so it is compared with the one in the file.
func (c Config) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
	path := cmp.Or(c.CertFile, DefaultCertFile)
	text, err := os.ReadFile(path)
	if c.CertFile == "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		return config, nil
	}
	if err != nil {
		return nil, err
	}
	want, err := parseCertificate(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if !bytes.Equal(state.PeerCertificates[0].Raw, want.Raw) {
			return fmt.Errorf("the certificate is not the one in %s: another program may be listening in place of the Polo", path)
		}
		return nil
	}
	return config, nil
}
