package binding

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"co2/discovery"
)

// FuzzPoloRequests plays streams to the door: from nobody, who can change
// nothing without a token, and from a user.
func FuzzPoloRequests(f *testing.F) { // 4, D34, D36
	for _, seed := range []string{
		`{"Command": "Request-token", "Args": {"uid": 1000}}`,
		`{"Command": "Register", "Args": {"token": "", "service": "a", "params": {"port": 9100}, "multicast_groups": ["224.0.0.112"], "permanent": false, "root": false}}`,
		`{"Command": "Unpublish", "Args": {"service": "user:a", "multicast_groups": [], "delete_file": false, "uid": 1000}}`,
		`{"Command": "Service-info", "Args": {"service": "a"}}{"Command": "Has-service", "Args": {"service": "a"}}`,
		`{"Command": "Set-permanent", "Args": {"service": "a", "permanent": true}} {"Command": "Reload"}`,
		"\n[]5\"x\"null", `{"Command"`, "\xff", "{\"a\": \"\xff\"}", strings.Repeat("[", 20000), " ",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		for _, from := range []peer{{}, {uid: 1000, known: true}} {
			s := &recorded{}
			d := testDoor(s, nil)
			heard := converse(d, from, bytes.NewReader(said))
			if !from.known && len(s.changes) > 0 {
				t.Fatalf("nobody did %v by %q", s.changes, said)
			}
			for _, p := range s.publications {
				checkPublication(t, p)
			}
			replies := countReplies(t, heard)
			if want, sure := countRequests(said); sure && replies != want {
				t.Errorf("%q has %d replies, want %d: %s", said, replies, want, heard)
			} else if slowly := converse(d, from, iotest.OneByteReader(bytes.NewReader(said))); sure && slowly != heard {
				t.Errorf("%q is answered by %s, in pieces by %s", said, heard, slowly)
			}
		}
	})
}

func checkPublication(t *testing.T, p discovery.Publication) {
	if p.Service == "" || !utf8.ValidString(p.Service) {
		t.Errorf("a service %q is published", p.Service)
	}
	for _, g := range p.Groups {
		if _, err := discovery.ParseGroup(g); err != nil {
			t.Errorf("a group %q is published in", g)
		}
	}
}

// countReplies fails the test unless heard is a row of replies, each of a size
// that an old client reads at once.
func countReplies(t *testing.T, heard string) (n int) {
	for in := json.NewDecoder(strings.NewReader(heard)); ; n++ {
		var raw json.RawMessage
		if err := in.Decode(&raw); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Fatalf("reply %q: %v", heard, err)
		}
		var reply map[string]any
		if err := json.Unmarshal(raw, &reply); err != nil || len(reply) != 1 || reply["OK"] == nil && reply["Error"] == nil || len(raw) > maxReply {
			t.Fatalf("%q is no reply (%v)", raw, err)
		}
	}
}

// countRequests returns how many replies a stream must have by the rules of
// encoding/json: one to each value, and one to what is none. It is not sure of
// values that do not tell where they end, nor of long ones.
func countRequests(said []byte) (n int, sure bool) {
	for in := json.NewDecoder(bytes.NewReader(said)); ; n++ {
		at := in.InputOffset()
		rest := bytes.TrimLeft(said[at:], " \t\r\n")
		if len(rest) > 0 && rest[0] != '{' && rest[0] != '[' {
			return 0, false
		}
		var raw json.RawMessage
		switch err := in.Decode(&raw); {
		case errors.Is(err, io.EOF):
			return n, len(said) <= MaxRequest
		case err != nil || !utf8.Valid(raw):
			return n + 1, len(said) <= MaxRequest
		}
	}
}

// FuzzPoloReplies plays what a Polo says to the Go binding, which must tell
// its two kinds of error and nothing else.
func FuzzPoloReplies(f *testing.F) { // 7.1
	for _, seed := range []string{
		`{"OK": {"identifier": "a", "params": {"n": 1.50}, "multicast_groups": ["224.0.0.112"], "disabled": false, "permanent": true}}`,
		`{"OK": 0}`, `{"Error": "Bad token"}`, `{"OK": null, "Error": "x"}`, `{}`, `[]`, `7`, "\xff", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		value, err := newStream(bytes.NewReader(said)).next()
		if err != nil {
			return
		}
		var info information
		err = readReply("ask", value, &info)
		_, misuse := errors.AsType[*MisuseError](err)
		_, internal := errors.AsType[*InternalError](err)
		if err != nil && !misuse && !internal {
			t.Errorf("%q is %v (%T)", said, err, err)
		}
		if misuse && !bytes.Contains(value, []byte(`"Error"`)) && !bytes.Contains(value, []byte(`\u`)) {
			t.Errorf("%q is taken for a refusal", said)
		}
	})
}
