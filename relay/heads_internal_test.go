package relay

import (
	"strings"
	"sync"
	"testing"

	"co2/methods/wire"
)

// testMessage is a message with this value in it.
func testMessage(t *testing.T, value string) *Message {
	t.Helper()
	m := &Message{ID: "1", Sender: "192.0.2.1:2004"}
	call, err := wire.ParseCall([]byte("<methodCall><methodName>m</methodName><params><param>"+value+"</param></params></methodCall>"), "", wire.Limits{})
	if err == nil {
		err = call.Decode(0, &m.Data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Many that want a head at once all get the one that was made.
func TestHeadsAreMadeOnce(t *testing.T) {
	forms := []notifyForm{{}, {wire.Latin1, false}, {0, true}, {wire.Latin1, true}, {wire.NilOmit, false}}
	for range 50 {
		m := testMessage(t, "<value><array><data><value><nil/></value><value>é</value></data></array></value>")
		got := make([][]byte, 8*len(forms))
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() { got[i], _ = m.notifyHead(forms[i%len(forms)]) })
		}
		wg.Wait()
		for i := range got {
			if first := got[i%len(forms)]; &got[i][0] != &first[0] {
				t.Fatalf("form %+v has two heads, %s and %s", forms[i%len(forms)], first, got[i])
			}
			if want := string(forms[i%len(forms)].head(m)); string(got[i]) != want {
				t.Fatalf("head of %+v = %s, want %s", forms[i%len(forms)], got[i], want)
			}
		}
	}
}

// What a message keeps is bounded: who registers every dialect there is, or
// one in which numbers grow, costs time, not memory.
func TestHeadsAreBounded(t *testing.T) {
	for name, value := range map[string]string{
		"text":    "<value>" + strings.Repeat("x", 100_000) + "</value>",
		"latin":   "<value>" + strings.Repeat("é", 50_000) + "</value>",
		"numbers": "<value><array><data>" + strings.Repeat("<value><double>1e300</double></value>", 3000) + "</data></array></value>",
	} {
		m := testMessage(t, value)
		before, grew := m.cost(), 0
		for d := range wire.ASCII << 1 {
			form := notifyForm{d, true}
			head, n := m.notifyHead(form)
			grew += n
			if got, want := string(head), string(form.head(m)); got != want {
				t.Fatalf("head of %s in %q has %d octets, want %d", name, d, len(got), len(want))
			}
		}
		kept := 0
		for _, made := range m.heads.made {
			kept += len(made.head)
		}
		if kept > m.maxHeads() || kept != int(m.heads.size.Load()) || kept != grew || int64(kept) != m.cost()-before || kept < m.maxHeads()/2 {
			t.Errorf("%s: %d octets kept, counted as %d, told as %d, want at most %d", name, kept, m.cost()-before, grew, m.maxHeads())
		}
	}
}
