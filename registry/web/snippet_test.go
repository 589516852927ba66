package web_test

import (
	"strings"
	"testing"

	"co2/methods/wire"
	"co2/registry/web"
)

// TestSnippetsSayWhatTheyCannotSend names the value for which a program writes
// the call out.
func TestSnippetsSayWhatTheyCannotSend(t *testing.T) {
	for _, tt := range []struct{ json, language, want string }{
		{`{"list":[1,{"n":{"$i8":"5"}}]}`, "Python", "param 1 › list › 2 › n (i8 5)"},
		{`{"when":{"$dateTime":"20261121T04:05:06"}}`, "PHP", "param 1 › when (dateTime.iso8601 20261121T04:05:06)"},
		{`{"a":2.0}`, "Node", "param 1 › a (double 2"},
		{`{"a":"x\ry"}`, "Ruby", "param 1 › a (string)"},
		{`{"0":1}`, "PHP", "param 1 (the names in it)"},
		{`{"a":1.5}`, "Perl", "param 1 › a (double 1.5)"},
		{`{}`, "PHP", "param 1 (struct)"},
	} {
		v, err := wire.ParseJSON([]byte(tt.json))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range web.Snippets("http://127.0.0.1:2003/RPC2", "test", []wire.Raw{v}) {
			if s.Language == tt.language && !strings.Contains(s.Needs, "cannot send "+tt.want) {
				t.Errorf("%s with %s: %q, want %q", tt.language, tt.json, s.Needs, tt.want)
			}
		}
	}
}
