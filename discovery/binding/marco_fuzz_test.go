package binding_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"

	"co2/discovery"
	"co2/discovery/binding"
)

// FuzzMarcoRequest: whatever comes, the door sends a list, an error or
// nothing, at once where no query is made, and goes on.
func FuzzMarcoRequest(f *testing.F) {
	for _, request := range []string{
		`{"Command": "Marco", "max_nodes": null, "exclude": [], "params": {}, "timeout": 1000, "group": "224.0.0.112"}`,
		`{"Command": "Request-for", "Params": "x", "node": null, "max_nodes": 3, "exclude": ["10.0.0.1"], "params": {"a": 1}, "timeout": 0}`,
		`{"Command":"Request-for","Params":"x","max_nodes":0,"exclude":[],"timeout":1000,"group":"224.0.0.112"}`,
		`{"Command":"Marco","max-nodes":1,"exclude":[["10.0.0.1",1337]],"group":["224.0.0.1","224.0.0.2"]}`,
		`{"Command": "Services", "node": "10.0.0.1", "timeout": 1e-9, "retries": 11}`,
		`{"Error": true}`, `{"Command": 1}`, `{`, "\xff", `null`,
	} {
		f.Add([]byte(request))
	}
	f.Fuzz(func(t *testing.T, request []byte) {
		synctest.Test(t, func(t *testing.T) {
			m := startMarco(t, binding.MarcoConfig{Query: discovery.Query{LookUp: resolve}},
				append(onGroup("224.0.0.112", "10.0.0.1"), onGroup("", "10.0.0.4")...)...)
			answer, took := m.ask(string(request))
			if len(answer) > 4095 || took > discovery.MaxTimeout {
				t.Errorf("%d bytes after %v", len(answer), took)
			}
			var v any
			if answer != "" && json.Unmarshal([]byte(answer), &v) != nil {
				t.Errorf("answer %q is not JSON", answer)
			}
			if _, isList := v.([]any); answer != "" && !isList && answer != `{"Error": true}` {
				t.Errorf("answer %q", answer)
			}
			if s := m.door.Stats(); s.Answered+s.Refused+s.Ignored != 1 {
				t.Errorf("Stats = %+v", s)
			}
		})
	})
}
