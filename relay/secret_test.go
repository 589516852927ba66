package relay_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods/wire"
	"co2/relay"
)

// A notify_pass goes to its satellite and to the dump, and appears in no
// answer, no fault, no event and no log line, whatever satellites answer.
func TestPassAppearsNowhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes := map[string]string{idA: "s3cret-of-a", idB: `s3cret <of> "b"`, idC: "s3cret-of-c"}
		var broken atomic.Bool
		st := &store{commit: func(relay.Change) error {
			if broken.Load() {
				return errors.New("disk gone")
			}
			return nil
		}}
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			switch d.HostID {
			case idB:
				return dead(fmt.Sprintf("fault 1: want %q, got %s", passes[idB], passes[idB]))
			case idC:
				return dead("fault 1: " + passes[idC])
			}
			return good
		}}
		r := start(t, relay.Config{MaxSats: 3, Outbox: 1, Rate: 1, Burst: 2, Queue: 2, PingInterval: 10 * time.Second}, c, st)
		var said strings.Builder
		call := func(ip, method string, params ...any) {
			result, err := r.call(ip, method, params...)
			doc, encodeErr := wire.AppendResponse(nil, result)
			if err != nil {
				doc, encodeErr = []byte(faultOf(err)+err.Error()), nil
			}
			if encodeErr != nil {
				t.Fatalf("AppendResponse(%v) = %v", result, encodeErr)
			}
			said.Write(doc)
		}
		for i, id := range []string{idA, idB, idC, idD} {
			call(fmt.Sprintf("192.0.2.%d", i+1), "relay.register", object{"port": 2004, "notify_pass": passes[id] + strings.Repeat("s3cret", i/3)})
			call(fmt.Sprintf("192.0.2.%d", i+1), "relay.register", object{"port": 0, "notify_pass": "s3cret"})
		}
		call("192.0.2.1", "relay.register", object{"port": 2004, "notify_pass": strings.Repeat("s3cret", 1000)})
		call("192.0.2.1", "relay.register", object{"port": 2004, "notify_pass": []any{"s3cret"}})
		call("192.0.2.1", "relay.relay", object{"host_id": idA, "data": strings.Repeat("s3cret", 1<<20)})
		for i := range 10 {
			call("192.0.2.1", "relay.relay", object{"host_id": idA, "data": i, "notify_pass": "s3cret"})
		}
		time.Sleep(time.Minute)
		for _, name := range r.table.Names() {
			for _, id := range []string{idA, idB, idC} {
				if !strings.HasSuffix(name, "register") {
					call("192.0.2.1", name, object{"host_id": id})
				}
			}
			call("192.0.2.1", name)
		}
		broken.Store(true)
		call("192.0.2.1", "relay.deregister", object{"host_id": idA})
		broken.Store(false)
		call("192.0.2.1", "relay.deregister", object{"host_id": idA})
		r.stop()
		texts := map[string]string{"an answer": said.String(), "the log": r.log.String(), "an event": fmt.Sprintf("%+v", r.events)}
		for where, text := range texts {
			if i := strings.Index(text, "s3cret"); i >= 0 {
				t.Errorf("%s holds a password: …%s…", where, text[max(0, i-100):min(len(text), i+100)])
			}
		}
		for _, code := range []relay.Code{relay.SatJoin, relay.SatLeave, relay.SatState, relay.DlvFail, relay.DumpFail, relay.LimitSats, relay.LimitQueue, relay.LimitData} {
			if len(r.saw(code)) == 0 {
				t.Errorf("no event %s came up", code)
			}
		}
		for id, pass := range passes {
			for _, d := range c.to(id, "notify") {
				equal(t, "notify_pass of "+id, notifyStruct(t, d.Delivery)["notify_pass"], any(pass))
			}
		}
	})
}
