package binding_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"co2/discovery/binding"
)

// memory returns what the heap and the stacks need, in MiB.
func memory() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int((m.HeapAlloc + m.StackInuse) >> 20)
}

// grows fails the test if do leaves more memory in use than this many MiB.
func grows(t *testing.T, most int, do func()) {
	t.Helper()
	before := memory()
	do()
	if grown := memory() - before; grown > most {
		t.Errorf("%d MiB more are in use, want at most %d", grown, most)
	} else {
		t.Logf("%d MiB more are in use", grown)
	}
}

// connections opens n of them and keeps them until the test ends.
func connections(t *testing.T, n int, network, addr string) {
	t.Helper()
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if files.Cur < uint64(n+500) {
		missing(t, "descriptors", fmt.Errorf("the limit is %d", files.Cur))
	}
	for range n {
		conn, err := net.Dial(network, addr)
		for errors.Is(err, syscall.EAGAIN) { // more than the kernel keeps waiting
			runtime.Gosched()
			conn, err = net.Dial(network, addr)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}
}

// 10,000 connections that say nothing keep nobody out and cost little.
func TestManyConnections(t *testing.T) { // 10, D36
	d := open(t, unixConfig(t), &services{})
	for _, at := range [][2]string{{"tcp", d.Addr().String()}, {"unix", d.cfg.Socket}} {
		t.Run(at[0], func(t *testing.T) {
			grows(t, 48, func() {
				connections(t, 10_000, at[0], at[1])
				wants(t, "a request at the TLS door", d.tls(t).ask(has), hasNot)
				wants(t, "a request at the Unix door", d.unix(t).ask(has), hasNot)
			})
		})
	}
}

// A request without end is refused, and its peer soon stopped.
func TestEndlessRequest(t *testing.T) { // D36
	d := open(t, unixConfig(t), &services{})
	for name, start := range map[string]string{"text": `{"Command": "`, "keys": `{`, "list": `[1`, "blanks": ""} {
		more := map[string]string{"text": "x", "keys": `"k": 1, `, "list": ", 1", "blanks": " "}[name]
		block := strings.Repeat(more, 1<<20/len(more))
		for _, conn := range []program{d.tls(t), d.unix(t)} {
			grows(t, 8, func() {
				sent, err := io.WriteString(conn, start)
				for err == nil && sent < 1<<30 {
					var n int
					n, err = io.WriteString(conn, block)
					sent += n
				}
				if err == nil || sent > 32<<20 {
					t.Errorf("%s: %d bytes were taken (%v)", name, sent, err)
				}
			})
		}
	}
	wants(t, "a request afterwards", d.tls(t).ask(has), hasNot)
}

// A forged token is refused, the connection goes on, and nothing happens.
func TestForgedTokensAtTheDoor(t *testing.T) { // 4.3, D34, D55
	s := &services{}
	d := open(t, doorConfig(t), s)
	good := d.tokenOf(t, me())
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	forged := []string{strings.Repeat("A", 44), good + "\n", good[:43], "x", strings.Repeat("x", 60000), "\x00", "%00"}
	for i := range raw {
		for bit := range 8 {
			changed := append([]byte(nil), raw...)
			changed[i] ^= 1 << bit
			forged = append(forged, base64.StdEncoding.EncodeToString(changed))
		}
	}
	other := append([]byte{0, 0, 0, 1}, raw[4:]...) // of another user
	forged = append(forged, base64.StdEncoding.EncodeToString(other))
	c := d.tls(t)
	for _, token := range forged {
		for _, command := range []string{"Publish", "Unpublish", "Set-permanent", "Reload"} {
			request := fmt.Sprintf(`{"Command": %q, "Args": {"token": %s, "service": "a", "permanent": true}}`, command, quote(token))
			if got := c.ask(request); got != `{"Error": "Bad token"}` {
				t.Fatalf("%s with the token %.60q: %s", command, token, got)
			}
		}
	}
	if calls := s.asked(); len(calls) > 0 {
		t.Errorf("the services were asked %v", calls)
	}
	wants(t, "the good token", c.ask(with(`{"Command": "Publish", "Args": {"token": "<token>", "service": "a"}}`, good)), `{"OK": "me:a"}`)
}

func quote(text string) string {
	return `"` + strings.NewReplacer("\n", `\n`, "\x00", `\u0000`).Replace(text) + `"`
}

// Of many that ask for the same token at once one makes it, and nothing else
// is left in the folder.
func TestTokenStorm(t *testing.T) { // 4.3
	d := open(t, doorConfig(t), &services{})
	var askers sync.WaitGroup
	made := make(chan string, 1000)
	for range 20 {
		c := d.tls(t)
		askers.Go(func() {
			for range 20 {
				made <- c.ask(fmt.Sprintf(requestToken, me()))
			}
		})
	}
	askers.Wait()
	close(made)
	counts := map[string]int{}
	for reply := range made {
		counts[reply]++
	}
	if counts[`{"OK": 0}`] != 1 || counts[`{"OK": 1}`] != 399 {
		t.Errorf("replies %v, want one that it was made and 399 that it is there", counts)
	}
	names, err := os.ReadDir(filepath.Dir(d.tokenPath(me())))
	if err != nil || len(names) != 1 {
		t.Errorf("the folder holds %v, %v, want the token", names, err)
	}
	wants(t, "the token", d.tls(t).ask(with(`{"Command": "Publish", "Args": {"token": "<token>", "service": "a"}}`, d.tokenOf(t, me()))), `{"OK": "me:a"}`)
}

// Programs that publish and unpublish all day leave nothing behind, and each
// has the reply to what it asked.
func TestPublishStorm(t *testing.T) {
	cfg, u := unixConfig(t), testUsers(t)
	store := newStore(t, cfg, u)
	d := openWith(t, cfg, store, u)
	grows(t, 16, func() {
		var programs sync.WaitGroup
		for i := range 16 {
			p := d.dial(t, []string{"tcp", "unix"}[i%2])
			programs.Go(func() {
				defer p.Close()
				service := fmt.Sprint("s", i)
				for range 100 {
					id, err := p.PublishService(service, map[string]any{"n": i}, nil, false, false)
					if err != nil || id != "me:"+service {
						t.Errorf("PublishService = %q, %v", id, err)
						return
					}
					if info, err := p.Service(id); err != nil || fmt.Sprint(info.Params["n"]) != fmt.Sprint(i) {
						t.Errorf("Service(%s) = %+v, %v", id, info, err)
					}
					if err := p.UnpublishService(id, nil, false); err != nil {
						t.Errorf("UnpublishService(%s) = %v", id, err)
					}
				}
			})
		}
		programs.Wait()
	})
	if list := store.List(); len(list) > 0 {
		t.Errorf("services are left: %v", list)
	}
}

// Connections that come and go, speak no TLS, break off and fall silent leave
// no goroutine and no memory.
func TestRudeConnections(t *testing.T) {
	d := open(t, unixConfig(t), &services{})
	d.tls(t).ask(has)
	before := runtime.NumGoroutine()
	grows(t, 8, func() {
		for i := range 2000 {
			conn, err := net.Dial("unix", d.cfg.Socket)
			if i%2 == 0 {
				conn, err = net.Dial("tcp", d.Addr().String())
			}
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, []string{"", has[:7], "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", has + has, "GET /"}[i%5])
			conn.Close()
		}
		wants(t, "a request", d.tls(t).ask(has), hasNot)
	})
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before+8; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, before it was %d", runtime.NumGoroutine(), before)
		}
	}
}

