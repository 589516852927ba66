package relay_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods/wire"
	"co2/relay"
)

// record is a satellite as a store has it.
func record(id string) relay.Record {
	at := netip.MustParseAddrPort(id)
	return relay.Record{Registration: relay.Registration{
		HostID: id, Nick: id, Seen: at.Addr(), Registered: time.Unix(int64(at.Addr().As16()[15]), 0).UTC(),
		Callback: relay.Callback{Scheme: "http", Addr: at, Path: "/RPC2"},
	}}
}

func TestSenderGetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		a, sameHost, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.1", 2005, nil), r.register("192.0.2.2", 2004, nil)
		r.send(a, "of a")
		r.send(sameHost, "of its neighbour")
		synctest.Wait()
		equalList(t, "notified to a", c.notified(t, a), []any{"of its neighbour"})
		equalList(t, "notified to its neighbour", c.notified(t, sameHost), []any{"of a"})
		equalList(t, "notified to b", c.notified(t, b), []any{"of a", "of its neighbour"})
		equal(t, "host_id", notifyStruct(t, c.to(b, "notify")[0].Delivery)["host_id"], any(a))
		equal(t, "URL", c.to(sameHost, "notify")[0].To.URL(), "http://192.0.2.1:2005/RPC2")
	})
}

func TestSenderAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		a := r.register("192.0.2.1", 2004, nil)
		r.send(a, 1)
		synctest.Wait()
		equal(t, "notifies", len(c.to("", "notify")), 0)
		equal(t, "send_count", r.find(a).SendCount, 1)
	})
}

func TestEachGetsItsOwnPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes := map[string]any{
			"192.0.2.1": "plain", "192.0.2.2": `<&>"'</string>`, "192.0.2.3": "line\nbreak\ttab", "192.0.2.4": "€ 𝄞 ü",
			"192.0.2.5": 4711, "192.0.2.6": nil,
		}
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		for ip, pass := range passes {
			more := object{}
			if pass != nil {
				more["notify_pass"] = pass
			}
			r.register(ip, 2004, more)
		}
		sender := r.register("192.0.2.9", 2004, object{"notify_pass": "of the sender"})
		r.send(sender, "x")
		synctest.Wait()
		for ip, pass := range passes {
			got, has := notifyStruct(t, c.to(ip+":2004", "notify")[0].Delivery)["notify_pass"]
			switch {
			case pass == nil && has:
				t.Errorf("notify_pass of %s = %q, want none", ip, got)
			case pass != nil && got != fmt.Sprint(pass):
				t.Errorf("notify_pass of %s = %q, want %q", ip, got, pass)
			}
		}
		equal(t, "notifies", len(c.to("", "notify")), len(passes))
	})
}

// everyType holds a value of each type of XML-RPC, with what is hard to spell.
func everyType() object {
	return object{
		"int": 120, "i8": int64(1) << 40, "bool": true, "double": -0.1, "text": "<a> & \"b\"\n\t€ 𝄞", "empty": "",
		"date": time.Date(2003, 10, 16, 12, 0, 1, 0, time.UTC), "bytes": []byte{0, 1, 255}, "nil": nil,
		"list": []any{1, "two", []any{}, object{}}, "": "no name", "a<b>&": 1, "notify_pass": "data of the sender",
	}
}

func TestNotifyByOurCodec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, object{"notify_pass": "s3"})
		if err := r.trySend(a, everyType(), object{"extra": "not passed on", "notify_pass": "forged", "message_id": "forged"}); err != nil {
			t.Fatalf("Call(relay.relay) = %v", err)
		}
		synctest.Wait()
		p := notifyStruct(t, c.to(b, "notify")[0].Delivery)
		if keys := slices.Sorted(maps.Keys(p)); !slices.Equal(keys, []string{"data", "host_id", "notify_pass"}) {
			t.Errorf("keys of notify = %v, want data, host_id, notify_pass", keys)
		}
		raw, err := wire.NewRaw(everyType())
		if err != nil {
			t.Fatal(err)
		}
		var want any
		if err := raw.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p["data"], want) {
			t.Errorf("data = %#v\nwant %#v", p["data"], want)
		}
	})
}

