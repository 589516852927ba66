package relay

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The state machine: p and n are an answered ping and notify, P and N failed
// ones, | and > the begin and end of a pause. Wanted is the state after each,
// by its first letter, k for paused.
func TestStateMachine(t *testing.T) {
	letters := map[State]string{StateNew: "n", StateUp: "u", StateSuspect: "s", StateDown: "d", StatePaused: "k"}
	for _, test := range []struct{ steps, want string }{
		{"", ""},
		{"pp", "uu"},
		{"n", "u"},
		{"PPPP", "ssdd"},
		{"PPpPPPp", "ssussdu"},
		{"NNNNNN", "ssssss"},
		{"NPNPNP", "sssssd"},       // notifies between do not break a row
		{"PPnPPP", "ssussd"},       // but an answered one does
		{"PPPNn", "ssddu"},         // a failed one does not lift who is down
		{"PPPnP", "ssdus"},         // who was down begins anew
		{"p|pPnN>p", "ukkkkknu"},   // nothing but its end ends a pause
		{"PPPP|>PPP", "ssddknssd"}, // after it nothing is known
		{"PP|P>PP", "sskknss"},
		{"|>", "kn"},
		{"||>>", "kknn"},
	} {
		l := newLiveness(time.Now())
		got := ""
		for _, step := range test.steps {
			switch o := (Outcome{Verdict: Dead, Reason: "no"}); step {
			case 'p':
				l.pinged(Outcome{Verdict: Delivered}, time.Now())
			case 'n':
				l.notified(Outcome{Verdict: Delivered}, time.Now())
			case 'P':
				l.pinged(o, time.Now())
			case 'N':
				l.notified(o, time.Now())
			case '|':
				l.pause(time.Now())
			case '>':
				l.resume(time.Now())
			}
			got += letters[l.State]
			if down := l.State == StateDown; down == l.downAt.IsZero() {
				t.Errorf("after %q of %q down is %v, down at %v", got, test.steps, down, l.downAt)
			}
		}
		if got != test.want {
			t.Errorf("states after %q = %q, want %q", test.steps, got, test.want)
		}
		if pings := strings.Count(strings.ToLower(test.steps), "p"); l.Ping.Count != pings || l.Ping.Fails != strings.Count(test.steps, "P") {
			t.Errorf("pings, failed after %q = %d, %d", test.steps, l.Ping.Count, l.Ping.Fails)
		}
	}
}

// What is remembered of one that flaps is bounded, and forgotten.
func TestFlapsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flaps
		for range 100_000 {
			f.again(time.Now())
			time.Sleep(time.Millisecond)
		}
		if len(f.times) > flapMost+1 || cap(f.times) > 4*flapMost {
			t.Errorf("times = %d of %d, want at most %d", len(f.times), cap(f.times), flapMost+1)
		}
		time.Sleep(flapHold)
		if wait := f.held(time.Now()); wait != 0 || f.times != nil {
			t.Errorf("after it was quiet it is held for %v and remembers %d, want nothing", wait, len(f.times))
		}
	})
}
