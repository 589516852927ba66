package relay_test

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods"
	"co2/methods/wire"
	"co2/relay"
)

func TestMethodNames(t *testing.T) {
	r := newRig(t, relay.Config{}, new(carrier), new(store))
	want := []string{
		"co2.get_limits", "co2.get_max_satellites", "co2.get_num_satellites", "co2.get_satellite", "co2.get_satellite_ctime", "co2.get_satellite_props", "co2.get_satellites",
		"relay.deregister", "relay.get_limits", "relay.get_max_satellites", "relay.get_num_satellites", "relay.get_satellite_ctime", "relay.get_satellite_props",
		"relay.get_satellite_props_raw", "relay.get_satellites", "relay.pause", "relay.pin", "relay.register", "relay.relay", "relay.remove",
		"relay.resume", "relay.send_ping", "relay.unpin",
		"web.get_limits", "web.get_max_satellites", "web.get_num_satellites", "web.get_satellite_ctime", "web.get_satellite_props", "web.get_satellites",
	}
	if got := r.table.Names(); !slices.Equal(got, want) {
		t.Errorf("Names = %v\nwant %v", got, want)
	}
}

// raw is a result as it goes out, by our own codec.
func raw(t tester, result any) wire.Raw {
	t.Helper()
	doc, err := wire.AppendResponse(nil, result)
	if err != nil {
		t.Fatalf("AppendResponse(%v) = %v", result, err)
	}
	var r wire.Raw
	if err := wire.ParseResponse(doc, "", wire.Limits{}, &r); err != nil {
		t.Fatalf("ParseResponse(%s) = %v", doc, err)
	}
	return r
}

func TestQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{MaxSats: 7}, new(carrier), new(store))
		empty := raw(t, call1(t, r, "relay.get_satellites"))
		equal(t, "get_satellites of nobody", empty.String(), "<value><array><data></data></array></value>")
		r.register("192.0.2.1", 2004, nil)
		time.Sleep(250 * time.Millisecond)
		r.register("2001:db8::1", 2004, nil)
		for _, under := range []string{"relay", "co2", "web"} {
			for _, params := range [][]any{nil, {object{}}, {object{"ignored": 1}}} {
				equalList(t, "get_max_satellites", call1(t, r, under+".get_max_satellites", params...), 7)
				equalList(t, "get_num_satellites", call1(t, r, under+".get_num_satellites", params...), 2)
				equalList(t, "get_satellites", call1(t, r, under+".get_satellites", params...), []string{idA, "[2001:db8::1]:2004"})
			}
			equal(t, "get_satellite_ctime", call1(t, r, under+".get_satellite_ctime", object{"host_id": "[2001:db8::1]:2004"}), any(946684800.25))
		}
	})
}

// call1 calls from a satellite's address and wants a result.
func call1(t *testing.T, r *rig, method string, params ...any) any {
	t.Helper()
	result, err := r.call("192.0.2.1", method, params...)
	if err != nil {
		t.Fatalf("Call(%q, %v) = %v", method, params, err)
	}
	return result
}