// What arrives is spelled as it was sent: no number is rounded on the way.
func TestDataKeepsItsText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		const data = "<value><array><data><value><double>0.10000000000000000000001</double></value>" +
			"<value><dateTime.iso8601>20031016T12:00:01</dateTime.iso8601></value><value><nil/></value></data></array></value>"
		doc := `<?xml version="1.0"?><methodCall><methodName>relay.relay</methodName><params><param><value><struct>` +
			`<member><name>data</name>` + data + `</member><member><name>host_id</name><value>` + a + `</value></member>` +
			`</struct></value></param></params></methodCall>`
		parsed, err := wire.ParseCall([]byte(doc), "", wire.Limits{})
		if err != nil {
			t.Fatalf("ParseCall = %v", err)
		}
		if _, err := r.table.Call(peer(context.Background(), "192.0.2.1"), parsed.Method, parsed); err != nil {
			t.Fatalf("Call(relay.relay) = %v", err)
		}
		synctest.Wait()
		if doc := c.to(b, "notify")[0].Document(); !strings.Contains(string(doc), "<name>data</name>"+data+"</member>") {
			t.Errorf("notify = %s\nwant the data %s", doc, data)
		}
	})
}

// The exact shape of co2.md 9.2, by a parser that is not ours.
func TestNotifyByEncodingXML(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, object{"notify_pass": "a<b & \"c\""})
		r.send(a, object{"tempo": 120})
		synctest.Wait()
		d := c.to(b, "notify")[0]
		var doc struct {
			XMLName xml.Name `xml:"methodCall"`
			Method  string   `xml:"methodName"`
			Members []struct {
				Name  string `xml:"name"`
				Value struct {
					Text string `xml:"string"`
					XML  string `xml:",innerxml"`
				} `xml:"value"`
			} `xml:"params>param>value>struct>member"`
		}
		if err := xml.Unmarshal(d.Document(), &doc); err != nil {
			t.Fatalf("Unmarshal(%s) = %v", d.Document(), err)
		}
		equal(t, "method", doc.Method, "notify")
		got := []string{}
		for _, m := range doc.Members {
			got = append(got, m.Name+"="+m.Value.Text)
		}
		equalList(t, "members", got, []string{"host_id=" + a, "data=", `notify_pass=a<b & "c"`})
		equal(t, "data", doc.Members[1].Value.XML, "<struct><member><name>tempo</name><value><int>120</int></value></member></struct>")
	})
}

func TestPingDocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{PingTimeout: 7 * time.Second, NotifyTimeout: 9 * time.Second}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, object{"notify_pass": "secret"}), r.register("192.0.2.2", 2004, nil)
		r.send(a, 1)
		synctest.Wait()
		d := c.to(a, "ping")[0]
		parsed, err := wire.ParseCall(d.Document(), "", wire.Limits{})
		if err != nil {
			t.Fatalf("ParseCall(%s) = %v", d.Document(), err)
		}
		n, err := parsed.Len()
		if parsed.Method != "ping" || n != 0 || err != nil {
			t.Errorf("ping = a call of %q with %d params, %v, want ping with none", parsed.Method, n, err)
		}
		equal(t, "ping timeout", d.Timeout, 7*time.Second)
		equal(t, "notify timeout", c.to(b, "notify")[0].Timeout, 9*time.Second)
	})
}

func TestMessageInfoForWhoAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		a := r.register("192.0.2.1", 2004, nil)
		curious := r.register("192.0.2.2", 2004, object{"message_info": true, "notify_pass": "mine"})
		plain := r.register("192.0.2.3", 2004, object{"message_info": false})
		for i := range 3 {
			time.Sleep(1500 * time.Microsecond)
			if err := r.trySend(a, i, object{"ttl": 2.5, "key": "tempo <1>", "hops": 3}); err != nil {
				t.Fatalf("Call(relay.relay) = %v", err)
			}
		}
		r.send(a, 3)
		synctest.Wait()
		last := ""
		for i, d := range c.to(curious, "notify") {
			p := notifyStruct(t, d.Delivery)
			equal(t, "data", p["data"], any(int64(i)))
			equal(t, "notify_pass", p["notify_pass"], any("mine"))
			id, _ := p["message_id"].(string)
			if id <= last {
				t.Errorf("message_id = %q after %q, want a greater one", id, last)
			}
			last = id
			sent := float64(d.at.UnixMicro()) / 1e6
			equal(t, "message_time", p["message_time"], any(sent))
			if i < 3 {
				equal(t, "message_ttl", p["message_ttl"], any(2.5))
				equal(t, "message_key", p["message_key"], any("tempo <1>"))
				equal(t, "message_hops", p["message_hops"], any(int64(3)))
			} else {
				equal(t, "message_ttl", p["message_ttl"], any(0.0))
				equal(t, "message_key", p["message_key"], any(""))
				equal(t, "message_hops", p["message_hops"], any(int64(0)))
			}
			equal(t, "keys", len(p), 8)
		}
		for _, d := range c.to(plain, "notify") {
			if p := notifyStruct(t, d.Delivery); len(p) != 2 {
				t.Errorf("notify to who did not ask = %v, want host_id and data only", p)
			}
		}
	})
}

// Ids grow even when the wall clock stands still or is set back.
func TestMessageIDsGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := clock{time: time.Now()}
		c := new(carrier)
		r := start(t, relay.Config{Now: at.now}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, object{"message_info": true})
		for i := range 20 {
			if i == 10 {
				at.move(-time.Hour)
			}
			r.send(a, i)
		}
		synctest.Wait()
		last := ""
		for _, d := range c.to(b, "notify") {
			id := notifyStruct(t, d.Delivery)["message_id"].(string)
			if id <= last {
				t.Errorf("message_id = %q after %q, want a greater one", id, last)
			}
			last = id
		}
	})
}

// A message is encoded once, however many receive it; what is one receiver's
// own is not in the shared part.
func TestSharedBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		a := r.register("192.0.2.1", 2004, nil)
		for i := range 20 {
			r.register("192.0.2.2", 2000+i, object{"notify_pass": fmt.Sprint("pass", i), "message_info": i%2 == 0})
		}
		r.send(a, strings.Repeat("x", 1000))
		synctest.Wait()
		heads := map[*byte]bool{}
		for _, d := range c.to("", "notify") {
			heads[&d.Head[0]] = true
			if strings.Contains(string(d.Head)+d.Tail, "pass") {
				t.Errorf("the shared part holds a password: %s", d.Head)
			}
			if len(d.Own) > 100 {
				t.Errorf("a receiver's own part has %d octets, want few", len(d.Own))
			}
		}
		equal(t, "encodings", len(heads), 2)
		equal(t, "notifies", len(c.to("", "notify")), 20)
	})
}

// A satellite that hangs delays no other, and loses nothing but time.
func TestHangingSatelliteDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idB {
				time.Sleep(d.Timeout)
				return dead("no answer")
			}
			return good
		}}
		r := start(t, relay.Config{PingInterval: -1}, c, new(store))
		a, b, other := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil), r.register("192.0.2.3", 2004, nil)
		began := time.Now()
		for i := range 10 {
			r.send(a, i)
		}
		synctest.Wait()
		equal(t, "time passed", time.Since(began), 0)
		equalList(t, "notified to the good one", c.notified(t, other), upTo(10))
		equal(t, "notifies to the hanging one", len(c.to(b, "notify")), 0) // its first ping hangs
		time.Sleep(5*time.Second + 1)
		equalList(t, "notified to the hanging one", c.notified(t, b), upTo(1))
		time.Sleep(5 * time.Minute)
		equalList(t, "notified to the hanging one", c.notified(t, b), upTo(10))
		equal(t, "calls at once", c.worst, 1)
		s := r.find(b)
		equal(t, "recv_count", s.RecvCount, 10)
		equal(t, "recv_fails", s.RecvFails, 10)
		equal(t, "recv_time", s.RecvTime, time.Time{})
		equal(t, "ping_fails", s.Ping.Fails, 1)
	})
}

