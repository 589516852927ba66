package history_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods"
	"co2/methods/wire"
	"co2/relay"
	"co2/relay/history"
)

// A carrier ends each call as answer says.
type carrier struct {
	answer func(relay.Delivery) relay.Outcome
	calls  sync.WaitGroup
}

func (c *carrier) Send(batch []relay.Delivery, done func(relay.Delivery, relay.Outcome)) {
	own := append([]relay.Delivery(nil), batch...)
	c.calls.Go(func() {
		for _, d := range own {
			done(d, c.answer(d))
		}
	})
}

func (*carrier) Forget(relay.Callback) {}

// A store holds what it is given at the start, and forgets all else.
type store []relay.Record

func (s store) Load(context.Context) ([]relay.Record, error) { return s, nil }
func (store) Commit(context.Context, relay.Change) error     { return nil }
func (store) Close() error                                   { return nil }

// satellites are the records of so many.
func satellites(n int) (list store) {
	for i := range n {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}), 2004)
		list = append(list, relay.Record{Registration: relay.Registration{
			HostID: at.String(), Nick: fmt.Sprint("nick ", i), Seen: at.Addr(), NotifyPass: "s3cret",
			Callback: relay.Callback{Scheme: "http", Addr: at, Path: "/RPC2"},
		}})
	}
	return list
}

func newRelay(t testing.TB, cfg relay.Config, s store, c *carrier) (*relay.Relay, func(sender string, data any)) {
	t.Helper()
	r, err := relay.New(t.Context(), cfg, s, c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("New = %v", err)
	}
	var table methods.Table
	if err := table.Register("relay", r.Methods()...); err != nil {
		t.Fatalf("Register = %v", err)
	}
	return r, func(sender string, data any) {
		raw, err := wire.NewRaw(map[string]any{"host_id": sender, "data": data})
		if err != nil {
			t.Fatalf("NewRaw = %v", err)
		}
		ctx := methods.WithPeer(context.Background(), methods.Caller{Addr: netip.MustParseAddrPort(sender), Access: methods.Admin})
		if _, err := table.Call(ctx, "relay.relay", wire.RawArgs(raw)); err != nil {
			t.Errorf("Call(relay.relay) = %v", err)
		}
	}
}

// A history of a real relay: what was sent and what became of it.
func TestOfRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			time.Sleep(50 * time.Millisecond)
			if d.Method == "notify" && d.HostID == "127.1.0.2:2004" {
				return relay.Outcome{Verdict: relay.Dead, Reason: "s3cret is wrong"}
			}
			return relay.Outcome{Verdict: relay.Delivered, Took: 50 * time.Millisecond}
		}}
		r, send := newRelay(t, relay.Config{PingInterval: 10 * time.Second}, satellites(3), c)
		h := history.New(history.Config{}, r)
		r.Observe(h)
		r.Events().Listen(h.Hear)
		run(t, h)
		ctx, halt := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		defer func() {
			halt()
			<-ended
		}()
		time.Sleep(30 * time.Second)
		for i := range 4 {
			send("127.1.0.0:2004", i)
			time.Sleep(time.Second)
		}
		time.Sleep(time.Second)
		// A message may have to wait for a ping under way.
		times := h.Times()
		equal(t, "delivered", fmt.Sprint(times.Delivered, " in ", times.Over), "4 in 35s")
		if times.P50 < 47*time.Millisecond || times.P50 > 54*time.Millisecond || times.Longest < 50*time.Millisecond || times.Longest > 100*time.Millisecond {
			t.Errorf("times = %+v, want 50 ms, and no more than twice that", times)
		}
		equal(t, "in", values(h.Series("", history.In, 4*time.Second)), "1 1 1 0")
		equal(t, "failed", values(h.Series("127.1.0.2:2004", history.Failed, 4*time.Second)), "1 1 1 0")
		bad, _ := h.Satellite("127.1.0.2:2004")
		equal(t, "its deliveries", len(bad.Deliveries), 4)
		equal(t, "sender", bad.Deliveries[0].Sender, "127.1.0.0:2004")
		equal(t, "reason", bad.Deliveries[0].Reason, "the call failed; why is not shown, since the words hold the satellite's notify_pass")
		equal(t, "its first state", bad.States[0].State, relay.Standing(relay.StateNew))
		suspect := func(c history.StateChange) bool { return c.State == relay.Standing(relay.StateSuspect) } // until the next ping
		equal(t, "it was suspect", slices.ContainsFunc(bad.States, suspect), true)
		list := h.Messages()
		equal(t, "messages", len(list), 4)
		equal(t, "latest message", fmt.Sprint(list[0].Nick, " ", list[0].Data, " ", list[0].Receivers), "nick 0 <value><int>3</int></value> 2")
		equal(t, "latest message is that delivered last", list[0].ID, bad.Deliveries[0].Message)
		equal(t, "satellites", h.State().Satellites, 3)
		if n := len(h.Series("127.1.0.1:2004", history.Ping, 0).Points); n < 2 {
			t.Errorf("pings in 35 s = %d, want at least 2", n)
		}
	})
}

// BenchmarkFanOut tells what remembering costs a delivery, beside a carrier
// that delivers at once.
func BenchmarkFanOut(b *testing.B) {
	const n = 10_000
	for _, remembered := range []bool{false, true} {
		b.Run(fmt.Sprintf("remembered=%v", remembered), func(b *testing.B) {
			c := &carrier{answer: func(relay.Delivery) relay.Outcome {
				return relay.Outcome{Verdict: relay.Delivered, Took: time.Millisecond}
			}}
			var all sync.WaitGroup
			r, send := newRelay(b, relay.Config{PingInterval: -1, Rate: -1}, satellites(n), c)
			ended := counter{&all}
			r.Observe(ended)
			if remembered {
				h := history.New(history.Config{}, r)
				r.Observe(h)
				r.Events().Listen(h.Hear)
				ctx, halt := context.WithCancel(context.Background())
				over := make(chan error, 1)
				go func() { over <- h.Run(ctx) }()
				defer func() {
					halt()
					<-over
				}()
			}
			ctx, halt := context.WithCancel(context.Background())
			over := make(chan error, 1)
			all.Add(n) // the first pings
			go func() { over <- r.Run(ctx) }()
			defer func() {
				halt()
				<-over
			}()
			all.Wait()
			data := fmt.Sprintf("%1000d", 1)
			for b.Loop() {
				all.Add(n - 1)
				send("127.1.0.0:2004", data)
				all.Wait()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*(n-1)), "ns/delivery")
		})
	}
}

// A counter waits for calls to end.
type counter struct{ *sync.WaitGroup }

func (counter) Accepted(*relay.Message, string, int) {}
func (c counter) Ended(relay.Ended)                  { c.Done() }

// BenchmarkEnded tells what one call costs to remember.
func BenchmarkEnded(b *testing.B) {
	const n = 10_000
	list := satellites(n)
	r, _ := newRelay(b, relay.Config{}, list, new(carrier))
	h := history.New(history.Config{}, r)
	i := 0
	e := relay.Ended{Method: "notify", Message: "1-a", Sender: "s", Verdict: relay.Delivered, Took: time.Millisecond, At: time.Now()}
	for b.Loop() {
		e.HostID = list[i%n].HostID
		h.Ended(e)
		i++
	}
}
