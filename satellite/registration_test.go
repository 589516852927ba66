package satellite_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods/wire"
	"co2/satellite"
)

func TestBacksOffWhileTheRelayIsAway(t *testing.T) {
	inBubble(t, satellite.Config{}, func(r *relayStub) { r.away = true }, func(t *testing.T, b *bubble) {
		b.after(10 * time.Minute)
		tries := b.relay.came("relay.register")
		exact := 0
		for i := 1; i < len(tries); i++ {
			want := min(time.Second<<(i-1), time.Minute)
			gap := tries[i].at.Sub(tries[i-1].at)
			if gap < want*3/4 || gap > want*5/4 {
				t.Errorf("try %d came %v after the one before, want about %v", i, gap, want)
			}
			if gap == want {
				exact++
			}
		}
		if len(tries) < 10 || exact > 1 {
			t.Errorf("%d tries in 10 minutes, %d without jitter", len(tries), exact)
		}
		told, _ := b.told()
		for i, s := range told {
			if s.HostID != "" || s.Err == nil || s.Listen != 2004 || s.Retry != min(time.Second<<i, time.Minute) {
				t.Errorf("status %d is %+v, want an error and when it tries again", i, s)
			}
		}
		b.relay.set(func(r *relayStub) { r.away = false })
		b.after(2 * time.Minute)
		if b.node.HostID() != "10.0.0.5:2004" {
			t.Errorf("host id %q after the relay came back", b.node.HostID())
		}
		if told, _ = b.told(); told[len(told)-1].Err != nil {
			t.Errorf("last status %+v, want it registered", told[len(told)-1])
		}
	})
}

func TestTellsTheRelayWhatItIs(t *testing.T) {
	cfg := satellite.Config{Nick: "bob", Plugins: []string{"pd.bridge"}, NotifyPass: "s3", MessageInfo: true, Dialect: wire.Latin1 | wire.NilOmit, Queue: "newest-per-key"}
	inBubble(t, cfg, nil, func(t *testing.T, b *bubble) {
		p := b.relay.came("relay.register")[0].params
		if p["port"] != int64(2004) || p["nick"] != "bob" || p["notify_pass"] != "s3" || p["message_info"] != true || p["dialect"] != "nil-omit latin1" || p["queue"] != "newest-per-key" || p["plugins"].([]any)[0] != "pd.bridge" {
			t.Errorf("registered with %v", p)
		}
		var props map[string]any
		if err := b.call(relayAddr, "co2.get_properties", &props); err != nil || props["plugins"].([]any)[0] != "pd.bridge" {
			t.Errorf("properties %v, %v", props, err)
		}
	})
	inBubble(t, satellite.Config{}, nil, func(t *testing.T, b *bubble) {
		p := b.relay.came("relay.register")[0].params
		_, queue := p["queue"]
		if _, told := p["dialect"]; told || queue || len(p["notify_pass"].(string)) < 20 || len(p["plugins"].([]any)) != 0 {
			t.Errorf("registered with %v, want a random password, no plugins, no dialect and no queue", p)
		}
	})
}

func TestAsksAfterSilence(t *testing.T) {
	inBubble(t, satellite.Config{}, nil, func(t *testing.T, b *bubble) {
		b.relay.wantCalls(t, "relay.get_satellite_ctime", 1) // at registration
		b.after(59 * time.Second)
		b.relay.wantCalls(t, "relay.get_satellite_ctime", 1)
		b.after(2 * time.Second)
		b.relay.wantCalls(t, "relay.get_satellite_ctime", 2)
		b.after(time.Minute)
		b.relay.wantCalls(t, "relay.get_satellite_ctime", 3)
		b.relay.wantCalls(t, "relay.register", 1)
	})
}

func TestDoesNotAskWhileTheRelayCalls(t *testing.T) {
	inBubble(t, satellite.Config{}, nil, func(t *testing.T, b *bubble) {
		for range 10 {
			b.after(50 * time.Second)
			if err := b.call(relayAddr, "ping", nil); err != nil {
				t.Fatal(err)
			}
			b.after(50 * time.Second)
			if err := b.notify(1); err != nil {
				t.Fatal(err)
			}
		}
		b.relay.wantCalls(t, "relay.get_satellite_ctime", 1)
		for range 3 {
			b.after(50 * time.Second)
			if err := b.call("10.0.0.66:1", "ping", nil); err != nil { // a stranger is no sign of the relay
				t.Fatal(err)
			}
		}
		if asked := len(b.relay.came("relay.get_satellite_ctime")); asked < 2 {
			t.Error("it did not ask though only a stranger called")
		}
	})
}

