package main_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHangUpNeverEndsRelay sends SIGHUP to a relay that has nothing to read
// again, and to one whose log nobody reads any more.
func TestHangUpNeverEndsRelay(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	for range 3 {
		relay.signal(syscall.SIGHUP)
		if line := relay.said("SERVE-RELOAD"); !strings.Contains(line, "access_log=none certificate=none services=none") {
			t.Errorf("logged %q, want that there was nothing to read", line)
		}
	}
	if got := must[string](t, relay, "ping"); got != "OK" {
		t.Errorf("ping: %q", got)
	}
	if code := relay.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestHangUpWithoutReaders(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", t.TempDir())
	cmd.Env = cleanEnv(t)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var out stream
	out.changed = make(chan struct{})
	go out.fill(stdout)
	ended := make(chan error, 1)
	defer func() { cmd.Process.Kill() }()
	line, ok := out.next("listening", patience)
	if !ok {
		t.Fatal("it printed no address")
	}
	relay := &server{process: &process{t: t}, url: strings.TrimSuffix(strings.Fields(line)[1], "/")}
	if _, ok := out.next("Next, in another terminal", patience); !ok {
		t.Fatal("it has not started")
	}
	stderr.Close()
	for range 3 {
		cmd.Process.Signal(syscall.SIGHUP)
		if got := must[string](t, relay, "ping"); got != "OK" {
			t.Errorf("ping: %q", got)
		}
	}
	cmd.Process.Signal(syscall.SIGTERM)
	go func() { ended <- cmd.Wait() }()
	if err := <-ended; err != nil {
		t.Errorf("a relay without readers ended with %v", err)
	}
}

// TestHangUpReadsAgain changes what a relay reads again, and then breaks it.
func TestHangUpReadsAgain(t *testing.T) {
	t.Parallel()
	certFile, keyFile := testPair(t)
	logs := filepath.Join(t.TempDir(), "logs")
	relay := startRelayWithPolo(t, "--access-log", filepath.Join(logs, "access.log"), "--tls-cert", certFile, "--tls-key", keyFile)
	reload := func(want string) {
		t.Helper()
		relay.signal(syscall.SIGHUP)
		if line := relay.said("SERVE-RELOAD"); !strings.Contains(line, want) {
			t.Errorf("logged %q, want %q", line, want)
		}
	}
	reload("access_log=opened certificate=unchanged services=read")
	serial := writeOtherPair(t, certFile, keyFile)
	services := filepath.Join(relay.state, "services")
	if err := os.MkdirAll(services, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(services, "printer"), []byte(`{"id": "printer"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	reload("access_log=opened certificate=read services=read")
	served := func() int64 {
		conn, err := tls.Dial("tcp", relay.addr(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := served(); got != serial {
		t.Errorf("the certificate served has number %d, want the new one, %d", got, serial)
	}
	env := append(cleanEnv(t), "SSL_CERT_FILE="+certFile)
	if list := runWith(t, env, "", "call", "--relay", relay.url, "polo.list").ok(t).out; !strings.Contains(list, "printer") {
		t.Errorf("polo.list: %s, want the service of the new file", list)
	}

	if err := os.RemoveAll(logs); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{logs, certFile} { // a file where a folder was, and no certificate
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(services); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(services, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	reload("access_log=failed certificate=failed services=failed")
	for _, code := range []string{"LOG-FAIL", "DOOR-CERT-BAD", "SERVE-SERVICES"} {
		if !strings.Contains(relay.err.String(), code) {
			t.Errorf("the log does not have %s", code)
		}
	}
	if got := served(); got != serial {
		t.Errorf("the certificate served has number %d, want that of before, %d", got, serial)
	}
}

// writeOtherPair replaces a certificate and its key, and returns the number of
// the new one.
func writeOtherPair(t *testing.T, certFile, keyFile string) int64 {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	const serial = 7431
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return serial
}

// TestSatelliteHangsUp closes the terminal of a satellite, as it were: it
// leaves as when it is told to stop. One that nohup started stays.
func TestSatelliteHangsUp(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	bob := startSatellite(t, relay)
	bob.signal(syscall.SIGHUP)
	if code := bob.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if n := must[int](t, relay, "relay.get_num_satellites"); n != 0 {
		t.Errorf("%d satellites after it hung up, want 0", n)
	}
	eve := startWith(t, cleanEnv(t), "sh", "-c", `trap "" HUP; exec "$0" satellite --relay "$1" --listen 127.0.0.1:0`, binary, relay.url)
	eve.said("the relay reaches it")
	eve.signal(syscall.SIGHUP)
	run(t, "send", "--relay", relay.url, "--data=1").ok(t)
	eve.printed(`"data":1`)
	if code := eve.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
