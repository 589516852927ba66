package binding

import (
	"encoding/json"
	"maps"
	"slices"

	"co2/discovery"
)

// What readers of answers take, in bytes: the Python binding has a buffer of
// 4096, those of C++ and Java have one of 2048.
const (
	longAnswer  = 4095
	shortAnswer = 2047
)

var marcoError = []byte(`{"Error": true}`)

// A marcoReader is what is known of the program that reads an answer.
type marcoReader struct {
	limit int  // bytes it reads
	texts bool // it breaks off at params that are not text
}

// reader tells the old bindings by what only they send. The Java one spells
// max-nodes. The C++ one has exactly these keys, always without anyone to
// exclude, and puts no blank anywhere.
func (f fields) reader(datagram []byte) marcoReader {
	if _, java := f["max-nodes"]; java {
		return marcoReader{limit: shortAnswer}
	}
	keys := slices.Sorted(maps.Keys(f))
	keys = slices.DeleteFunc(keys, func(key string) bool { return key == "Params" })
	cpp := slices.Equal(keys, []string{"Command", "exclude", "group", "max_nodes", "timeout"}) &&
		string(f["exclude"]) == "[]" && string(datagram[:min(len(datagram), len(cppStart))]) == cppStart
	if cpp {
		return marcoReader{limit: shortAnswer, texts: true}
	}
	return marcoReader{limit: longAnswer}
}

const cppStart = `{"Command":"`

// A marcoNode is an entry of an answer.
type marcoNode struct {
	Address string
	Params  map[string]any
}

// A marcoService is an entry of an answer to Services.
type marcoService struct {
	ID     string         `json:"id"`
	Params map[string]any `json:"params"`
}

// list returns the answer: as many entries from the front as its reader takes,
// and how many are left out. One that would not even fit alone is passed over.
func (r marcoRequest) list(nodes []discovery.Node) (answer []byte, left int) {
	answer = append(answer, '[')
	entries := r.entries(nodes)
	for i, entry := range entries {
		text, err := discovery.EncodeJSON(entry)
		if err != nil || len(text)+len("[]") > r.reader.limit {
			left++
			continue
		}
		if len(answer) > 1 {
			text = append([]byte(", "), text...)
		}
		if len(answer)+len(text)+len("]") > r.reader.limit {
			left += len(entries) - i
			break
		}
		answer = append(answer, text...)
	}
	return append(answer, ']'), left
}

// entries are the nodes, or the services of the only one.
func (r marcoRequest) entries(nodes []discovery.Node) []any {
	var entries []any
	for _, n := range nodes {
		if r.query.Command != discovery.CommandServices {
			entries = append(entries, marcoNode{n.Addr.String(), r.reader.params(n.Params)})
			continue
		}
		for _, s := range n.Services {
			entries = append(entries, marcoService{s.ID, r.reader.params(s.Params)})
		}
	}
	return entries
}

// params are never nil, and all text if the reader needs that: then numbers
// and the rest are their JSON.
func (m marcoReader) params(params map[string]any) map[string]any {
	if params == nil {
		return map[string]any{}
	}
	if !m.texts {
		return params
	}
	texts := make(map[string]any, len(params))
	for name, v := range params {
		text, ok := v.(string)
		if !ok {
			spelled, _ := json.Marshal(v) // it was parsed from JSON
			text = string(spelled)
		}
		texts[name] = text
	}
	return texts
}
