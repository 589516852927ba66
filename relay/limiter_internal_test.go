package relay

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// Buckets of silent senders are forgotten once a new one would be alike.
func TestLimiterForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, rate := range []float64{10, -1} {
			l := newLimiter(Config{Rate: rate, Burst: 700}.withDefaults(), func(*Message) {})
			go l.Run(t.Context())
			for i := range 600 {
				l.Accept(&Message{Sender: fmt.Sprint(i % 100)})
				l.Accept(&Message{Sender: "busy"})
			}
			time.Sleep(59 * time.Second) // 6 tokens are back after 600 ms, 600 after a minute
			synctest.Wait()
			if n := l.count(); n != 101 {
				t.Errorf("rate %g: senders known = %d, want 101", rate, n)
			}
			l.Accept(&Message{Sender: "busy"})
			time.Sleep(2 * time.Second)
			if n, want := l.count(), map[bool]int{true: 1, false: 0}[rate > 0]; n != want {
				t.Errorf("rate %g: senders known after a minute = %d, want %d", rate, n, want)
			}
			time.Sleep(time.Minute)
			if n := l.count(); n != 0 {
				t.Errorf("rate %g: senders known after two = %d, want 0", rate, n)
			}
		}
	})
}

func (l *Limiter) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.senders)
}

// A bucket always lets one out: what is accepted must not wait for ever.
func TestBurstIsAtLeastOne(t *testing.T) {
	if b := (Config{Burst: -5}).withDefaults().Burst; b != 1 {
		t.Errorf("Burst of -5 = %d, want 1", b)
	}
}