// Messages of one sender reach each receiver in the order accepted, whatever
// the calls take.
func TestOrderAtEachReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			time.Sleep(time.Duration(len(d.Document())*int(d.To.Addr.Port())%17) * time.Millisecond)
			return good
		}}
		r := start(t, relay.Config{Rate: -1}, c, new(store))
		senders := []string{r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)}
		receivers := []string{}
		for i := range 10 {
			receivers = append(receivers, r.register("192.0.2.3", 2000+i, nil))
		}
		for i := range 200 {
			r.send(senders[i%2], strings.Repeat("x", i))
		}
		time.Sleep(time.Minute)
		for _, id := range receivers {
			last := map[any]int{}
			for _, d := range c.to(id, "notify") {
				p := notifyStruct(t, d.Delivery)
				n := len(p["data"].(string))
				if n < last[p["host_id"]] {
					t.Fatalf("%s got message %d of %v after %d", id, n, p["host_id"], last[p["host_id"]])
				}
				last[p["host_id"]] = n
			}
			equal(t, "notifies to "+id, len(c.to(id, "notify")), 200)
		}
		equal(t, "calls at once", c.worst, 1)
	})
}

func TestOutboxFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idB && d.Method == "notify" {
				<-release
			}
			return good
		}}
		r := start(t, relay.Config{Outbox: 3}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		for i := range 10 {
			r.send(a, i)
			synctest.Wait() // the first is under way
		}
		s := r.find(b)
		equal(t, "waiting", s.Waiting, 3) // the one under way counts
		equal(t, "dropped", s.Dropped, 7)
		if e := r.saw(relay.DlvDrop); len(e) != 1 || e[0].HostID != b || e[0].Reason != "1 message dropped: its outbox is full" {
			t.Errorf("DLV-DROP events = %v, want one of %s", e, b)
		}
		close(release)
		synctest.Wait()
		equalList(t, "notified", c.notified(t, b), []any{0, 8, 9})
		equal(t, "waiting after", r.find(b).Waiting, 0)
		equal(t, "recv_count", r.find(b).RecvCount, 3)
	})
}

func TestTimeToLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := time.Minute
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idB && d.Method == "notify" {
				time.Sleep(hang)
				hang = 0
			}
			return good
		}}
		at := clock{time: time.Now()}
		r := start(t, relay.Config{PingInterval: -1, Now: at.now}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		at.move(1000 * time.Hour) // the wall clock is not asked
		for i, ttl := range []float64{0.001, 0, 59.9, 60, 0.5, 604800} {
			if err := r.trySend(a, i, object{"ttl": ttl}); err != nil {
				t.Fatalf("Call(relay.relay) = %v", err)
			}
		}
		time.Sleep(2 * time.Minute)
		equalList(t, "notified", c.notified(t, b), []any{0, 1, 3, 5})
		equal(t, "dropped", r.find(b).Dropped, 2)
		equalList(t, "reason", r.saw(relay.DlvDrop)[0].Reason, "1 message dropped: older than their time to live")
	})
}

func TestGoneSatelliteGetsNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idB {
				time.Sleep(time.Second)
			}
			return good
		}}
		r := start(t, relay.Config{PingInterval: 10 * time.Second}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		time.Sleep(time.Second)
		for i := range 5 {
			r.send(a, i)
		}
		time.Sleep(1500 * time.Millisecond)
		equal(t, "notifies before", len(c.to(b, "notify")), 2)
		r.deregister(b)
		r.send(a, 5)
		time.Sleep(time.Minute)
		equal(t, "notifies after", len(c.to(b, "notify")), 2)
		equal(t, "pings after", len(c.to(b, "ping")), 1)
		r.register("192.0.2.2", 2004, nil)
		r.send(a, 6)
		time.Sleep(time.Minute)
		equalList(t, "notified after it came back", c.notified(t, b), []any{0, 1, 6})
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			time.Sleep(100 * time.Millisecond)
			return good
		}}
		st := new(store)
		r := start(t, relay.Config{Rate: -1}, c, st)
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		time.Sleep(time.Second)
		for i := range 20 {
			r.send(a, i)
		}
		stopped := time.Now()
		r.stop()
		equal(t, "Run ended after", time.Since(stopped), 2*time.Second)
		equalList(t, "notified", c.notified(t, b), upTo(20))
		equal(t, "stored recv_count", st.record(b).RecvCount, 20)
	})
}