// Whatever happens, and however much is logged, no token is in the log.
func TestNoTokenInTheLog(t *testing.T) { // 10
	cfg, u := unixConfig(t), testUsers(t)
	d := openWith(t, cfg, newStore(t, cfg, u), u)
	token := d.tokenOf(t, me())
	forged := strings.Repeat("Zm9yZ2Vk", 5) + "AAA="
	secret, err := os.ReadFile(cfg.SecretFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, tok := range []string{token, forged, token + token} {
		for _, request := range []string{
			order("Publish", "a", ""), order("Publish", "a", ""), order("Publish", "../a", `"permanent": true`),
			order("Publish", "a", `"params": {"token": "<token>"}`), order("Publish", "<token>", ""), order("Unpublish", "<token>", ""),
			order("Publish", "a", `"multicast_groups": ["<token>"]`), order("Unpublish", "me:a", ""), order("Set-permanent", "me:a", `"permanent": true`),
			order("Has-service", "<token>", ""), order("Service-info", "<token>", ""), order("Reload", "", ""), order("<token>", "a", ""),
			`{"Command": "Request-token", "Args": {"uid": "<token>"}}`, `{"Command": "Request-token", "Args": {"uid": 54324}}`, `{"<token>" <token>`,
		} {
			d.tls(t).ask(with(request, tok))
			d.unix(t).ask(with(request, tok))
		}
	}
	if _, err := binding.ReissueTokens(cfg.SecretFile, u, []string{"me", "homeless"}); err != nil {
		t.Error(err)
	}
	d.stop()
	log := d.log.String()
	if !strings.Contains(log, "service published") || !strings.Contains(log, "request refused") {
		t.Fatalf("the log tells nothing: %s", log)
	}
	for what, text := range map[string]string{"a token": token, "a forged token": forged, "the key": strings.TrimSpace(string(secret))} {
		if i := strings.Index(log, text[:16]); i >= 0 {
			t.Errorf("the log holds %s: …%s…", what, log[max(0, i-200):min(len(log), i+100)])
		}
	}
}
