package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods"
	"co2/methods/wire"
	"co2/registry/web"
	"co2/relay"
)

// An audience is a carrier of satellites that answer after 20 ms, each as told.
type audience struct {
	mu      sync.Mutex
	refuses map[string]string // guarded by mu; by host id: why its notify fails
	sleeps  map[string]bool   // guarded by mu; its notify takes a minute
}

func (a *audience) Send(batch []relay.Delivery, done func(relay.Delivery, relay.Outcome)) {
	for _, d := range batch {
		go func() {
			a.mu.Lock()
			why, sleeps := a.refuses[d.HostID], a.sleeps[d.HostID]
			a.mu.Unlock()
			o := relay.Outcome{Verdict: relay.Delivered, Took: 20 * time.Millisecond}
			if d.Method == "notify" && sleeps {
				o.Took = time.Minute
			}
			time.Sleep(o.Took)
			if d.Method == "notify" && why != "" {
				o.Verdict, o.Reason = relay.Dead, why
			}
			done(d, o)
		}()
	}
}

func (*audience) Forget(relay.Callback) {}

// A hall is a relay in this process with what its pages show.
type hall struct {
	t     *testing.T
	pages *network
	table methods.Table
	audience
}

// newHall runs until the end of the test.
func newHall(t *testing.T, cfg relay.Config) *hall {
	t.Helper()
	h := &hall{t: t, audience: audience{refuses: map[string]string{}, sleeps: map[string]bool{}}}
	log := slog.New(slog.DiscardHandler)
	dump, err := relay.OpenDump(t.TempDir(), log)
	if err != nil {
		t.Fatal(err)
	}
	r, err := relay.New(t.Context(), cfg, dump, &h.audience, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.table.Register("relay", r.Methods()...); err != nil {
		t.Fatal(err)
	}
	h.pages = newNetwork(r, dump)
	ctx, halt := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, append(h.pages.services(), service{"relay", r.Run})...) }()
	t.Cleanup(func() {
		halt()
		if err := <-ended; err != nil {
			t.Errorf("serve = %v", err)
		}
		if err := dump.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return h
}

func (h *hall) call(ip, method string, params map[string]any) any {
	h.t.Helper()
	raw, err := wire.NewRaw(params)
	if err != nil {
		h.t.Fatal(err)
	}
	at := netip.AddrPortFrom(netip.MustParseAddr(ip), 40000)
	result, err := h.table.Call(methods.WithPeer(h.t.Context(), methods.Caller{Addr: at, Access: methods.AccessFrom(at.Addr())}), method, wire.RawArgs(raw))
	if err != nil {
		h.t.Fatalf("Call(%s) = %v", method, err)
	}
	return result
}

func (h *hall) join(ip, nick string) string {
	h.t.Helper()
	return h.call(ip, "relay.register", map[string]any{"port": 2004, "nick": nick, "notify_pass": "s3cret"}).(string)
}

func (h *hall) send(hostID string, data any) {
	h.t.Helper()
	h.call(netip.MustParseAddrPort(hostID).Addr().String(), "relay.relay", map[string]any{"host_id": hostID, "data": data})
}

func (h *hall) satellite(hostID string) web.Details {
	h.t.Helper()
	d, ok := h.pages.Satellite(hostID)
	if !ok {
		h.t.Fatalf("Satellite(%q) is unknown", hostID)
	}
	return d
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// The overview tells what flows, how fast, and what waits.
func TestOverviewOfRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, relay.Config{Rate: 1, Burst: 4, NotifyTimeout: time.Hour, PingInterval: -1})
		o := h.pages.Overview()
		same(t, "rates before anything is over", fmt.Sprint(o.In, o.Out, o.Rate, o.Delivered), "-1 -1 0s 0")
		a, b := h.join("192.0.2.1", "alice"), h.join("192.0.2.2", "bob")
		h.join("192.0.2.3", "carol")
		time.Sleep(20 * time.Second)
		for i := range 4 {
			h.send(a, i)
		}
		time.Sleep(2 * time.Second)
		o = h.pages.Overview()
		same(t, "in, out over 10 s", fmt.Sprintf("%.3f %.3f %v", o.In, o.Out, o.Rate), "0.400 0.800 10s")
		same(t, "delivered", fmt.Sprint(o.Delivered, " within ", o.Window), "8 within 22s")
		if o.P50 < 37*time.Millisecond || o.P50 > 43*time.Millisecond || o.P99 < 75*time.Millisecond || o.P99 > 85*time.Millisecond {
			t.Errorf("p50, p99 = %v, %v, want those of 20, 40, 60 and 80 ms twice, to 1/16", o.P50, o.P99)
		}
		same(t, "waiting", fmt.Sprint(o.Oldest, o.OldestFor, o.LimiterWaits), "0s0")
		h.mu.Lock()
		h.sleeps[b] = true
		h.mu.Unlock()
		for i := range 6 {
			h.send(a, i)
		}
		time.Sleep(time.Second)
		same(t, "limiter waits", h.pages.Overview().LimiterWaits > 0, true)
		time.Sleep(20 * time.Second)
		o = h.pages.Overview()
		same(t, "waits for", o.OldestFor, b)
		if o.Oldest < 20*time.Second || o.Oldest > 22*time.Second {
			t.Errorf("oldest = %v, want 21 s or a little less", o.Oldest)
		}
		same(t, "dump is written", time.Since(o.Dump.Saved) < 48*365*24*time.Hour && o.Dump.Trouble == "", true)
		time.Sleep(time.Hour)
	})
}