// The 14 fields of co2.md 2.6.1, then ours, with their types on the wire.
func TestSatelliteProps(t *testing.T) {
	const date, seconds = "dateTime.iso8601", "double"
	fields := func(timeType string) [][2]string {
		return [][2]string{
			{"addr", "array"}, {"host_id", "string"}, {"nick", "string"}, {"ctime", timeType},
			{"ping_current", "double"}, {"ping_count", "int"}, {"ping_min", "double"}, {"ping_max", "double"}, {"ping_avg", "double"}, {"ping_fails", "int"},
			{"send_count", "int"}, {"send_time", timeType}, {"recv_count", "int"}, {"recv_time", timeType},
			{"plugins", "array"}, {"dialect", "string"}, {"recv_fails", "int"}, {"state", "string"}, {"state_since", timeType}, {"standing", "string"}, {"standing_since", timeType}, {"last_error", "string"},
			{"way_back", "string"}, {"paused", "boolean"}, {"pause_reason", "string"}, {"pinned", "boolean"}, {"flapping", "boolean"}, {"removal", "string"}, {"remove_in", "double"},
			{"called_address", "string"}, {"seen_address", "string"}, {"waiting", "int"}, {"dropped", "int"},
			{"queue", "string"}, {"breaker", "string"}, {"breaker_since", timeType}, {"breaker_reason", "string"}, {"breaker_retry", "double"},
		}
	}
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{PingInterval: -1}, script(idB, "ping", answered(1.5)), new(store))
		r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, object{"notify_pass": "x"})
		synctest.Wait()
		for _, id := range []string{idA, idB} { // with and without numbers in it
			for method, timeType := range map[string]string{
				"relay.get_satellite_props": date, "co2.get_satellite_props": date, "web.get_satellite_props": date, "co2.get_satellite": date,
				"relay.get_satellite_props_raw": seconds,
			} {
				members, err := raw(t, call1(t, r, method, object{"host_id": id})).Members()
				if err != nil {
					t.Fatalf("Members of %s = %v", method, err)
				}
				got := [][2]string{}
				for _, m := range members {
					got = append(got, [2]string{m.Name, m.Value.Type()})
				}
				if want := fields(timeType); !slices.Equal(got, want) {
					t.Errorf("fields of %s = %v\nwant %v", method, got, want)
				}
			}
		}
	})
}

func TestSatellitePropsValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := script("[2001:db8::1]:2005", "ping", answered(1.5))
		r := start(t, relay.Config{PingInterval: -1}, c, new(store))
		time.Sleep(2500 * time.Millisecond)
		id := r.register("2001:db8::1", 2005, object{"nick": "<b>", "plugins": []any{"pd.bridge"}, "dialect": []any{"latin1", "python"}})
		synctest.Wait()
		want := object{
			"addr": []any{"2001:db8::1", int64(2005)}, "host_id": id, "nick": "<b>", "ctime": time.Date(2000, 1, 1, 0, 0, 2, 0, time.UTC),
			"ping_current": 1.5, "ping_count": int64(1), "ping_min": 1.5, "ping_max": 1.5, "ping_avg": 1.5, "ping_fails": int64(0),
			"send_count": int64(0), "send_time": time.Unix(0, 0).UTC(), "recv_count": int64(0), "recv_time": time.Unix(0, 0).UTC(),
			"plugins": []any{"pd.bridge"}, "dialect": "nil-omit i8-string date-basic latin1", "recv_fails": int64(0), "state": "up", "state_since": time.Date(2000, 1, 1, 0, 0, 2, 0, time.UTC), "standing": "up", "standing_since": time.Date(2000, 1, 1, 0, 0, 2, 0, time.UTC), "last_error": "",
			"called_address": "http://[2001:db8::1]:2005/RPC2", "seen_address": "2001:db8::1", "waiting": int64(0), "dropped": int64(0),
			"queue": "drop-oldest", "breaker": "closed", "breaker_since": time.Date(2000, 1, 1, 0, 0, 2, 0, time.UTC), "breaker_reason": "", "breaker_retry": 0.0,
		}
		var got object
		if err := raw(t, call1(t, r, "relay.get_satellite_props", object{"host_id": id})).Decode(&got); err != nil {
			t.Fatal(err)
		}
		for key, v := range want {
			equalList(t, key, got[key], v)
		}
		if err := raw(t, call1(t, r, "relay.get_satellite_props_raw", object{"host_id": id})).Decode(&got); err != nil {
			t.Fatal(err)
		}
		equal(t, "raw ctime", got["ctime"], any(946684802.5))
		equal(t, "raw send_time", got["send_time"], any(0.0))
		never := r.register("192.0.2.1", 2004, nil)
		if err := raw(t, call1(t, r, "relay.get_satellite_props", object{"host_id": never})).Decode(&got); err != nil {
			t.Fatal(err)
		}
		equalList(t, "plugins of who named none", got["plugins"], []any{})
		equal(t, "nick of who named none", got["nick"], any(never))
	})
}

