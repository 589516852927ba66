package discovery_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"co2/discovery"
)

func addGolden(f *testing.F) {
	for _, files := range [][2]string{{"answered", ".request"}, {"answered", ".reply"}, {"silent", ".request"}, {"heard", ".reply"}} {
		for _, datagram := range golden(f, files[0], files[1]) {
			f.Add([]byte(datagram))
		}
	}
}

// FuzzRequest checks the parser against encoding/json, used as D20 has it, and
// that what is understood survives a round trip.
func FuzzRequest(f *testing.F) {
	addGolden(f)
	f.Fuzz(func(t *testing.T, datagram []byte) {
		got, err := discovery.ParseRequest(datagram)
		want, ok := requestByJSON(datagram)
		if (err == nil) != ok || got != want {
			t.Fatalf("ParseRequest(%q) = %+v, %v, but by encoding/json it is %+v, %t", datagram, got, err, want, ok)
		}
		again, failed := got.Encode()
		if err != nil || failed != nil {
			return // escaping may make it too long
		}
		if back, err := discovery.ParseRequest(again); err != nil || back != got {
			t.Errorf("ParseRequest(%q) = %+v, %v, want %+v", again, back, err, got)
		}
	})
}

// requestByJSON is ParseRequest, slow and plain: D19 to D22.
func requestByJSON(datagram []byte) (discovery.Request, bool) {
	var keys map[string]json.RawMessage
	if len(datagram) > discovery.MaxMessage || !utf8.Valid(datagram) || json.Unmarshal(datagram, &keys) != nil {
		return discovery.Request{}, false
	}
	text := func(key string) (string, bool) {
		var v any
		json.Unmarshal(keys[key], &v)
		s, ok := v.(string)
		return s, ok
	}
	command, _ := text("Command")
	switch command {
	case "Marco", "Discover", "Services":
		return discovery.Request{Command: discovery.Command(command)}, true
	case "Request-For", "Request-for":
		if id, ok := text("Params"); ok {
			return discovery.Request{Command: discovery.Command(command), Service: id}, true
		}
	}
	return discovery.Request{}, false
}

// FuzzReply checks that what is understood survives a round trip.
func FuzzReply(f *testing.F) {
	addGolden(f)
	f.Fuzz(func(t *testing.T, datagram []byte) {
		r, err := discovery.ParseReply(datagram)
		if err != nil {
			if !reflect.DeepEqual(r, discovery.Reply{}) {
				t.Errorf("ParseReply(%q) = %+v with error %v", datagram, r, err)
			}
			return
		}
		if !json.Valid(datagram) || len(datagram) > discovery.MaxMessage || r.Params == nil {
			t.Errorf("ParseReply(%q) = %+v", datagram, r)
		}
		again, err := r.Encode()
		if err != nil || r.Services != nil {
			return
		}
		back, err := discovery.ParseReply(again)
		if err != nil || !reflect.DeepEqual(back.Params, r.Params) || back.Command != r.Command {
			t.Errorf("ParseReply(%q) = %+v, %v, want %+v", again, back, err, r)
		}
	})
}

// FuzzPolo checks that a Polo answers nothing but requests for what it offers
// (2.4), once each (2.3), and never with what another would answer.
func FuzzPolo(f *testing.F) {
	addGolden(f)
	store := offered(f)
	f.Fuzz(func(t *testing.T, datagram []byte) {
		synctest.Test(t, func(t *testing.T) {
			var n network
			polo := startOffering(t, &n, discovery.PoloConfig{Networks: anyone}, store, nil)
			got := ask(&n, group112, mem0.Index, string(datagram))
			if want := answersTo(datagram, store); len(got) != want {
				t.Fatalf("replies to %q = %q, want %d", datagram, got, want)
			}
			for _, reply := range got {
				_, err := discovery.ParseReply([]byte(reply))
				_, looped := discovery.ParseRequest([]byte(reply))
				if err != nil || looped == nil || len(reply) > discovery.MaxReply {
					t.Errorf("reply to %q is %q, of %d bytes", datagram, reply, len(reply))
				}
			}
			if again := ask(&n, group112, mem0.Index, marcoRequest); len(again) != 1 {
				t.Errorf("Stats = %+v after %q, and no answer to Marco", polo.Stats(), datagram)
			}
		})
	})
}

func answersTo(datagram []byte, store *discovery.Store) int {
	r, ok := requestByJSON(datagram)
	if !ok {
		return 0
	}
	if r.Service != "" || r.Command == discovery.CommandRequestFor || r.Command == discovery.CommandRequestForLow {
		if _, offered := store.Reply(group112, r.Service); !offered {
			return 0
		}
	}
	return 1
}

// No datagram of the golden ones, cut or with one octet changed, is read
// otherwise than encoding/json reads it.
func TestMutilatedRequests(t *testing.T) {
	for _, folder := range []string{"answered", "silent"} {
		for name, whole := range golden(t, folder, ".request") {
			if len(whole) > 200 {
				continue
			}
			for i := range len(whole) {
				checkAgainstJSON(t, name, []byte(whole[:i]))
				for _, octet := range []byte("\x00\x1f \"',:0123eE+-.[]{}\\/tun\x7f\x80\xc3\xff") {
					changed := []byte(whole)
					changed[i] = octet
					checkAgainstJSON(t, fmt.Sprintf("%s, octet %d", name, i), changed)
				}
			}
		}
	}
}

func checkAgainstJSON(t *testing.T, name string, datagram []byte) {
	t.Helper()
	got, err := discovery.ParseRequest(datagram)
	if want, ok := requestByJSON(datagram); (err == nil) != ok || got != want {
		t.Errorf("%s: ParseRequest(%q) = %+v, %v, but by encoding/json it is %+v, %t", name, datagram, got, err, want, ok)
	}
}
