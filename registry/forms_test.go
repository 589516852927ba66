package registry_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"co2/methods"
	"co2/registry"
	"co2/registry/web"
)

// postForm sends a form as our own page does.
func (s *server) postForm(t *testing.T, path, form string) answer {
	t.Helper()
	return s.exchange(t, head("POST "+path+" HTTP/1.1", "Host: localhost", "Origin: http://localhost", "Accept: text/html",
		"Content-Type: application/x-www-form-urlencoded", fmt.Sprintf("Content-Length: %d", len(form)))+form)
}

// TestAccessOfForms holds forms to the access of methods, as calls are.
func TestAccessOfForms(t *testing.T) {
	for held := methods.Public; held <= methods.Admin; held++ {
		for need := methods.Public; need <= methods.Admin; need++ {
			called := 0
			m := public("x.y", func(ctx context.Context) (string, error) {
				called++
				return methods.Peer(ctx).Addr.Addr().String(), nil
			})
			m.Access = need
			s := serve(t, registry.Config{Access: func(netip.Addr) methods.Access { return held }}, m)
			page := s.postForm(t, "/methods/x.y", "do=call")
			_, err := s.call(t, "x.y")
			allowed := held >= need
			if page.StatusCode != 200 || (err == nil) != allowed || strings.Contains(page.body, "127.0.0.1</bdi>") != allowed ||
				strings.Contains(page.body, "Fault -32004") == allowed || (called == 2) != allowed {
				t.Errorf("%s calls a method for %s: status %d, called %d times, XML-RPC says %v:\n%s", held, need, page.StatusCode, called, err, page.body)
			}
			if err := s.stop(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestFormsAreCalls tells what listens to calls of those made by forms, and
// gives them the limits of others.
func TestFormsAreCalls(t *testing.T) {
	var heard []string
	s := serve(t, registry.Config{
		Called:    func(c methods.Caller, method string) { heard = append(heard, c.Addr.Addr().String()+" "+method) },
		MaxAnswer: 1000,
	}, public("x.long", func(context.Context) (string, error) { return strings.Repeat("x", 2000), nil }),
		public("x.panics", func(context.Context) (string, error) { panic("<b>secret</b>") }))
	for _, name := range []string{"ping", "web.ping", "x.long", "x.panics"} {
		page := s.postForm(t, "/methods/"+name, "do=call")
		want := map[string]string{"ping": ">OK<", "web.ping": ">OK<", "x.long": "Fault -32001", "x.panics": "Fault -32603"}[name]
		if page.StatusCode != 200 || !strings.Contains(page.body, want) || strings.Contains(page.body, "secret") {
			t.Errorf("the form of %s: %d, want %q in\n%s", name, page.StatusCode, want, page.body)
		}
	}
	if got := strings.Join(heard, ", "); got != "127.0.0.1 ping, 127.0.0.1 web.ping, 127.0.0.1 x.long, 127.0.0.1 x.panics" {
		t.Errorf("heard of %s", got)
	}
	if page := s.postForm(t, "/methods/no.such", "do=call"); page.StatusCode != 404 {
		t.Errorf("the form of a method that is not there: %d, want 404", page.StatusCode)
	}
}

// TestCallsToSatellitesAreOperators lets nobody else have a satellite called.
func TestCallsToSatellitesAreOperators(t *testing.T) {
	for held := methods.Public; held <= methods.Admin; held++ {
		called := 0
		s := serve(t, registry.Config{
			Access:  func(netip.Addr) methods.Access { return held },
			Network: oneSatellite{},
			CallSatellite: func(_ context.Context, hostID string, call []byte) ([]byte, string, error) {
				called++
				return []byte(pong), "", nil
			},
		})
		s.postForm(t, "/satellites/192.0.2.7:2004/methods/ping", "do=call")
		s.exchange(t, head("GET /satellites/192.0.2.7:2004/methods HTTP/1.1", "Host: localhost"))
		if allowed := held >= methods.Operator; (called > 0) != allowed {
			t.Errorf("for %s a satellite was called %d times", held, called)
		}
	}
}

// oneSatellite is a network of one satellite.
type oneSatellite struct{ web.Network }

func (oneSatellite) Satellite(hostID string) (web.Details, bool) {
	return web.Details{Satellite: web.Satellite{HostID: hostID}}, true
}
