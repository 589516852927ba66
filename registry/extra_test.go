package registry_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"co2/methods"
	"co2/registry"
)

func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) })
}

// TestNoWeb shows that without pages XML-RPC is as it was.
func TestNoWeb(t *testing.T) {
	s := serve(t, registry.Config{NoWeb: true, Extras: map[string]registry.Extra{"/healthz": {Handler: says("ok")}}})
	form := "Content-Type: application/x-www-form-urlencoded"
	for _, tt := range []struct {
		head   []string
		body   string
		status int
		text   string
	}{
		{[]string{"GET / HTTP/1.1", "Host: localhost"}, "", 405, "no pages"},
		{[]string{"GET /methods HTTP/1.1", "Host: localhost"}, "", 404, "no pages"},
		{[]string{"GET /assets/0/style.css HTTP/1.1", "Host: localhost"}, "", 404, "no pages"},
		{[]string{"POST /methods/ping HTTP/1.1", "Host: localhost", form, "Content-Length: 0"}, "", 404, "calls go to"},
		{[]string{"GET /healthz HTTP/1.1", "Host: localhost"}, "", 200, "ok"},
		{[]string{"GET /healthz/ HTTP/1.1", "Host: localhost"}, "", 404, "no pages"},
		{[]string{"POST /healthz HTTP/1.1", "Host: localhost", "Content-Length: 0"}, "", 404, "calls go to"},
		{[]string{"POST / HTTP/1.1", "Host: x", "Content-Type: text/xml", fmt.Sprintf("Content-Length: %d", len(pingCall))}, pingCall, 200, "OK"},
		{[]string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml", fmt.Sprintf("Content-Length: %d", len(pingCall))}, pingCall, 200, "OK"},
	} {
		got := s.exchange(t, head(tt.head...)+tt.body)
		if got.StatusCode != tt.status || !strings.Contains(got.body, tt.text) {
			t.Errorf("%s: status %d %q, want %d with %q", tt.head[0], got.StatusCode, got.body, tt.status, tt.text)
		}
		if allow := got.Header.Get("Allow"); tt.status == 405 && allow != "POST" {
			t.Errorf("%s: Allow: %q, want POST", tt.head[0], allow)
		}
	}
}

// TestExtrasAreForTheirAccess tries an extra page as an operator, as a
// stranger, and at the listener that has only extra pages.
func TestExtrasAreForTheirAccess(t *testing.T) {
	list := map[string]registry.Extra{
		"/metrics": {Handler: says("figures"), Access: methods.Operator, Elsewhere: "ask at the back door"},
		"/healthz": {Handler: says("ok")},
		"/methods": {Handler: says("in place of the page")},
		"/apart":   {Handler: says("apart"), Apart: true, Elsewhere: "ask at the back door"},
	}
	for _, tt := range []struct {
		access methods.Access
		status int
	}{{methods.Operator, 200}, {methods.Satellite, 403}, {methods.Public, 403}} {
		s := serve(t, registry.Config{Extras: list, Access: everybody(tt.access)})
		if got := s.exchange(t, head("GET /metrics HTTP/1.1", "Host: localhost")); got.StatusCode != tt.status || strings.Contains(got.body, "figures") != (tt.status == 200) || strings.Contains(got.body, "ask at the back door") != (tt.status == 403) {
			t.Errorf("/metrics with %v access: %d %q, want %d", tt.access, got.StatusCode, got.body, tt.status)
		}
		for path, want := range map[string]string{"/healthz?a=b": "ok", "/methods": "in place"} {
			if got := s.exchange(t, head("GET "+path+" HTTP/1.1", "Host: localhost")); got.StatusCode != 200 || !strings.HasPrefix(got.body, want) {
				t.Errorf("%s with %v access: %d %q, want %q", path, tt.access, got.StatusCode, got.body, want)
			}
		}
		if got := s.exchange(t, head("GET /apart HTTP/1.1", "Host: localhost")); got.StatusCode != 404 || !strings.Contains(got.body, "ask at the back door") {
			t.Errorf("/apart with %v access: %d %q, want 404 and where it is", tt.access, got.StatusCode, got.body)
		}
		if got := s.exchange(t, head("GET /metrics HTTP/1.1", "Host: rebound.example")); got.StatusCode != 421 || !strings.Contains(got.body, "--host NAME") {
			t.Errorf("/metrics under a host name that is not ours: %d, want 421", got.StatusCode)
		}
	}
}

// TestServeExtras opens the listener of extra pages alone.
func TestServeExtras(t *testing.T) {
	s, err := registry.New(registry.Config{
		Access: everybody(methods.Public),
		Extras: map[string]registry.Extra{"/metrics": {Handler: says("figures"), Access: methods.Operator, Apart: true}},
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.ServeExtras(ctx, ln) }()
	at := &server{Server: s, addr: ln.Addr().String()}
	for _, tt := range []struct {
		request string
		status  int
	}{
		{head("GET /metrics HTTP/1.1", "Host: localhost"), 200},
		{head("HEAD /metrics HTTP/1.1", "Host: localhost"), 200},
		{head("GET /metrics HTTP/1.1", "Host: rebound.example"), 421},
		{head("GET / HTTP/1.1", "Host: localhost"), 404},
		{head("GET /methods HTTP/1.1", "Host: localhost"), 404},
		{post(pingCall), 405},
	} {
		if got := at.exchange(t, tt.request); got.StatusCode != tt.status || tt.status == 404 && !strings.Contains(got.body, "nothing here; read /metrics") {
			t.Errorf("%.30q: %d %q, want %d", tt.request, got.StatusCode, got.body, tt.status)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("ServeExtras = %v, want nil", err)
	}
}
