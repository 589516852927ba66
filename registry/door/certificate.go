package door

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// A Certificate is a TLS certificate in two PEM files, read again when they
// change. It is safe for concurrent use.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	pair    *tls.Certificate // guarded by mu; the last good one
	seen    [2]os.FileInfo   // guarded by mu; of its files
	checked time.Time        // guarded by mu; when they were looked at last
	trouble string           // guarded by mu; with newer files, told already
}

// LoadCertificate reads a certificate, with its chain, and its key.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.loadLocked(); err != nil {
		return nil, err
	}
	return c, nil
}

// Config returns a configuration that serves HTTP/1.1 with c, by TLS 1.2 and
// later.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: c.get}
}

// recheck is how often the files are looked at, at most.
const recheck = time.Second

// get is called for each handshake. While new files cannot be used, the pair
// read before serves on, and they are tried again.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) >= recheck {
		c.checked = now
		c.refreshLocked()
	}
	return c.pair, nil
}

// Refresh looks at the files now, and reports whether they were others than
// those in use. With an error those go on to be used. It logs what it did.
func (c *Certificate) Refresh() (changed bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.pair
	err = c.refreshLocked()
	return c.pair != before, err
}

// refreshLocked reads the files again if they are others than those in use,
// and tells of each new trouble once.
func (c *Certificate) refreshLocked() error {
	before := c.pair
	err := c.loadLocked()
	switch {
	case err == nil && c.pair != before:
		c.log.Info("TLS certificate read again", "code", "DOOR-CERT", "file", c.certFile)
	case err != nil && err.Error() != c.trouble:
		c.log.Warn("the new TLS certificate cannot be used; the old one serves on", "code", "DOOR-CERT-BAD", "err", err)
	}
	c.trouble = ""
	if err != nil {
		c.trouble = err.Error()
	}
	return err
}

// loadLocked reads the files unless they are those in use.
func (c *Certificate) loadLocked() error {
	var now [2]os.FileInfo
	for i, file := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return fmt.Errorf("read TLS certificate: %w", err)
		}
		now[i] = info
	}
	if c.pair != nil && sameFile(c.seen[0], now[0]) && sameFile(c.seen[1], now[1]) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("read TLS certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.pair, c.seen = &pair, now
	return nil
}

func sameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}
