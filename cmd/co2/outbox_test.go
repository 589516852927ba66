package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// Satellites whose notify hangs lose what the relay's setting says, or what
// they asked for.
func TestOutboxPolicies(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--outbox", "4", "--outbox-policy", "drop-newest", "--rate", "0")
	sender := listen(t, nil).register(t, relay)
	hold := make(chan struct{})
	queues := []struct {
		asked, policy string
		got           []int // of messages 0 to 9, about "a" but 3 and 5
		*ear
	}{
		{"", "drop-newest", []int{0, 1, 2, 3}, nil},
		{"drop-oldest", "drop-oldest", []int{0, 7, 8, 9}, nil},
		{"newest-per-key", "newest-per-key", []int{0, 3, 5, 9}, nil},
	}
	for i := range queues {
		q := &queues[i]
		q.ear = listen(t, hold).register(t, relay, "queue", text(q.asked))
		eventually(t, "the first ping is over", func() bool {
			return must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": q.hostID})["ping_count"] == int64(1)
		})
	}
	for i := range 10 {
		about := map[int]string{3: "b", 5: "c"}[i]
		if about == "" {
			about = "a"
		}
		must[string](t, relay, "relay.relay", structure{"host_id": sender.hostID, "data": i, "key": about})
	}
	for _, q := range queues {
		eventually(t, q.policy+" has lost 6", func() bool {
			p := must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": q.hostID})
			return p["queue"] == q.policy && p["dropped"] == int64(6)
		})
	}
	close(hold)
	for _, q := range queues {
		for _, want := range q.got {
			if got := q.hears(t).data; got != fmt.Sprintf("<value><int>%d</int></value>", want) {
				t.Errorf("%s: heard %s, want %d", q.policy, got, want)
			}
		}
	}
	relay.said("code=DLV-DROP satellite=" + queues[0].hostID)
	code, text := fault(t, post(t, relay, document("relay.register", members("port", number(9), "queue", text("fifo")))))
	if code != invalidParams || !strings.Contains(text, `key "queue": got fifo, want drop-oldest, drop-newest or newest-per-key`) {
		t.Errorf("registering with another word = fault %d %q", code, text)
	}
	run(t, "satellite", "--relay", relay.url, "--listen", "127.0.0.1:0", "--queue", "fifo").wants(t, 3, "want drop-oldest, drop-newest or newest-per-key")
	s := startSatellite(t, relay, "--queue", "drop-oldest")
	if p := must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": s.hostID}); p["queue"] != "drop-oldest" {
		t.Errorf("queue of co2 satellite = %v, want drop-oldest", p["queue"])
	}
}

// A satellite that refuses messages is spared more of them, and gets what
// waited once it takes them again.
// stuckLine is that of a satellite that took none of five messages.
var stuckLine = regexp.MustCompile(`(?m)^moody +\S+ +stuck +\d+s +[0-9.]+ ms +0 +0 +5 +3$`)

func TestBreaker(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--ping-interval", "500ms")
	var takes atomic.Bool
	bodies := make(chan string, 100)
	hs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && strings.Contains(string(body), "<methodName>notify<") {
			bodies <- string(body)
			if !takes.Load() {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
		}
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(w, "<methodResponse><params><param>", text("OK"), "</param></params></methodResponse>")
	}))
	defer hs.Close()
	port := netip.MustParseAddrPort(hs.Listener.Addr().String()).Port()
	id := must[string](t, relay, "relay.register", structure{"port": int(port), "nick": "moody"})
	sender := listen(t, nil).register(t, relay)
	for i := range 8 {
		sender.send(t, relay, number(i))
	}
	relay.said("code=DLV-OPEN satellite=" + id)
	p := must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": id})
	if p["breaker"] != "open" || p["waiting"] != int64(3) || p["recv_fails"] != int64(5) || p["breaker_retry"].(float64) <= 0 {
		t.Errorf("properties = %v, want an open breaker and 3 messages waiting", p)
	}
	if got := run(t, "satellites", "--relay", relay.url).ok(t); !strings.Contains(got.out, "breaker open: 5 deliveries in a row failed") || !stuckLine.MatchString(got.out) {
		t.Errorf("co2 satellites printed %q, want the breaker told", got.out)
	}
	if _, got := readPage(t, relay.url+"/metrics"); !strings.Contains(got, `co2_satellites_attention{standing="stuck"} 1`) {
		t.Error("/metrics does not count it as stuck")
	}
	takes.Store(true)
	relay.said("code=DLV-CLOSE satellite=" + id)
	eventually(t, "all is delivered", func() bool { return len(bodies) == 8 })
	for i := range 8 {
		if body := <-bodies; !strings.Contains(body, number(i)) {
			t.Errorf("notify %d = %s", i, body)
		}
	}
}
