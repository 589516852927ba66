package relay_test

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// own is where the relay of these tests listens.
var own = netip.MustParseAddrPort("192.0.2.100:2003")

// told returns what a satellite was told of presence: event, of whom, why.
func (c *carrier) told(t *testing.T, hostID string) []string {
	t.Helper()
	list := []string{}
	for _, d := range c.to(hostID, "notify") {
		p := notifyStruct(t, d.Delivery)
		if data, ok := p["data"].(object); ok && p["co2_event"] == true && p["host_id"] == own.String() {
			list = append(list, strings.TrimSpace(fmt.Sprint(data["event"], " ", data["host_id"], " ", data["reason"])))
		}
	}
	return list
}

func startPresent(t *testing.T, cfg relay.Config, c relay.Carrier, s relay.Store) *rig {
	r := start(t, cfg, c, s)
	r.relay.Listens(own)
	synctest.Wait()
	return r
}

// illness is which satellites fail.
type illness struct{ sats sync.Map }

func (i *illness) has(hostID string) bool {
	ill, _ := i.sats.Load(hostID)
	return ill == true
}

func (i *illness) set(ill bool, hostIDs ...string) {
	for _, id := range hostIDs {
		i.sats.Store(id, ill)
	}
}

var wants = object{"presence": true, "notify_pass": "mine"}

// The whole of a notice, as co2.md 9.2 has it.
func TestNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := startPresent(t, relay.Config{}, c, new(store))
		a := r.register("192.0.2.1", 2004, wants)
		r.register("192.0.2.2", 2004, object{"nick": "bob <&>"})
		synctest.Wait()
		got := notifyStruct(t, c.to(a, "notify")[0].Delivery)
		want := object{
			"host_id": own.String(), "co2_event": true, "notify_pass": "mine",
			"data": object{
				"event": "join", "host_id": idB, "nick": "bob <&>", "reason": "",
				"time": time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), "co2_event": true,
			},
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("notify = %v\nwant %v", got, want)
		}
		equal(t, "recv_count", r.find(a).RecvCount, 1)
	})
}

// A notice is spelled as its receiver asked, and carries the keys of
// message_info for those who want them.
func TestNoticeInDialect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := startPresent(t, relay.Config{}, c, new(store))
		a := r.register("192.0.2.1", 2004, object{"presence": true, "dialect": "ascii", "message_info": true})
		synctest.Wait()
		r.register("192.0.2.2", 2004, object{"nick": "Zoë €"})
		synctest.Wait()
		d := c.to(a, "notify")[0].Delivery
		equal(t, "charset", d.Charset, "us-ascii")
		doc := string(d.Document())
		for _, want := range []string{"<string>Zo&#235; &#8364;</string>", "<name>co2_event</name><value><boolean>1</boolean></value>",
			"<name>message_key</name><value><string>presence/" + idB + "</string></value>"} {
			if !strings.Contains(doc, want) {
				t.Errorf("notify = %s\nwant %s in it", doc, want)
			}
		}
	})
}

// Who asked is told of all others and never of itself; who did not ask is told
// nothing. Registering again is no join.
func TestPresenceIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ill := new(illness)
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if ill.has(d.HostID) && d.Method == "ping" {
				return dead("it is ill")
			}
			return good
		}}
		r := startPresent(t, relay.Config{PingInterval: 10 * time.Second}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, wants), r.register("192.0.2.2", 2004, nil)
		synctest.Wait()
		r.register("192.0.2.2", 2004, nil)
		synctest.Wait()
		ill.set(true, a, b)
		time.Sleep(time.Minute)
		equalList(t, "told to a of b's illness", c.told(t, a), []string{"join " + b, "down " + b + " it is ill"})
		ill.set(false, a, b)
		time.Sleep(time.Minute)
		late := r.register("192.0.2.3", 2004, wants)
		synctest.Wait()
		r.deregister(b)
		synctest.Wait()
		equalList(t, "told to a", c.told(t, a), []string{"join " + b, "down " + b + " it is ill", "up " + b, "join " + late, "leave " + b})
		equalList(t, "told to who came late", c.told(t, late), []string{"leave " + b})
		equal(t, "notifies to b", len(c.to(b, "notify")), 0)
		r.register("192.0.2.3", 2004, nil)
		r.register("192.0.2.2", 2004, nil)
		synctest.Wait()
		equal(t, "told to who wants no more", len(c.told(t, late)), 1)
	})
}

