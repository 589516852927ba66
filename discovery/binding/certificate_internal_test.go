package binding

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func certFiles(t testing.TB) (certFile, keyFile string) {
	dir := filepath.Join(t.TempDir(), "certs")
	return filepath.Join(dir, "polossl.crt"), filepath.Join(dir, "polossl.key")
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The pair is made at the first start, kept at the next, and made anew when it
// has expired or half of it is gone.
func TestCertificateIsMade(t *testing.T) { // 10
	certFile, keyFile := certFiles(t)
	now := time.Now()
	load := func(at time.Time) (cert, key []byte) {
		t.Helper()
		if _, err := loadCertificate(certFile, keyFile, at); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]os.FileMode{certFile: 0o644, keyFile: 0o600} {
			if info, err := os.Lstat(path); err != nil || info.Mode() != want {
				t.Errorf("%s: mode %v, %v, want %v", path, info.Mode(), err, want)
			}
		}
		return readFile(t, certFile), readFile(t, keyFile)
	}
	cert, key := load(now)
	if c, k := load(now.Add(certificateLife - time.Minute)); !bytes.Equal(c, cert) || !bytes.Equal(k, key) {
		t.Error("the pair changed though it was good")
	}
	later, laterKey := load(now.Add(certificateLife + time.Minute))
	if bytes.Equal(later, cert) || bytes.Equal(laterKey, key) {
		t.Error("an expired pair was kept")
	}
	for _, gone := range []string{certFile, keyFile} {
		if err := os.Remove(gone); err != nil {
			t.Fatal(err)
		}
		c, k := load(now)
		if bytes.Equal(c, later) || bytes.Equal(k, laterKey) {
			t.Errorf("without %s the other half was kept", gone)
		}
		later, laterKey = c, k
	}
}

func TestRefusedCertificates(t *testing.T) { // 10
	certFile, keyFile := certFiles(t)
	if _, err := loadCertificate(certFile, keyFile, time.Now()); err != nil {
		t.Fatal(err)
	}
	other, otherKey := certFiles(t)
	if _, err := loadCertificate(other, otherKey, time.Now()); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("no PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	loose := filepath.Join(t.TempDir(), "loose")
	if err := os.WriteFile(loose, readFile(t, keyFile), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ cert, key, want string }{
		{certFile, loose, "others may read (mode 0644)"},
		{certFile, otherKey, "does not match"},
		{certFile, broken, "failed to find any PEM data"},
		{broken, keyFile, "no certificate in PEM"},
	} {
		if _, err := loadCertificate(tt.cert, tt.key, time.Now()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("loadCertificate(%s, %s) = %v, want an error with %q", tt.cert, tt.key, err, tt.want)
		}
	}
}

// A certificate whose key is published is replaced whatever the clock says,
// and although others may read the key.
func TestPublishedCertificateIsReplaced(t *testing.T) { // 10
	certFile, keyFile := certFiles(t)
	pair, err := loadCertificate(certFile, keyFile, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(keyFile, 0o644); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(pair.Certificate[0])
	other, err := loadCertificateBut(certFile, keyFile, time.Now(), hex.EncodeToString(sum[:]))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(other.Certificate[0], pair.Certificate[0]) {
		t.Error("the published certificate is used")
	}
}

// The door speaks TLS 1.2 and 1.3 and nothing older, and a reply of 4 KiB is
// one record from the first write on.
func TestTLSVersions(t *testing.T) { // 4.1, 10
	certFile, keyFile := certFiles(t)
	pair, err := loadCertificate(certFile, keyFile, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for version, works := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		here, there := net.Pipe()
		server := tls.Server(here, tlsConfig(pair))
		client := tls.Client(there, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		sent := make(chan error, 1)
		go func() {
			_, err := server.Write(bytes.Repeat([]byte("x"), 4096))
			here.Close() // not server: its last word would have no reader
			sent <- err
		}()
		got := make([]byte, 8192)
		n, err := client.Read(got)
		if (err == nil) != works || works && n != 4096 {
			t.Errorf("%s: read %d bytes, %v; want it to work: %t", tls.VersionName(version), n, err, works)
		}
		there.Close()
		if err := <-sent; (err == nil) != works {
			t.Errorf("%s: write %v, want it to work: %t", tls.VersionName(version), err, works)
		}
	}
}