// A counter that outgrew the int of XML-RPC stops there: old callers know no i8.
func TestCountersBeyondInt(t *testing.T) {
	big := record(idA)
	big.SendCount, big.RecvCount, big.RecvFails = math.MaxInt64, 1<<31, 1<<31-1
	st := new(store)
	if err := st.Commit(context.Background(), relay.Change{Put: []relay.Record{big}}); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, relay.Config{}, new(carrier), st)
	var got object
	if err := raw(t, call1(t, r, "web.get_satellite_props", object{"host_id": idA})).Decode(&got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"send_count", "recv_count", "recv_fails"} {
		equal(t, key, got[key], any(int64(math.MaxInt32)))
	}
}

// wrongCalls is what every method says to input it cannot use.
func TestWrongCalls(t *testing.T) {
	const (
		unknown  = "1 registry.Co2RegistryError:192.0.2.9:2004 is not registered"
		onePlus  = "-32602 got 2 params, want no param or 1"
		needsOne = "-32602 got %d params, want 1 param"

		dialectWords = "nil-omit, nil-empty, i8-string, date-basic, number-plain, latin1, ascii, python, tcl, frontier"
	)
	type wrong struct {
		ip     string
		params []any
		want   string
	}
	from := func(want string, params ...any) wrong { return wrong{"192.0.2.1", params, want} }
	reg := func(want string, key string, v any) wrong {
		return from(want, object{"port": 2004, key: v})
	}
	rel := func(want string, key string, v any) wrong {
		return from(want, object{"host_id": idA, "data": 1, key: v})
	}
	one := []wrong{
		from(fmt.Sprintf(needsOne, 0)), from(fmt.Sprintf(needsOne, 2), object{}, object{}),
		from("-32602 the param: got string, want struct", "x"), from("-32602 the param: got array, want struct", []any{}),
	}
	find := append(one,
		from(`-32602 key "host_id": got nothing, want string`, object{}),
		from(`-32602 key "host_id": got int, want string`, object{"host_id": 1}),
		from(unknown, object{"host_id": "192.0.2.9:2004"}),
		from(`1 registry.Co2RegistryError:"" is not registered`, object{"host_id": ""}),
		from(`1 registry.Co2RegistryError:"a\nb \u202e" is not registered`, object{"host_id": "a\nb \u202e"}),
		from("1 registry.Co2RegistryError:"+strings.Repeat("é", 64)+"… is not registered", object{"host_id": strings.Repeat("é", 65)}),
	)
	none := []wrong{from(onePlus, object{}, object{}), from("-32602 the param: got string, want struct", "x")}
	tests := map[string][]wrong{
		"relay.get_satellite_props": find, "relay.get_satellite_props_raw": find, "relay.get_satellite_ctime": find, "co2.get_satellite": find,
		"relay.get_max_satellites": none, "web.get_num_satellites": none, "co2.get_satellites": none, "relay.get_limits": none,
		"relay.register": append(one,
			from(`-32602 key "port": got nothing, want int`, object{"nick": "x"}),
			reg(`-32602 key "port": got string, want int`, "port", "2004"),
			reg(`-32602 key "port": got double, want int`, "port", 2004.0),
			reg(`-32602 key "port": got 0, want 1 to 65535`, "port", 0),
			reg(`-32602 key "port": got -1, want 1 to 65535`, "port", -1),
			reg(`-32602 key "port": got 65536, want 1 to 65535`, "port", 65536),
			reg(`-32602 key "nick": got int, want string`, "nick", 5),
			reg(`-32602 key "nick": got 65 characters, want at most 64`, "nick", strings.Repeat("€", 65)),
			reg(`-32602 key "nick": got control characters, want printable text`, "nick", "a\tb"),
			reg(`-32602 key "nick": got control characters, want printable text`, "nick", "a\u0085b"),
			reg(`-32602 key "nick": got control characters, want printable text`, "nick", "\u2028"),
			reg(`-32602 key "plugins": got string, want array`, "plugins", "pd.bridge"),
			reg(`-32602 key "plugins[1]": got int, want string`, "plugins", []any{"a", 1}),
			reg(`-32602 key "plugins": got 257 names, want at most 256`, "plugins", slices.Repeat([]any{"x"}, 257)),
			reg(`-32602 key "plugins[1]": got `+strings.Repeat("x", 64)+`…, want at most 256 octets without control characters`, "plugins", []any{"a", strings.Repeat("x", 257)}),
			reg(`-32602 key "plugins[0]": got "a\nb", want at most 256 octets without control characters`, "plugins", []any{"a\nb"}),
			reg(`-32602 key "notify_pass": got boolean, want string or int`, "notify_pass", true),
			reg(`-32602 key "notify_pass": got 1025 octets, want at most 1024`, "notify_pass", strings.Repeat("x", 1025)),
			reg(`-32602 key "message_info": got int, want boolean`, "message_info", 1),
			reg(`-32602 key "dialect": got "nil-zero", want words of `+dialectWords, "dialect", "latin1 nil-zero"),
			reg(`-32602 key "dialect": got "Latin1", want words of `+dialectWords, "dialect", []any{"nil-omit", "Latin1"}),
			reg(`-32602 key "dialect": got nil-omit and nil-empty, want one of them`, "dialect", "nil-empty,nil-omit"),
			reg(`-32602 key "dialect": got nil-omit and nil-empty, want one of them`, "dialect", []any{"python", "nil-empty"}),
			reg(`-32602 key "dialect": got latin1 and ascii, want one of them`, "dialect", "ascii latin1"),
			reg(`-32602 key "dialect": got boolean, want a string of words or an array of strings`, "dialect", true),
			reg(`-32602 key "dialect": got array, want a string of words or an array of strings`, "dialect", []any{"latin1", 1}),
			wrong{"0.0.0.0", []any{object{"port": 2004}}, "1 registry.Co2RegistryError:satellites at 0.0.0.0 are not called"},
		),
		"relay.deregister": append(one,
			from(`-32602 key "host_id": got nothing, want string`, object{}),
			from("1 exceptions.KeyError:192.0.2.9:2004 is not registered", object{"host_id": "192.0.2.9:2004"}),
			wrong{"192.0.2.9", []any{object{"host_id": "192.0.2.9:2004"}}, "1 exceptions.KeyError:192.0.2.9:2004 is not registered"},
			wrong{"192.0.2.2", []any{object{"host_id": idA}}, "1 registry.Co2RegistryError:192.0.2.2 may not deregister " + idA},
			wrong{"127.0.0.1", []any{object{"host_id": idA}}, "1 registry.Co2RegistryError:127.0.0.1 may not deregister " + idA},
			wrong{"fe80::1%eth1", []any{object{"host_id": "[fe80::1%eth0]:2004"}}, "1 registry.Co2RegistryError:fe80::1%eth1 may not deregister [fe80::1%eth0]:2004"},
			wrong{"", []any{object{"host_id": idA}}, "-32004 relay.deregister is for satellite access only"},
		),
		"relay.relay": append(one,
			from(`-32602 key "host_id": got nothing, want string`, object{"data": 1}),
			from(`-32602 key "data": got nothing, want any value`, object{"host_id": idA}),
			from(`-32602 key "host_id": got array, want string`, object{"host_id": []any{}, "data": 1}),
			from(unknown, object{"host_id": "192.0.2.9:2004", "data": 1}),
			wrong{"192.0.2.2", []any{object{"host_id": idA, "data": 1}}, "1 registry.Co2RegistryError:192.0.2.2 may not send as " + idA},
			wrong{"fe80::1%eth1", []any{object{"host_id": "[fe80::1%eth0]:2004", "data": 1}}, "1 registry.Co2RegistryError:fe80::1%eth1 may not send as [fe80::1%eth0]:2004"},
			rel("1 registry.Co2RegistryError:the data has 1001 octets, this relay takes at most 1000", "data", strings.Repeat("x", 1001-len("<value><string></string></value>"))),
			rel(`-32602 key "ttl": got string, want double`, "ttl", "1"),
			rel(`-32602 key "ttl": got -0.5, want 0 to 604800 seconds`, "ttl", -0.5),
			rel(`-32602 key "ttl": got 604801, want 0 to 604800 seconds`, "ttl", 604801),
			rel(`-32602 key "key": got int, want string`, "key", 1),
			rel(`-32602 key "key": got 258 octets, want at most 256`, "key", strings.Repeat("é", 129)),
			rel(`-32602 key "hops": got -1, want 0 to 16`, "hops", -1),
			rel(`-32602 key "hops": got 17, want 0 to 16`, "hops", 17),
			rel(`-32602 key "hops": got double, want int`, "hops", 1.0),
			wrong{"", []any{object{"host_id": idA, "data": 1}}, "-32004 relay.relay is for satellite access only"},
		),
	}
	synctest.Test(t, func(t *testing.T) {
		c, st := new(carrier), full(idA, "[fe80::1%eth0]:2004")
		r := start(t, relay.Config{MaxData: 1000, PingInterval: -1}, c, st)
		for method, list := range tests {
			for _, w := range list {
				result, err := r.call(w.ip, method, w.params...)
				if got := faultOf(err); got != w.want {
					t.Errorf("Call(%q, %v) from %s = %v, %s\nwant %s", method, w.params, w.ip, result, got, w.want)
				}
			}
		}
		synctest.Wait()
		equalList(t, "satellites", r.ids(), []string{idA, "[fe80::1%eth0]:2004"})
		equal(t, "notifies", len(c.to("", "notify")), 0)
		equal(t, "send_count", r.find(idA).SendCount, 0)
		equal(t, "commits", len(st.commits()), 2)
	})
}