// Who removes a satellite may say why; the others are told.
func TestRemovalIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := startPresent(t, relay.Config{}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, wants), r.register("192.0.2.2", 2004, nil)
		synctest.Wait()
		if _, err := r.call("127.0.0.1", "relay.remove", object{"host_id": b, "reason": "moved"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		equalList(t, "told", c.told(t, a), []string{"join " + b, "leave " + b + " by an operator at 127.0.0.1: moved"})
	})
}

// The first answer after a start, or after a new registration of one that was
// up, is no up; one that was told down comes up, also by registering again.
func TestUpOnlyAfterDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ill := new(illness)
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if ill.has(d.HostID) {
				return dead("it is ill")
			}
			return good
		}}
		a := record(idA)
		a.Presence = true
		r := startPresent(t, relay.Config{PingInterval: 10 * time.Second}, c, &store{records: map[string]relay.Record{idA: a, idB: record(idB)}})
		time.Sleep(time.Minute)
		equal(t, "state", r.find(idB).State, relay.StateUp)
		equalList(t, "told after a start", c.told(t, idA), []string{})
		ill.set(true, idB)
		time.Sleep(11 * time.Second)
		ill.set(false, idB)
		time.Sleep(time.Minute)
		equalList(t, "told of one bad ping", c.told(t, idA), []string{})
		ill.set(true, idB)
		time.Sleep(time.Minute)
		ill.set(false, idB)
		r.register("192.0.2.2", 2004, nil)
		synctest.Wait()
		equalList(t, "told of one that was down", c.told(t, idA), []string{"down " + idB + " it is ill", "up " + idB})
	})
}

// Of a satellite that flaps nothing is told, and when it has settled what
// became of it.
func TestFlappingIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ill := new(illness)
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if ill.has(d.HostID) {
				return dead("it is ill")
			}
			return good
		}}
		r := startPresent(t, relay.Config{PingInterval: 10 * time.Second}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, wants), r.register("192.0.2.2", 2004, nil)
		synctest.Wait()
		ill.set(true, b)
		time.Sleep(time.Minute)
		before := []string{"join " + b, "down " + b + " it is ill"}
		equalList(t, "told of its illness", c.told(t, a), before)
		for i := range 40 {
			ill.set(i%2 == 0, b)
			r.register("192.0.2.2", 2004, nil)
			time.Sleep(500 * time.Millisecond)
		}
		equal(t, "flapping", r.find(b).Flapping, true)
		told := c.told(t, a)
		if len(told) > len(before)+1 {
			t.Errorf("told while it flapped: %q", told)
		}
		time.Sleep(10 * time.Minute)
		equal(t, "flapping at last", r.find(b).Flapping, false)
		equalList(t, "told at last", c.told(t, a), append(before, "up "+b))
	})
}

// The farewell comes while messages are still delivered; after it nothing is
// told.
func TestRelayLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			time.Sleep(100 * time.Millisecond)
			return good
		}}
		r := startPresent(t, relay.Config{Rate: 1, Burst: 1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, wants), r.register("192.0.2.2", 2004, nil)
		for i := range 5 {
			r.send(b, i)
		}
		time.Sleep(500 * time.Millisecond)
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		told := c.told(t, a)
		equalList(t, "told", told, []string{"join " + b, "relay-leaving " + own.String() + " the relay stops; it remembers its satellites"})
		equal(t, "notifies to a", len(c.to(a, "notify")), 7)
		equal(t, "notifies to b", len(c.to(b, "notify")), 0)
	})
}

// While one that asked hangs, the others are told all the same, and it has one
// call under way.
func TestHangingListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idA && d.Method == "notify" {
				time.Sleep(time.Hour)
			}
			return good
		}}
		r := startPresent(t, relay.Config{}, c, new(store))
		r.register("192.0.2.1", 2004, wants)
		synctest.Wait()
		b := r.register("192.0.2.2", 2004, wants)
		for i := range 20 {
			r.register("192.0.2.3", 2000+i, nil)
			synctest.Wait()
		}
		equal(t, "told to b", len(c.told(t, b)), 20)
		equal(t, "told to a", len(c.told(t, idA)), 1)
		equal(t, "waiting for a", r.find(idA).Waiting, 21)
		equal(t, "most calls at once to one", c.worst, 1)
		r.halt()
		time.Sleep(2 * time.Hour)
	})
}