// One satellite's page tells its states, deliveries and limits.
func TestDetailsOfRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, relay.Config{Rate: 5, Burst: 20, Outbox: 9, OutboxBytes: 5000, Queue: 7, QueueBytes: 6000})
		a, b := h.join("192.0.2.1", "alice"), h.join("192.0.2.2", "bob")
		time.Sleep(5 * time.Second)
		h.send(a, 1)
		time.Sleep(time.Second)
		h.mu.Lock()
		h.refuses[b] = "it is full, s3cret or not"
		h.mu.Unlock()
		for range 8 {
			h.send(a, 2)
			time.Sleep(time.Second)
		}
		d := h.satellite(b)
		same(t, "recorded", d.Recorded, true)
		var states []string
		for _, s := range d.States {
			states = append(states, string(s.State))
		}
		same(t, "states", strings.Join(states, " "), "new up suspect stuck")
		last := d.States[len(d.States)-1]
		same(t, "what it is", fmt.Sprint(d.State, " ", d.Answers, " ", d.Attention()), "stuck suspect takes no messages")
		same(t, "since", d.StateSince, d.BreakerSince)
		same(t, "took and failed", fmt.Sprint(d.Received, d.Failed), "1 5")
		same(t, "reason is hidden", strings.Contains(last.Reason, "why is not shown"), true)
		same(t, "deliveries", len(d.Deliveries), 6) // then the breaker opened
		same(t, "latest", d.Deliveries[0].Outcome, web.OutcomeFailed)
		same(t, "first", fmt.Sprint(d.Deliveries[5].Outcome, d.Deliveries[5].Took, d.Deliveries[5].Sender), "delivered20ms"+a)
		same(t, "message", d.Deliveries[5].MessageID, h.pages.Messages(false)[8].ID)
		same(t, "waiting", fmt.Sprint(d.Waiting, d.QueueBytes > 0), "3 true")
		var limits []string
		for _, l := range d.Limits {
			limits = append(limits, fmt.Sprintf("%s %v of %v %s", l.Name, l.Used, l.Limit, l.Unit))
		}
		same(t, "limits", strings.Join(limits, ", "), fmt.Sprintf("--rate 0 of 5 messages/s, --burst 0 of 20 messages, --queue 0 of 7 messages, "+
			"--queue-bytes 0 of 6000 octets, --outbox 3 of 9 messages, --outbox-bytes %d of 5000 octets", d.QueueBytes))
		codes := map[string]int{}
		for _, ev := range d.Events {
			codes[ev.Code]++
			same(t, "satellite of the event", ev.HostID, b)
		}
		same(t, "events", fmt.Sprint(codes), "map[DLV-OPEN:1 SAT-JOIN:1 SAT-STATE:2]")
		for _, name := range []web.SeriesName{web.SeriesWaiting, web.SeriesIn, web.SeriesP50} {
			s := h.pages.Series(b, name, 10*time.Minute)
			same(t, fmt.Sprintf("points of %s", name), fmt.Sprint(len(s.Points), s.Step), "14 1s")
		}
		same(t, "waited", h.pages.Series(b, web.SeriesWaiting, 10*time.Minute).Points[13].Max, 3)
		pings := h.pages.Series(b, web.SeriesPing, 0)
		same(t, "ping", fmt.Sprintf("%.1f %s", pings.Points[0].Value, pings.Unit), "20.0 ms")
		same(t, "last seen", time.Since(d.LastSeen) < 10*time.Second, true)
		h.call("127.0.0.1", "relay.remove", map[string]any{"host_id": b})
		_, ok := h.pages.Satellite(b)
		same(t, "it is there after its removal", ok, false)
		same(t, "its series", len(h.pages.Series(b, web.SeriesIn, time.Hour).Points), 0)
	})
}

// Limits that are none are told as none.
func TestNoLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, relay.Config{Rate: -1})
		d := h.satellite(h.join("192.0.2.1", "alice"))
		same(t, "--rate", d.Limits[0], web.Limit{Name: "--rate", Used: 0, Limit: -1, Unit: "messages/s"})
	})
}