func TestRegistersAgainWhenForgotten(t *testing.T) {
	for name, lose := range map[string]func(*relayStub){
		"unknown":       func(r *relayStub) { clear(r.known) },
		"foreign ctime": func(r *relayStub) { r.known["10.0.0.5:2004"] = 77 },
	} {
		inBubble(t, satellite.Config{}, nil, func(t *testing.T, b *bubble) {
			b.relay.set(lose)
			b.after(62 * time.Second)
			b.relay.wantCalls(t, "relay.register", 2)
			told, times := b.told()
			if len(told) != 2 || told[1].HostID != "10.0.0.5:2004" || told[1].Err != nil {
				t.Fatalf("%s: told %+v", name, told)
			}
			if wait := times[1].Sub(times[0]); wait < time.Minute || wait > 61*time.Second {
				t.Errorf("%s: registered again after %v, want a minute and at most a second of jitter", name, wait)
			}
		})
	}
}

func TestTellsWhenTheRelayIsGoneAndBack(t *testing.T) {
	inBubble(t, satellite.Config{}, nil, func(t *testing.T, b *bubble) {
		b.relay.set(func(r *relayStub) { r.away = true })
		b.after(70 * time.Second)
		told, _ := b.told()
		if last := told[len(told)-1]; last.HostID == "" || last.Err == nil || last.Retry == 0 {
			t.Errorf("told %+v while the relay is away, want still its id and an error", last)
		}
		b.relay.set(func(r *relayStub) { r.away = false })
		b.after(time.Minute)
		told, _ = b.told()
		if last := told[len(told)-1]; last.HostID == "" || last.Err != nil || !last.Known {
			t.Errorf("told %+v when the relay is back", last)
		}
		b.relay.wantCalls(t, "relay.register", 1)
		b.relay.set(func(r *relayStub) { r.away = true })
		b.after(62 * time.Second)
		again, _ := b.told()
		if len(again) == len(told) || again[len(told)].Retry != time.Second {
			t.Errorf("told %+v when it is gone again, want it to try after a second, as at first", again[len(told):])
		}
	})
}

// TestMinimalRelay registers with a relay that has nothing but what the
// protocol demands: no get_satellite_ctime.
func TestMinimalRelay(t *testing.T) {
	minimal := func(r *relayStub) {
		r.faults["relay.get_satellite_ctime"] = []string{"exceptions.Exception:no", "no", "no"}
	}
	inBubble(t, satellite.Config{}, minimal, func(t *testing.T, b *bubble) {
		if b.node.HostID() == "" {
			t.Fatal("it did not register")
		}
		if err := b.node.Send(t.Context(), 1); err != nil {
			t.Errorf("Send() = %v", err)
		}
		b.after(62 * time.Second)
		b.relay.wantCalls(t, "relay.register", 2) // it cannot know better
	})
}

// TestRefusesOddHostIDs also holds that waiting Sends do not spin.
func TestRefusesOddHostIDs(t *testing.T) {
	for _, odd := range []any{"", "KO", 7, []any{}, map[string]any{}} {
		prepare := func(r *relayStub) {
			r.answer = func(method string) any {
				if method == "relay.register" {
					return odd
				}
				return nil
			}
		}
		inBubble(t, satellite.Config{}, prepare, func(t *testing.T, b *bubble) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if err := b.node.Send(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Send() = %v, want a deadline: it is not registered", err)
			}
			if told, _ := b.told(); len(told) == 0 || told[0].Err == nil || b.node.HostID() != "" {
				t.Errorf("answer %#v: told %+v, host id %q", odd, told, b.node.HostID())
			}
		})
	}
}

func TestDeregistersOnTheWayOut(t *testing.T) {
	inBubble(t, satellite.Config{}, nil, func(t *testing.T, b *bubble) {
		b.stop()
		synctest.Wait()
		b.relay.wantCalls(t, "relay.deregister", 1)
		if b.node.HostID() != "" || len(b.relay.known) != 0 {
			t.Errorf("host id %q, relay knows %v", b.node.HostID(), b.relay.known)
		}
	})
}

// TestStoppedWhileRegistering deregisters what the relay registered while the
// satellite was told to stop.
func TestStoppedWhileRegistering(t *testing.T) {
	slow := func(r *relayStub) { r.slow = 500 * time.Millisecond }
	inBubble(t, satellite.Config{}, slow, func(t *testing.T, b *bubble) {
		b.stop()
		b.after(5 * time.Second)
		b.relay.wantCalls(t, "relay.register", 1)
		b.relay.wantCalls(t, "relay.deregister", 1)
		if told, _ := b.told(); len(told) != 0 {
			t.Errorf("told %+v after it was stopped", told)
		}
	})
}

func TestStopsThoughTheRelayHangs(t *testing.T) {
	for _, when := range []time.Duration{0, time.Minute} { // while it registers, and later
		inBubble(t, satellite.Config{}, func(r *relayStub) {
			if when == 0 {
				r.slow = time.Hour
			}
		}, func(t *testing.T, b *bubble) {
			b.after(when)
			b.relay.set(func(r *relayStub) { r.slow = time.Hour })
			began := time.Now()
			b.stop()
			if err := <-b.ended; err != nil {
				t.Errorf("Run() = %v", err)
			}
			b.ended <- nil
			if took := time.Since(began); took > 7*time.Second {
				t.Errorf("it took %v to stop", took)
			}
		})
	}
}

