package relay_test

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// TestSendPing pings besides the turn of a satellite, for operators, and not
// one that is paused or unknown.
func TestSendPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{PingInterval: time.Hour}, c, new(store))
		r.register("192.0.2.1", 2004, nil)
		synctest.Wait()
		before := len(c.to(idA, "ping"))
		r.mustOrder("send_ping", idA)
		synctest.Wait()
		equal(t, "pings", len(c.to(idA, "ping")), before+1)
		if _, err := r.call("192.0.2.1", "relay.send_ping", object{"host_id": idA}); err == nil || !strings.Contains(err.Error(), "operator access") {
			t.Errorf("send_ping of a satellite = %v, want it refused", err)
		}
		r.mustOrder("pause", idA)
		if err := r.order("send_ping", idA); err == nil || !strings.Contains(err.Error(), "is paused") {
			t.Errorf("send_ping of a paused one = %v, want a fault", err)
		}
		if err := r.order("send_ping", idB); err == nil || !strings.Contains(err.Error(), "is not registered") {
			t.Errorf("send_ping of an unknown one = %v, want a fault", err)
		}
		synctest.Wait()
		equal(t, "pings", len(c.to(idA, "ping")), before+1)
	})
}

// TestCallable gives addresses of registered satellites alone.
func TestCallable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{}, new(carrier), new(store))
		r.register("192.0.2.1", 2004, nil)
		at, err := r.relay.Callable(idA)
		if want := netip.MustParseAddrPort("192.0.2.1:2004"); err != nil || at.Addr != want || at.URL() != "http://192.0.2.1:2004/RPC2" {
			t.Errorf("Callable(%s) = %v, %v, want %v", idA, at, err, want)
		}
		for _, id := range []string{idB, "", "192.0.2.1", "169.254.169.254:80", "127.0.0.1:22", "http://192.0.2.1:2004/"} {
			if at, err := r.relay.Callable(id); err == nil {
				t.Errorf("Callable(%q) = %v, want an error", id, at)
			}
		}
		r.mustOrder("pause", idA)
		if at, err := r.relay.Callable(idA); err == nil {
			t.Errorf("Callable of a paused one = %v, want an error", at)
		}
		r.mustOrder("resume", idA)
		r.relay.Listens(netip.MustParseAddrPort("192.0.2.1:2004")) // as after a change of addresses
		if at, err := r.relay.Callable(idA); err == nil {
			t.Errorf("Callable of the relay itself = %v, want an error", at)
		}
	})
}