// What is just within the bounds is taken.
func TestBoundsAreInclusive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{MaxData: 1000}, new(carrier), new(store))
		for _, port := range []int{1, 65535} {
			equal(t, "register", r.register("192.0.2.1", port, object{
				"nick": strings.Repeat("€", 64), "plugins": slices.Repeat([]any{strings.Repeat("x", 256)}, 256), "notify_pass": strings.Repeat("x", 1024),
				"host": "203.0.113.1", "unknown": []any{1},
			}), fmt.Sprintf("192.0.2.1:%d", port))
		}
		equal(t, "nick", r.find("192.0.2.1:1").Nick, strings.Repeat("€", 64))
		equal(t, "nick when empty", r.find(r.register("192.0.2.1", 2, object{"nick": ""})).Nick, "192.0.2.1:2")
		for _, more := range []object{{"ttl": 0}, {"ttl": 604800}, {"key": strings.Repeat("x", 256)}, {"hops": 16}} {
			if err := r.trySend("192.0.2.1:1", strings.Repeat("x", 1000-len("<value><string></string></value>")), more); err != nil {
				t.Errorf("Call(relay.relay) with %v = %v, want OK", more, err)
			}
		}
	})
}

// Params that are Go values, as scripts bring them, follow the same rules.
func TestPlainParams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{}, new(carrier), new(store))
		ctx := peer(context.Background(), "192.0.2.1")
		id, err := r.table.Call(ctx, "relay.register", methods.Plain(object{"port": 2004, "notify_pass": int64(7)}))
		if id != idA || err != nil {
			t.Fatalf("Call(relay.register) = %v, %v, want %s", id, err, idA)
		}
		equal(t, "notify_pass", r.find(idA).NotifyPass, "7")
		data, err := wire.NewRaw("x")
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			ttl  float64
			want string
		}{
			{1, "no fault"},
			{math.NaN(), `-32602 key "ttl": got NaN, want 0 to 604800 seconds`},
			{math.Inf(1), `-32602 key "ttl": got +Inf, want 0 to 604800 seconds`},
		} {
			_, err := r.table.Call(ctx, "relay.relay", methods.Plain(object{"host_id": idA, "data": data, "ttl": test.ttl}))
			wantFault(t, fmt.Sprintf("Call(relay.relay) with ttl %g", test.ttl), err, test.want)
		}
	})
}

