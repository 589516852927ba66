package main_test

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testPair writes a certificate of 127.0.0.1 and its key.
func testPair(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pair := s.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", pair.Certificate[0]), write("key.pem", "PRIVATE KEY", key)
}

// A relay that speaks HTTPS is used like another, by all our commands and by
// python3, as soon as they trust its certificate.
func TestTLS(t *testing.T) {
	certFile, keyFile := testPair(t)
	r := startRelay(t, "--tls-cert", certFile, "--tls-key", keyFile)
	if !strings.HasPrefix(r.url, "https://127.0.0.1:") {
		t.Fatalf("the relay listens at %s, want an https address", r.url)
	}
	env := append(cleanEnv(t), "SSL_CERT_FILE="+certFile)
	s := &server{process: startWith(t, env, binary, "satellite", "--relay", r.url, "--listen", "127.0.0.1:0")}
	s.said("the relay reaches it: ping")
	runWith(t, env, "", "call", "--url", r.url, "ping").ok(t)
	runWith(t, env, "", "satellites", "--relay", r.url).ok(t)
	runWith(t, env, "", "send", "--relay", r.url, "text=over TLS").ok(t)
	if line := s.printed("over TLS"); !strings.Contains(line, `"text":"over TLS"`) {
		t.Errorf("the satellite printed %q, want the message", line)
	}
	runProgram(t, env, "", "python3", "-c", "import sys, xmlrpc.client\nassert xmlrpc.client.ServerProxy(sys.argv[1]).ping() == 'OK'", r.url+"/RPC2").ok(t)

	run(t, "call", "--url", r.url, "ping").wants(t, 1, "certificate")
	run(t, "call", "--url", strings.Replace(r.url, "https:", "http:", 1), "ping").wants(t, 1, "400")
}

func TestWrongTLSSettings(t *testing.T) {
	certFile, keyFile := testPair(t)
	for _, tt := range []struct {
		args []string
		code int
		said string
	}{
		{[]string{"--tls-cert", certFile}, 2, "--tls-cert and --tls-key go together"},
		{[]string{"--tls-key", keyFile}, 2, "--tls-cert and --tls-key go together"},
		{[]string{"--tls-cert", certFile, "--tls-key", certFile}, 1, certFile},
		{[]string{"--tls-cert", "/nowhere.pem", "--tls-key", keyFile}, 1, "/nowhere.pem"},
	} {
		run(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", t.TempDir()}, tt.args...)...).wants(t, tt.code, tt.said)
	}
}
