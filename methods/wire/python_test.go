package wire_test

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

// A python is a running testdata/loads.py.
type python struct {
	in  io.Writer
	out *bufio.Reader
}

// startPython skips the test where there is no python3, but fails it where
// everything has to be tested.
func startPython(t *testing.T) *python {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	cmd := exec.Command(path, "testdata/loads.py")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // which ends it
		if err := cmd.Wait(); err != nil {
			t.Errorf("loads.py: %v", err)
		}
	})
	return &python{in, bufio.NewReader(out)}
}

// A told is what Python told about a document.
type told struct {
	Error  string // why it refuses it
	Method *string
	Params told1 // an array
	Code   told1
	Text   told1 // of a fault
}

// A told1 is one value with its type.
type told1 struct {
	typ     string
	content json.RawMessage
}

func (v *told1) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&v.typ, &v.content})
}

func (p *python) loads(t *testing.T, doc []byte) (answer told) {
	t.Helper()
	if _, err := fmt.Fprintf(p.in, "%d\n%s", len(doc), doc); err != nil {
		t.Fatal(err)
	}
	line, err := p.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &answer)
	}
	if err != nil {
		t.Fatalf("loads.py said %s about %q: %v", line, doc, err)
	}
	return answer
}

// value is what we would have decoded.
func (v told1) value(t *testing.T) any {
	t.Helper()
	var text string
	switch v.typ {
	case "array":
		list := []any{}
		for _, item := range parts[told1](t, v.content) {
			list = append(list, item.value(t))
		}
		return list
	case "struct":
		m := map[string]any{}
		for _, member := range parts[[2]json.RawMessage](t, v.content) {
			var name string
			var item told1
			if err := json.Unmarshal(member[0], &name); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(member[1], &item); err != nil {
				t.Fatal(err)
			}
			m[name] = item.value(t)
		}
		return m
	}
	if err := json.Unmarshal(v.content, &text); err != nil {
		t.Fatal(err)
	}
	got, err := scalarTold(v.typ, text)
	if err != nil {
		t.Fatalf("Python told %s %q: %v", v.typ, text, err)
	}
	return got
}

func parts[T any](t *testing.T, b []byte) (list []T) {
	t.Helper()
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return list
}

func scalarTold(typ, text string) (any, error) {
	switch typ {
	case "nil":
		return nil, nil
	case "boolean":
		return text == "1", nil
	case "int":
		return strconv.ParseInt(text, 10, 64)
	case "double":
		b, err := hex.DecodeString(text)
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case "base64":
		return base64.StdEncoding.DecodeString(text)
	case "dateTime.iso8601":
		return time.Parse("2006-01-02T15:04:05", text)
	}
	return text, nil
}

// pythonRefuses are the rules by which documents are read that Python's
// xmlrpc.client does not take.
var pythonRefuses = map[string]string{
	"V-BOOL-1": "it reads no words as booleans",
	"V-DT-1":   "its built-in dates are YYYYMMDDTHH:MM:SS and nothing else",
}

// What is spelled in any way that the specification allows means the same to
// Python, but for the rules of pythonRefuses.
func TestPythonReadsAlike(t *testing.T) {
	p := startPython(t)
	m := newMaker(5)
	refused := map[string]int{}
	for i := range 400 {
		v := m.value(2)
		doc, rules := m.spelled(v)
		answer := p.loads(t, []byte(doc))
		if answer.Error != "" {
			if len(rules) == 0 {
				t.Fatalf("document %d, %s\nis refused by Python: %s", i, doc, answer.Error)
			}
			for _, rule := range rules {
				refused[rule]++
			}
			continue
		}
		if got := answer.Params.value(t); !reflect.DeepEqual(got, []any{v}) || answer.Method == nil || *answer.Method != "m" {
			t.Fatalf("document %d, %s\nmeans %#v to Python\nwant %#v", i, doc, got, v)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(refused)) {
		if pythonRefuses[rule] == "" {
			t.Errorf("Python refused documents that need %s, of which nothing is known", rule)
		}
	}
	if len(refused) < len(pythonRefuses) {
		t.Errorf("Python refused by %v; some of the differences are no more: %v", refused, pythonRefuses)
	}
}

// Python reads whatever we write: calls, answers and faults of any value and
// any text (X17, X18, S12, F1).
func TestPythonReadsWhatWeWrite(t *testing.T) {
	p := startPython(t)
	m := newMaker(6)
	for i := range 200 {
		v := m.value(2)
		call, err := wire.AppendCall(nil, "a.b", v, i)
		if err != nil {
			t.Fatal(err)
		}
		if answer := p.loads(t, call); answer.Error != "" || !reflect.DeepEqual(answer.Params.value(t), []any{v, int64(i)}) || *answer.Method != "a.b" {
			t.Fatalf("%s\nmeans %+v to Python", call, answer)
		}
		result := response(t, v)
		if answer := p.loads(t, result); answer.Error != "" || !reflect.DeepEqual(answer.Params.value(t), []any{v}) || answer.Method != nil {
			t.Fatalf("%s\nmeans %+v to Python", result, answer)
		}
		text := m.text()
		fault := wire.AppendFault(nil, wire.Fault{Code: -i, String: text})
		answer := p.loads(t, fault)
		if answer.Code.typ == "" || answer.Code.value(t) != int64(-i) {
			t.Fatalf("%s\nmeans %+v to Python", fault, answer)
		}
		var ours *wire.Fault
		if err := wire.ParseResponse(fault, "", wire.Limits{}, nil); !asFault(err, &ours) || answer.Text.value(t) != ours.String {
			t.Fatalf("%s\nmeans %+v to Python, %v to us", fault, answer, err)
		}
	}
}

// The documents that fuzzing has kept mean the same to Python wherever both
// take them. It takes many that we refuse: equal member names (S9), a param
// without a value (S4), text beside elements (S5, X14), DOCTYPE (X10), numbers
// beyond 64 bit, with underscores or NaN (V-INT-3, V-DBL-2), junk in base64
// (V-B64-2) and unknown elements (S6).
func TestPythonReadsTheCorpus(t *testing.T) {
	p := startPython(t)
	files, err := filepath.Glob("testdata/fuzz/FuzzParseCall/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	both := 0
	for _, file := range files {
		doc := corpusDocument(t, file)
		c, err := wire.ParseCall(doc, "", wire.Limits{})
		if err != nil {
			continue
		}
		n, err := c.Len()
		if err != nil {
			continue
		}
		want := make([]any, n)
		for i := range want {
			if err := c.Decode(i, &want[i]); err != nil {
				t.Fatal(err)
			}
		}
		answer := p.loads(t, doc)
		if answer.Error != "" {
			t.Logf("%s: Python refuses %q: %s", file, doc, answer.Error)
			continue
		}
		both++
		if got := answer.Params.value(t); !reflect.DeepEqual(got, want) || answer.Method == nil || strings.Trim(*answer.Method, " \t\r\n") != c.Method {
			t.Errorf("%s: %q\nmeans %#v to Python\nwant %#v", file, doc, got, want)
		}
	}
	if both == 0 {
		t.Error("no document of the corpus is read by both")
	}
}

// corpusDocument reads the first value of a file of go test fuzz v1.
func corpusDocument(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	quoted, ok := strings.CutPrefix(lines[1], "[]byte(")
	doc, err := strconv.Unquote(strings.TrimSuffix(quoted, ")"))
	if !ok || err != nil {
		t.Fatalf("%s: cannot read %s: %v", file, lines[1], err)
	}
	return []byte(doc)
}
