package relay

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"time"

	"co2/methods/wire"
)

// A ready carrier delivers at once, so that what a fan-out costs beside it is
// the relay's own.
type ready struct{ calls sync.WaitGroup }

func (c *ready) Send(batch []Delivery, done func(Delivery, Outcome)) {
	own := append([]Delivery(nil), batch...)
	c.calls.Go(func() {
		for _, d := range own {
			done(d, Outcome{Verdict: Delivered, Took: time.Millisecond})
		}
	})
}

func (*ready) Forget(Callback) {}

type noStore struct{}

func (noStore) Load(context.Context) ([]Record, error) { return nil, nil }
func (noStore) Commit(context.Context, Change) error   { return nil }
func (noStore) Close() error                           { return nil }

// BenchmarkFanOut tells what one delivery costs the relay beside its carrier.
func BenchmarkFanOut(b *testing.B) {
	const satellites = 10_000
	c := new(ready)
	r, err := New(context.Background(), Config{PingInterval: -1}, noStore{}, c, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	for i := range satellites {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}), 2004)
		r.roster.mu.Lock()
		r.roster.addLocked(Registration{HostID: at.String(), Callback: Callback{"http", at, "/RPC2"}, Seen: at.Addr(), NotifyPass: "secret"})
		r.roster.mu.Unlock()
	}
	data, err := wire.NewRaw(fmt.Sprintf("%1000d", 1))
	if err != nil {
		b.Fatal(err)
	}
	members := r.roster.all()
	b.ReportAllocs()
	for b.Loop() {
		r.deliveries.post(&Message{ID: "1", Sender: "sender", Data: data}, members)
		c.calls.Wait()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*satellites), "ns/delivery")
}