func TestSendRegistersAgainAndSendsOnceMore(t *testing.T) {
	inBubble(t, satellite.Config{}, nil, func(t *testing.T, b *bubble) {
		b.relay.forget()
		if err := b.node.Send(t.Context(), map[string]any{"tempo": 120}); err != nil {
			t.Fatalf("Send() = %v", err)
		}
		b.relay.wantCalls(t, "relay.register", 2)
		sent := b.relay.came("relay.relay")
		if len(sent) != 2 || sent[1].params["data"].(map[string]any)["tempo"] != int64(120) {
			t.Errorf("sent %v, want the message twice", sent)
		}
	})
}

func TestSendReturnsOtherFaults(t *testing.T) {
	for _, c := range []struct {
		text  string
		asked int // beside once at registration
	}{
		{"registry.Co2RegistryError:the queue of 10.0.0.5:2004 is full", 1},
		{"registry.Co2RegistryError:something else", 0},
	} {
		inBubble(t, satellite.Config{}, func(r *relayStub) { r.faults["relay.relay"] = []string{c.text} }, func(t *testing.T, b *bubble) {
			err := b.node.Send(t.Context(), 1)
			if f, ok := errors.AsType[*wire.Fault](err); !ok || f.Code != 1 || f.String != c.text {
				t.Errorf("Send() = %v, want the fault %q", err, c.text)
			}
			b.relay.wantCalls(t, "relay.relay", 1)
			b.relay.wantCalls(t, "relay.register", 1)
			b.relay.wantCalls(t, "relay.get_satellite_ctime", 1+c.asked)
		})
	}
}

// TestSendGivesUp does not go round for ever with a relay that forgets
// everything at once.
func TestSendGivesUp(t *testing.T) {
	says := "registry.Co2RegistryError:10.0.0.5:2004 is not registered"
	inBubble(t, satellite.Config{}, func(r *relayStub) { r.faults["relay.relay"] = []string{says, says, says} }, func(t *testing.T, b *bubble) {
		b.relay.forget()
		if err := b.node.Send(t.Context(), 1); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("Send() = %v, want the second fault", err)
		}
		b.relay.wantCalls(t, "relay.relay", 2)
	})
}

func TestSendWantsOK(t *testing.T) {
	ko := func(r *relayStub) {
		r.answer = func(method string) any {
			if method == "relay.relay" {
				return "KO"
			}
			return nil
		}
	}
	inBubble(t, satellite.Config{}, ko, func(t *testing.T, b *bubble) {
		if err := b.node.Send(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "KO") {
			t.Errorf("Send() = %v, want an error: co2 may answer 'KO'", err)
		}
	})
}

// TestManySendersFindOutTogether registers once, however many Sends fail.
func TestManySendersFindOutTogether(t *testing.T) {
	inBubble(t, satellite.Config{Retry: 5 * time.Millisecond}, nil, func(t *testing.T, b *bubble) {
		b.relay.set(func(r *relayStub) { r.slow = 10 * time.Millisecond })
		b.relay.forget()
		var sends sync.WaitGroup
		for i := range 50 {
			sends.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				if err := b.node.Send(t.Context(), i); err != nil {
					t.Errorf("Send(%d) = %v", i, err)
				}
			})
		}
		sends.Wait()
		b.after(5 * time.Second)
		b.relay.wantCalls(t, "relay.register", 2)
	})
}

// TestLateNewsOfTheOldRegistration does not cost the new one: a Send learns
// that the relay forgot it when that has been mended long since.
func TestLateNewsOfTheOldRegistration(t *testing.T) {
	inBubble(t, satellite.Config{Retry: time.Millisecond}, nil, func(t *testing.T, b *bubble) {
		b.relay.forget()
		b.relay.set(func(r *relayStub) {
			r.slow = 10 * time.Millisecond
			r.late["relay.get_satellite_ctime"] = []time.Duration{0, time.Second}
		})
		var sends sync.WaitGroup
		for i := range 2 {
			sends.Go(func() {
				if err := b.node.Send(t.Context(), i); err != nil {
					t.Errorf("Send(%d) = %v", i, err)
				}
			})
		}
		sends.Wait()
		b.after(5 * time.Second)
		b.relay.wantCalls(t, "relay.register", 2)
	})
}

func TestSendOptions(t *testing.T) {
	inBubble(t, satellite.Config{}, nil, func(t *testing.T, b *bubble) {
		if err := b.node.SendWith(t.Context(), 1, satellite.Options{TTL: 1500 * time.Millisecond, Key: "tempo", Hops: 2}); err != nil {
			t.Fatal(err)
		}
		if err := b.node.Send(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		sent := b.relay.came("relay.relay")
		if p := sent[0].params; p["ttl"] != 1.5 || p["key"] != "tempo" || p["hops"] != int64(2) {
			t.Errorf("sent %v", p)
		}
		if p := sent[1].params; len(p) != 2 || p["host_id"] != "10.0.0.5:2004" || p["data"] != nil {
			t.Errorf("sent %v without options, want host_id and data alone", p)
		}
	})
}
