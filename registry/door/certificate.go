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
	seen    [2]os.FileInfo   // guarded by mu; of the files when they were read last
	checked time.Time        // guarded by mu; when that was asked last
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
// read before serves on.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) >= recheck {
		c.checked = now
		if c.changedLocked() {
			if err := c.loadLocked(); err != nil {
				c.log.Warn("the new TLS certificate cannot be used; the old one serves on", "err", err)
			} else {
				c.log.Info("TLS certificate read again", "file", c.certFile)
			}
		}
	}
	return c.pair, nil
}

// changedLocked reports whether the files are others than those read last.
func (c *Certificate) changedLocked() bool {
	for i, file := range []string{c.certFile, c.keyFile} {
		now, err := os.Stat(file)
		if err != nil {
			return false // in the middle of being replaced
		}
		was := c.seen[i]
		if !os.SameFile(was, now) || !was.ModTime().Equal(now.ModTime()) || was.Size() != now.Size() {
			return true
		}
	}
	return false
}

func (c *Certificate) loadLocked() error {
	for i, file := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return fmt.Errorf("read TLS certificate: %w", err)
		}
		c.seen[i] = info
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("read TLS certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.pair = &pair
	return nil
}
