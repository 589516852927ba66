package history_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"co2/methods/wire"
	"co2/relay"
	"co2/relay/history"
)

// A source is a relay of which a test says what it holds.
type source struct {
	mu      sync.Mutex
	order   []string                // guarded by mu
	samples map[string]relay.Sample // guarded by mu
	look    func()                  // is called at each look
	lost    int                     // guarded by mu
}

func newSource(hostIDs ...string) *source {
	s := &source{samples: map[string]relay.Sample{}, look: func() {}}
	for _, id := range hostIDs {
		s.put(relay.Sample{HostID: id, State: relay.StateUp, Breaker: relay.BreakerClosed})
	}
	return s
}

func (s *source) put(sample relay.Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.samples[sample.HostID]; !ok {
		s.order = append(s.order, sample.HostID)
	}
	s.samples[sample.HostID] = sample
}

func (s *source) remove(hostID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.samples, hostID)
}

func (s *source) Samples() iter.Seq[relay.Sample] {
	s.look()
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []relay.Sample
	for _, id := range s.order {
		if sample, ok := s.samples[id]; ok {
			list = append(list, sample)
		}
	}
	return func(yield func(relay.Sample) bool) {
		for _, sample := range list {
			if !yield(sample) {
				return
			}
		}
	}
}

func (s *source) Held() relay.Held { return relay.Held{Messages: 7} }
func (s *source) Lost() relay.Losses {
	s.mu.Lock()
	defer s.mu.Unlock()
	return relay.Losses{Full: s.lost}
}
func (s *source) Directory() relay.Directory { return s }
func (s *source) Len() int                   { return len(s.Satellites()) }

func (s *source) Satellites() (list []relay.Satellite) {
	for sample := range s.Samples() {
		list = append(list, relay.Satellite{Registration: relay.Registration{HostID: sample.HostID}, Liveness: relay.Liveness{State: sample.State}})
	}
	return list
}

func (s *source) Find(hostID string) (relay.Satellite, bool) { panic("a history asks for nobody") }

// run runs h until the end of the test.
func run(t *testing.T, h *history.History) {
	t.Helper()
	ctx, halt := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		halt()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// delivered and pinged are calls that went well, just now.
func delivered(hostID string, waited, took time.Duration) relay.Ended {
	return relay.Ended{HostID: hostID, Method: "notify", Message: "1-a", Sender: "s", Verdict: relay.Delivered, Waited: waited, Took: took, At: time.Now()}
}

func pinged(hostID string, took time.Duration) relay.Ended {
	return relay.Ended{HostID: hostID, Method: "ping", Verdict: relay.Delivered, Took: took, At: time.Now()}
}

func failed(e relay.Ended, reason string) relay.Ended {
	e.Verdict, e.Reason = relay.Dead, reason
	return e
}

func message(t testing.TB, sender string, data any) *relay.Message {
	t.Helper()
	raw, err := wire.NewRaw(data)
	if err != nil {
		t.Fatalf("NewRaw = %v", err)
	}
	return &relay.Message{ID: "1-a", Sender: sender, Data: raw, Accepted: time.Now()}
}

// values writes the points of a series for people.
func values(s history.Series) string {
	var words []string
	for _, p := range s.Points {
		if math.IsNaN(p.Value) {
			words = append(words, "-")
		} else {
			words = append(words, fmt.Sprintf("%.3g", p.Value))
		}
	}
	return strings.Join(words, " ")
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
