package main_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// look opens the stream of a page, as a browser does that shows it.
func (r *server) look(ctx context.Context, t *testing.T, page string) io.ReadCloser {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", r.url+"/live?at="+url.QueryEscape(page), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.ContentLength != -1 {
		t.Fatalf("GET /live of %s = %d %v, want a stream", page, res.StatusCode, res.Header)
	}
	return res.Body
}

// A page that is open shows who joins and what is relayed, tells in the limits
// that it is open, and ends when the relay stops.
func TestPagesAreLive(t *testing.T) {
	relay := startRelay(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	shows := func(in *bufio.Reader, text string) {
		t.Helper()
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatalf("the page does not show %q: %v", text, err)
			}
			if strings.HasPrefix(line, "data: ") && strings.Contains(line, text) {
				return
			}
		}
	}
	satellites, messages := relay.look(ctx, t, "/satellites"), relay.look(ctx, t, "/messages")
	defer satellites.Close()
	defer messages.Close()
	joins, tail := bufio.NewReader(satellites), bufio.NewReader(messages)
	shows(joins, "No satellite is registered")
	shows(tail, "No message has been relayed yet")
	c := newCrowd(t, 2, 1)
	c.register(relay)
	shows(joins, c.all[1].hostID)
	c.send(relay, 0, 1, 0)
	shows(tail, c.all[0].hostID)
	if _, used := relay.useOf(t, "streams"); used != 2 {
		t.Errorf("relay.get_limits tells %d streams, want 2", used)
	}
	began := time.Now()
	relay.stop()
	for _, in := range []*bufio.Reader{joins, tail} {
		if _, err := io.Copy(io.Discard, in); err != nil {
			t.Errorf("at the stop the stream is cut off: %v", err)
		}
	}
	t.Logf("the streams ended %v after the stop", time.Since(began))
}

// TestLiveCost measures what 100 open pages cost a relay that relays 100
// messages a second to 20 satellites: less than 5 % of a core.
func TestLiveCost(t *testing.T) {
	rounds := soakRounds(t)
	const (
		pages   = 100
		seconds = 10
		most    = 5.0 // per cent
	)
	relay := startRelay(t)
	c := newCrowd(t, 20, 2*rounds*seconds*100)
	c.register(relay)
	var costs, idle []float64
	sent := 0
	load := func() float64 {
		before, began := relay.cpu(t), time.Now()
		c.send(relay, sent, sent+seconds*100, 100)
		sent += seconds * 100
		return 100 * float64(relay.cpu(t)-before) / float64(time.Since(began))
	}
	var octets atomic.Int64
	for range rounds {
		without := load()
		ctx, cancel := context.WithCancel(t.Context())
		var readers sync.WaitGroup
		for i := range pages {
			body := relay.look(ctx, t, []string{"/", "/messages", "/satellites", "/events", "/satellites/" + url.PathEscape(c.all[1+i%10].hostID)}[i%5])
			readers.Go(func() {
				defer body.Close()
				n, _ := io.Copy(io.Discard, body)
				octets.Add(n)
			})
		}
		costs, idle = append(costs, load()-without), append(idle, without)
		cancel()
		readers.Wait()
	}
	cost := middle(costs)
	t.Logf("soak: %d open pages at 100 messages a second, of a core beside %.1f %% without\t%.1f %% (at most %.0f), %d KiB/s to each", pages, middle(idle), cost, most, octets.Load()/int64(rounds*seconds*pages)>>10)
	if cost > most {
		t.Errorf("%d open pages cost %v %% of a core, want at most %v", pages, costs, most)
	}
}