// Payloads are shown as typed JSON and only if they are asked for; of what is
// long, the start.
func TestMessagesOfRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, relay.Config{})
		a := h.join("192.0.2.1", "alice")
		h.join("192.0.2.2", "bob")
		for _, data := range []any{map[string]any{"n": 1, "<b>": "x"}, strings.Repeat("€", 700), strings.Repeat("y", 5000)} {
			h.send(a, data)
		}
		for _, m := range h.pages.Messages(false) {
			same(t, "hidden payload", fmt.Sprint(m.Payload, m.HasPayload), "false")
		}
		list := h.pages.Messages(true)
		same(t, "messages", len(list), 3)
		same(t, "first", list[2].Payload, `{"<b>":"x","n":1}`)
		same(t, "first from", fmt.Sprint(list[2].Nick, " ", list[2].Sender, " ", list[2].Receivers), "alice "+a+" 1")
		same(t, "second", list[1].Payload, `"`+strings.Repeat("€", 341))
		same(t, "third", list[0].Payload, "<value><string>"+strings.Repeat("y", 1024-15))
		same(t, "third in octets", list[0].Bytes, len("<value><string></string></value>")+5000)
	})
}

// Watchers hear of events and messages; one that does not read loses some,
// learns how many, and slows nobody down.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, relay.Config{Rate: -1})
		a := h.join("192.0.2.1", "alice") // nobody watches
		synctest.Wait()
		const watchers, messages = 100, 150
		quick := make([]<-chan web.Change, watchers)
		got := make([]int, watchers)
		var done sync.WaitGroup
		for i := range quick {
			changes, stop := h.pages.Watch()
			done.Go(func() {
				defer stop()
				for c := range changes {
					if c.Lost > 0 {
						t.Errorf("quick watcher %d lost %d", i, c.Lost)
					}
					if got[i]++; got[i] == messages+1 {
						return
					}
				}
			})
		}
		slow, stop := h.pages.Watch()
		h.join("192.0.2.2", "bob")
		for i := range messages {
			h.send(a, i)
			synctest.Wait()
		}
		done.Wait()
		var events, told []string
		read := func() web.Change {
			c := <-slow
			if c.Event != nil {
				events = append(events, c.Event.Code+" "+c.Event.Nick)
			} else {
				told = append(told, c.Message.ID)
				same(t, "payload", fmt.Sprint(c.Message.Payload, c.Message.HasPayload, c.Message.Nick), "falsealice")
			}
			return c
		}
		for range watchBuffer {
			same(t, "lost at first", read().Lost, 0)
		}
		same(t, "events", strings.Join(events, ", "), "SAT-JOIN bob")
		h.send(a, "last")
		synctest.Wait()
		all := h.pages.Messages(false)
		lost := messages + 1 - watchBuffer
		same(t, "lost", read().Lost, lost)
		same(t, "the one after", told[len(told)-1], all[0].ID)
		same(t, "the one before", told[len(told)-2], all[lost+1].ID)
		stop()
		stop()
		_, open := <-slow
		same(t, "open after stop", open, false)
		same(t, "watchers", h.pages.feed.watched(), false)
		h.send(a, "nobody watches")
		synctest.Wait()
		same(t, "changes kept for nobody", len(h.pages.feed.changes), 0)
	})
}

// Less memory for all is less of it for what is remembered.
func TestFullWithin(t *testing.T) {
	for limit, want := range map[int64]int{math.MaxInt64: 200, 1 << 30: 200, 256 << 20: 148, 64 << 20: 37, 1 << 20: 10} {
		same(t, fmt.Sprintf("full within %d", limit), fullWithin(limit), want)
	}
}

// A feed whose Run does not come after counts what is lost for all.
func TestFeedTooSlow(t *testing.T) {
	f := newFeed()
	changes, stop := f.watch()
	defer stop()
	for range feedBuffer + 10 {
		f.tell(web.Change{})
	}
	f.pass(<-f.changes)
	same(t, "lost", (<-changes).Lost, 10)
	f.pass(<-f.changes)
	same(t, "lost afterwards", (<-changes).Lost, 0)
}

// What an outbox gives up shows in sum and at its satellite.
func TestLossesOfRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, relay.Config{Outbox: 2, NotifyTimeout: time.Hour, PingInterval: -1})
		a, b := h.join("192.0.2.1", "alice"), h.join("192.0.2.2", "bob")
		time.Sleep(20 * time.Second)
		o := h.pages.Overview()
		same(t, "lost", fmt.Sprint(o.Lost, o.LostRate), "0 0")
		h.mu.Lock()
		h.sleeps[b] = true
		h.mu.Unlock()
		for i := range 12 { // two stay, one of them under way
			h.send(a, i)
		}
		time.Sleep(5 * time.Second)
		o = h.pages.Overview()
		same(t, "lost then", fmt.Sprint(o.Lost, o.LostRate), "10 1")
		same(t, "lost for bob", h.satellite(b).Dropped, 10)
		same(t, "lost for alice", h.satellite(a).Dropped, 0)
		ev := h.pages.Events()[0]
		same(t, "told as", fmt.Sprint(ev.Code, ": ", ev.State, ev.Words, ", ", ev.Reason), "DLV-DROP: , 1 message dropped: its outbox is full")
		time.Sleep(time.Hour)
	})
}
