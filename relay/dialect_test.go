package relay_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods/wire"
	"co2/relay"
)

// Each receiver gets the whole notify in its own dialect: data, keys of
// message_info, and its own notify_pass.
func TestNotifyInDialects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{PingInterval: -1}, c, new(store))
		a := r.register("192.0.2.1", 2004, object{"dialect": "ascii"})
		tests := []struct {
			port           int
			dialect        any
			charset, wants string
		}{
			{2004, nil, "utf-8", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + start9 +
				"<member><name>data</name><value><struct><member><name>nil</name><value><nil/></value></member><member><name>é</name><value><string>€</string></value></member></struct></value></member>" +
				info("k€y") + "<member><name>notify_pass</name><value><string>pä€ß</string></value></member>" + end},
			{2005, "latin1 nil-omit", "iso-8859-1", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n" + start9 +
				"<member><name>data</name><value><struct><member><name>\xE9</name><value><string>&#8364;</string></value></member></struct></value></member>" +
				info("k&#8364;y") + "<member><name>notify_pass</name><value><string>p\xE4&#8364;\xDF</string></value></member>" + end},
			{2006, []any{"ascii", "nil-empty"}, "us-ascii", "<?xml version=\"1.0\" encoding=\"US-ASCII\"?>\n" + start9 +
				"<member><name>data</name><value><struct><member><name>nil</name><value><string></string></value></member><member><name>&#233;</name><value><string>&#8364;</string></value></member></struct></value></member>" +
				info("k&#8364;y") + "<member><name>notify_pass</name><value><string>p&#228;&#8364;&#223;</string></value></member>" + end},
		}
		for _, tt := range tests {
			more := object{"notify_pass": "pä€ß", "message_info": true}
			if tt.dialect != nil {
				more["dialect"] = tt.dialect
			}
			r.register("192.0.2.2", tt.port, more)
		}
		if err := r.trySend(a, object{"é": "€", "nil": nil}, object{"key": "k€y"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, tt := range tests {
			d := c.to(fmt.Sprintf("192.0.2.2:%d", tt.port), "notify")[0].Delivery
			equal(t, "charset", d.Charset, tt.charset)
			id := string(c.to("192.0.2.2:2004", "notify")[0].Document())
			id = id[strings.Index(id, "message_id</name><value><string>")+len("message_id</name><value><string>"):][:23]
			if got, want := string(d.Document()), strings.ReplaceAll(tt.wants, "ID", id); got != want {
				t.Errorf("notify in %v = %q\nwant %q", tt.dialect, got, want)
			}
		}
		for _, ping := range c.to("192.0.2.2:2006", "ping") {
			if !strings.Contains(string(ping.Document()), "UTF-8") || ping.Charset != "" {
				t.Errorf("ping = %s in %q, want it in no dialect", ping.Document(), ping.Charset)
			}
		}
	})
}

const (
	start9 = "<methodCall><methodName>notify</methodName><params><param><value><struct>" +
		"<member><name>host_id</name><value><string>192.0.2.1:2004</string></value></member>"
	end = "</struct></value></param></params></methodCall>\n"
)

// info is what message_info adds in 2000, when synctest begins.
func info(key string) string {
	return "<member><name>message_id</name><value><string>ID</string></value></member>" +
		"<member><name>message_time</name><value><double>946684800.000000</double></value></member>" +
		"<member><name>message_ttl</name><value><double>0.000000</double></value></member>" +
		"<member><name>message_key</name><value><string>" + key + "</string></value></member>" +
		"<member><name>message_hops</name><value><int>0</int></value></member>"
}

// A message is encoded once for each dialect in use, however many satellites
// registered it, in whatever words, and however late one of them gets it.
func TestOneEncodingPerDialect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if strings.HasSuffix(d.HostID, "7") {
				time.Sleep(3 * time.Second)
			}
			return good
		}}
		r := start(t, relay.Config{PingInterval: -1}, c, new(store))
		a := r.register("192.0.2.1", 2004, nil)
		words := []string{"python", "date-basic,nil-omit i8-string", "latin1", "", "tcl"}
		const each = 30
		for i := range each * len(words) {
			r.register("192.0.2.2", 2000+i, object{"dialect": words[i%len(words)], "notify_pass": fmt.Sprint(i)})
		}
		time.Sleep(time.Minute)
		for range 2 { // those that are slow get the second one after the others
			r.send(a, object{"nil": nil, "text": strings.Repeat("é", 1000)})
		}
		time.Sleep(time.Minute)
		heads, spelled := map[*byte]int{}, map[string]bool{}
		for _, d := range c.to("", "notify") {
			heads[&d.Head[0]]++
			spelled[string(d.Head)] = true
		}
		const dialects, messages = 4, 2
		equal(t, "encodings", len(heads), dialects*messages)
		equal(t, "notifies", len(c.to("", "notify")), messages*each*len(words))
		equal(t, "spellings", len(spelled), dialects)
		counts := map[int]int{}
		for _, n := range heads {
			counts[n]++
		}
		if want := map[int]int{2 * each: messages, each: 3 * messages}; !reflect.DeepEqual(counts, want) {
			t.Errorf("receivers of an encoding: how many encodings = %v, want %v", counts, want)
		}
	})
}

// A satellite that registers again gets what waits for it in its new dialect.
func TestNewDialectForWaitingMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			time.Sleep(time.Second)
			return good
		}}
		r := start(t, relay.Config{PingInterval: -1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		time.Sleep(time.Minute)
		r.send(a, int64(1)<<40)
		r.send(a, int64(1)<<40)
		synctest.Wait() // the first is under way
		r.register("192.0.2.2", 2004, object{"dialect": "i8-string"})
		time.Sleep(time.Minute)
		equalList(t, "notified", c.notified(t, b), []any{int64(1) << 40, "1099511627776"})
		equal(t, "dialect", r.find(b).Dialect, wire.I8String)
	})
}

// The dump keeps dialects; one of a newer co2 may name more words than we
// know.
func TestDialectInDump(t *testing.T) {
	dir := t.TempDir()
	d, _ := openDump(t, dir)
	plain, odd := record(idA), record(idB)
	odd.Dialect = wire.Latin1 | wire.NilOmit
	put(t, d, plain, odd)
	file, err := os.ReadFile(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	doc := string(file)
	if n := strings.Count(doc, "<dialect>"); n != 1 || !strings.Contains(doc, "<dialect>nil-omit latin1</dialect>") {
		t.Errorf("dump = %s\nwant the dialect of one satellite", doc)
	}
	d.Close()
	d, log := openDump(t, dir)
	if got := load(t, d); !reflect.DeepEqual(got, []relay.Record{plain, odd}) {
		t.Errorf("Load = %+v\nwant %+v", got, []relay.Record{plain, odd})
	}
	body, _, _ := strings.Cut(doc, "<!-- crc32c ")
	for written, want := range map[string]wire.Dialect{
		"<dialect>nil-omit latin1 sepia</dialect>": wire.NilOmit | wire.Latin1,
		"<dialect>sepia</dialect>":                 0,
		"<dialect></dialect>":                      0,
		"":                                         0,
	} {
		newer := signed(strings.Replace(body, "<dialect>nil-omit latin1</dialect>", written, 1))
		if err := os.WriteFile(d.Path(), newer, 0o600); err != nil {
			t.Fatal(err)
		}
		odd.Dialect = want
		if got := load(t, d); !reflect.DeepEqual(got, []relay.Record{plain, odd}) {
			t.Errorf("Load of %q = %+v\nwant %+v", written, got, []relay.Record{plain, odd})
		}
	}
	equal(t, "log", log.String(), "")
}