func TestDrainWithHangingSatellite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idB {
				time.Sleep(time.Hour)
			}
			return good
		}}
		r := start(t, relay.Config{Grace: 3 * time.Second}, c, new(store))
		a, b, other := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil), r.register("192.0.2.3", 2004, nil)
		for i := range 5 {
			r.send(a, i)
		}
		stopped := time.Now()
		r.stop()
		equal(t, "Run ended after", time.Since(stopped), 3*time.Second)
		equal(t, "dropped", r.find(b).Dropped, 5)
		equalList(t, "notified to the good one", c.notified(t, other), upTo(5))
		time.Sleep(2 * time.Hour) // its call ends, and no other follows
		equal(t, "calls to the hanging one", len(c.to(b, "ping"))+len(c.to(b, "notify")), 1)
	})
}

// With nothing under way Run ends at once.
func TestDrainIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{}, new(carrier), new(store))
		r.register("192.0.2.1", 2004, nil)
		synctest.Wait()
		stopped := time.Now()
		r.stop()
		equal(t, "Run ended after", time.Since(stopped), 0)
	})
}

// Two nodes on one bus: each delivers to the satellites that registered with
// it, and asks the bus which it calls.
func TestTwoNodesOnABus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := &twoNodes{owner: map[string]int{}}
		carriers := []*carrier{new(carrier), new(carrier)}
		var nodes []*rig
		for i := range carriers {
			cfg := relay.Config{PingInterval: 10 * time.Second, Bus: func(deliver func(*relay.Message)) relay.Bus {
				bus.deliver = append(bus.deliver, deliver)
				return node{bus, i}
			}}
			nodes = append(nodes, newRig(t, cfg, carriers[i], full(fmt.Sprintf("192.0.2.%d:2004", i+1), fmt.Sprintf("192.0.2.%d:2005", i+1))))
		}
		bus.owner["192.0.2.1:2005"] = 2 // lent to the other node
		for _, n := range nodes {
			ctx, halt := context.WithCancel(context.Background())
			n.halt = halt
			go func() { n.ended <- n.relay.Run(ctx) }()
			defer n.stop()
		}
		for i := range 5 {
			nodes[0].send("192.0.2.1:2004", i)
		}
		synctest.Wait()
		nodes[1].send("192.0.2.2:2004", "back")
		time.Sleep(time.Minute)
		equalList(t, "at the neighbour", carriers[0].notified(t, "192.0.2.1:2005"), append(upTo(5), "back"))
		equalList(t, "at the other node", carriers[1].notified(t, "192.0.2.2:2004"), upTo(5))
		equalList(t, "at the sender", carriers[0].notified(t, "192.0.2.1:2004"), []any{"back"})
		equal(t, "pings to the lent one", len(carriers[0].to("192.0.2.1:2005", "ping")), 0)
		if n := len(carriers[0].to("192.0.2.1:2004", "ping")); n < 5 {
			t.Errorf("pings to an owned one = %d, want at least 5", n)
		}
	})
}

// twoNodes is a relay.Bus by shared memory.
type twoNodes struct {
	deliver []func(*relay.Message)
	owner   map[string]int // number of the node, from 1; missing: the one it registered with
}

type node struct {
	*twoNodes
	number int
}

func (n node) Publish(m *relay.Message) {
	for _, deliver := range n.deliver {
		deliver(m)
	}
}

func (n node) Owns(hostID string) bool { return n.owner[hostID] == 0 || n.owner[hostID]-1 == n.number }