// A crowd that comes at once is told one by one as far as that is not too
// much, and then as a number.
func TestCrowdIsSummedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const listeners, crowd = 200, 1000
		c, s := new(carrier), &store{records: map[string]relay.Record{}}
		for i := range listeners {
			rec := record(fmt.Sprintf("192.0.2.1:%d", 1000+i))
			rec.Presence = true
			s.records[rec.HostID] = rec
		}
		r := startPresent(t, relay.Config{PingInterval: -1}, c, s)
		for i := range crowd {
			r.register("192.0.2.2", 1000+i, nil)
		}
		time.Sleep(10 * time.Second)
		r.deregister("192.0.2.2:1000")
		time.Sleep(10 * time.Second)
		told := c.told(t, "192.0.2.1:1000")
		singly, counted := 0, 0
		for _, line := range told[:len(told)-1] {
			var n int
			switch {
			case strings.HasPrefix(line, "join 192.0.2.2:"):
				singly++
			case strings.HasPrefix(line, "many "+own.String()):
				fmt.Sscanf(strings.TrimPrefix(line, "many "+own.String()), "%d join;", &n)
				counted += n
			default:
				t.Errorf("told %q", line)
			}
		}
		equal(t, "joins told singly and counted", singly+counted, crowd)
		if singly < 100 || singly > 150 {
			t.Errorf("%d joins were told one by one, want 100 and a few", singly)
		}
		equal(t, "told at last", told[len(told)-1], "leave 192.0.2.2:1000")
		if n := len(c.to("", "notify")); n > 170*listeners {
			t.Errorf("%d notifies for a crowd of %d, want few", n, crowd)
		}
	})
}

// One listener gets no more than any sender may send, and its own messages are
// not pushed out of its outbox.
func TestOneListenerInACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idA && d.Method == "notify" {
				time.Sleep(4 * time.Second)
			}
			return good
		}}
		r := startPresent(t, relay.Config{PingInterval: -1}, c, new(store))
		r.register("192.0.2.1", 2004, wants)
		b := r.register("192.0.2.2", 2004, nil)
		synctest.Wait()
		r.send(b, "precious")
		for i := range 2000 {
			r.register("192.0.2.3", 1000+i, nil)
		}
		time.Sleep(5 * time.Second)
		if n := r.find(idA).Waiting; n < 190 || n > 210 {
			t.Errorf("%d messages wait for the listener, want about 200", n)
		}
		equal(t, "dropped", r.find(idA).Dropped, 0)
		r.halt()
		time.Sleep(time.Hour)
	})
}

// Without anybody who asked nothing is kept.
func TestNobodyWantsPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := startPresent(t, relay.Config{PingInterval: -1}, c, new(store))
		for i := range 100 {
			r.register("192.0.2.2", 1000+i, nil)
		}
		a := r.register("192.0.2.1", 2004, wants)
		time.Sleep(time.Minute)
		equalList(t, "told", c.told(t, a), []string{})
		r.stop()
		equal(t, "notifies", len(c.to("", "notify")), 1) // the farewell
	})
}

// A relay on all addresses of a host takes one of them that leads there.
func TestOwnHostID(t *testing.T) {
	for _, at := range []string{"0.0.0.0:2003", "[::]:2003", "127.0.0.1:2003", "[2001:db8::1]:2003"} {
		synctest.Test(t, func(t *testing.T) {
			c := new(carrier)
			r := start(t, relay.Config{}, c, new(store))
			listens := netip.MustParseAddrPort(at)
			r.relay.Listens(listens)
			r.relay.Listens(netip.MustParseAddrPort("192.0.2.7:99"))
			a := r.register("192.0.2.1", 2004, wants)
			r.register("192.0.2.2", 2004, nil)
			synctest.Wait()
			got, err := netip.ParseAddrPort(notifyStruct(t, c.to(a, "notify")[0].Delivery)["host_id"].(string))
			switch {
			case err != nil || got.Port() != 2003 || got.Addr().IsUnspecified():
				t.Errorf("own host id on %s = %v, %v", at, got, err)
			case !listens.Addr().IsUnspecified() && got != listens:
				t.Errorf("own host id = %v, want %v", got, listens)
			}
		})
	}
}