// With the setting, messages are taken from any address; leaving is still
// for the satellite's own.
func TestAnyAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{AnyAddress: true}, c, new(store))
		r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, nil)
		if result, err := r.call("203.0.113.1", "relay.relay", object{"host_id": idA, "data": 1}); result != "OK" || err != nil {
			t.Errorf("Call(relay.relay) = %v, %v, want OK", result, err)
		}
		_, err := r.call("203.0.113.1", "relay.deregister", object{"host_id": idA})
		wantFault(t, "Call(relay.deregister)", err, "1 registry.Co2RegistryError:203.0.113.1 may not deregister "+idA)
		synctest.Wait()
		equalList(t, "notified", c.notified(t, idB), []any{1})
	})
}

// Relaying answers before any delivery is finished (co2.md 10.4).
func TestOKBeforeDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(relay.Delivery) relay.Outcome { time.Sleep(time.Second); return good }}
		r := start(t, relay.Config{}, c, new(store))
		r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, nil)
		began := time.Now()
		r.send(idA, 1)
		equal(t, "OK came after", time.Since(began), 0)
		equal(t, "calls ended before", r.find(idB).Ping.Count, 0)
	})
}

func TestTargets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{}, new(carrier), new(store))
		r.relay.Listens(netip.MustParseAddrPort("192.0.2.80:2003"))
		r.relay.Listens(netip.MustParseAddrPort("[::ffff:192.0.2.81]:2003"))
		r.relay.Listens(netip.MustParseAddrPort("[::]:2010"))
		for _, test := range []struct {
			ip   string
			port int
			want string
		}{
			{"192.0.2.80", 2003, "192.0.2.80:2003 is this relay itself; give the port your satellite listens on"},
			{"192.0.2.81", 2003, "192.0.2.81:2003 is this relay itself; give the port your satellite listens on"},
			{"127.0.0.1", 2010, "127.0.0.1:2010 is this relay itself; give the port your satellite listens on"},
			{"127.8.9.1", 2010, "127.8.9.1:2010 is this relay itself; give the port your satellite listens on"},
			{"::1", 2010, "[::1]:2010 is this relay itself; give the port your satellite listens on"},
			{"169.254.169.254", 80, "satellites at 169.254.169.254 are not called"},
			{"fd00:ec2::254", 80, "satellites at fd00:ec2::254 are not called"},
			{"fd00:ec2::254%eth0", 80, "satellites at fd00:ec2::254%eth0 are not called"},
			{"224.0.0.1", 80, "satellites at 224.0.0.1 are not called"},
			{"ff02::1", 80, "satellites at ff02::1 are not called"},
			{"0.0.0.0", 80, "satellites at 0.0.0.0 are not called"},
			{"::", 80, "satellites at :: are not called"},
			{"255.255.255.255", 80, "satellites at 255.255.255.255 are not called"},
			{"", 80, "satellites at invalid IP are not called"},
		} {
			ctx := peer(context.Background(), test.ip)
			if test.ip == "" {
				ctx = methods.WithPeer(ctx, methods.Caller{Access: methods.Admin})
			}
			_, err := r.table.Call(ctx, "relay.register", methods.Plain(object{"port": test.port}))
			wantFault(t, fmt.Sprintf("Call(relay.register) of %s:%d", test.ip, test.port), err, "1 registry.Co2RegistryError:"+test.want)
		}
		r.register("192.0.2.80", 2004, nil) // another port of the same host
		r.register("127.0.0.1", 2003, nil)
		r.register("192.0.2.99", 2010, nil)
		equal(t, "Len", r.relay.Directory().Len(), 3)
	})
}
