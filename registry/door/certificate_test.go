package door_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"co2/registry/door"
)

// writePair writes a certificate of 127.0.0.1 with a serial number and its key.
func writePair(t testing.TB, dir string, serial int64) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeFile(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	writeFile(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	return certFile, keyFile
}

// writeFile replaces a file as careful programs do: by another.
func writeFile(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// serveTLS opens a server on a real port.
func serveTLS(t testing.TB, cfg *tls.Config) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	s := door.New(door.Config{TLS: cfg}, echo{}, quiet)
	go func() { done <- s.Serve(t.Context(), ln) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Errorf("Serve = %v, want nil", err)
		}
	})
	return ln.Addr().String()
}

// serial makes a call and returns the number of the certificate it met.
func serial(t testing.TB, addr string) int64 {
	t.Helper()
	c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true}) // which certificate it is, is the question
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")
	if got, err := io.ReadAll(c); err != nil || !strings.HasSuffix(string(got), "\r\n\r\nhello") {
		t.Errorf("answer by TLS %q, %v, want hello and a proper end", got, err)
	}
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	log := new(logBuffer)
	certFile, keyFile := writePair(t, dir, 1)
	certificate, err := door.LoadCertificate(certFile, keyFile, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	addr := serveTLS(t, certificate.Config())
	if got := serial(t, addr); got != 1 {
		t.Fatalf("certificate %d, want 1", got)
	}
	writePair(t, dir, 2)
	until(t, func() bool { return serial(t, addr) == 2 }, "the new certificate to be served")
	writeFile(t, filepath.Join(dir, "cert.pem"), []byte("no certificate"))
	until(t, func() bool { return serial(t, addr) == 2 && log.has("cannot be used") > 0 }, "the log to tell of a broken certificate")
	writePair(t, dir, 3)
	until(t, func() bool { return serial(t, addr) == 3 }, "the next good certificate to be served")
	if n := log.has("cannot be used"); n > 2 {
		t.Errorf("%d warnings of a broken certificate, want one for each change", n)
	}
}

// until waits for something that other goroutines and the clock bring about.
func until(t testing.TB, ok func() bool, what string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestLoadCertificateFails(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := writePair(t, dir, 1)
	for _, files := range [][2]string{{dir + "/none.pem", keyFile}, {certFile, dir + "/none.pem"}, {keyFile, keyFile}, {certFile, certFile}} {
		if _, err := door.LoadCertificate(files[0], files[1], quiet); err == nil || !strings.Contains(err.Error(), "pem") {
			t.Errorf("LoadCertificate(%q) = %v, want an error that names the file", files, err)
		}
	}
}

func TestPlainHTTPOnATLSPort(t *testing.T) {
	certFile, keyFile := writePair(t, t.TempDir(), 1)
	certificate, err := door.LoadCertificate(certFile, keyFile, quiet)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", serveTLS(t, certificate.Config()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, call)
	got, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 400 ") || !strings.Contains(string(got), "https://") {
		t.Errorf("answer %q, %v, want 400 that names https", got, err)
	}
}
