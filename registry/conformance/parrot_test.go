package conformance_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"co2/registry/conformance"
)

// A parrot is a small server that gives back the text of its one param, or
// its name's fault. Its bad habits are what tests give it.
type parrot struct {
	say    func(doc string) string // changes an answer
	header func(http.Header)       // and its head
	status int
}

var paramText = regexp.MustCompile(`(?s)<methodName>(.*)</methodName>.*<param>(<value>.*</value>)</param>`)

func (p parrot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what cannot be read is no call
	doc := `<?xml version="1.0" encoding="UTF-8"?>` + "\n<methodResponse>"
	if m := paramText.FindSubmatch(body); m != nil && string(m[1]) == "test" {
		doc += "<params><param>" + string(m[2]) + "</param></params></methodResponse>\n"
	} else {
		doc += "<fault><value><struct><member><name>faultCode</name><value><int>-32601</int></value></member><member><name>faultString</name><value><string>no such method</string></value></member></struct></value></fault></methodResponse>\n"
	}
	if p.say != nil {
		doc = p.say(doc)
	}
	h := w.Header()
	h.Set("Content-Type", "text/xml; charset=utf-8")
	h.Set("Content-Length", fmt.Sprint(len(doc)))
	if p.header != nil {
		p.header(h)
	}
	if p.status != 0 && strings.Contains(doc, "<fault>") {
		w.WriteHeader(p.status)
	}
	io.WriteString(w, doc)
}

// swap is a bad habit of spelling.
func swap(old, new string) parrot {
	return parrot{say: func(doc string) string { return strings.ReplaceAll(doc, old, new) }}
}

// head is a bad habit of its head.
func head(name, value string) parrot {
	return parrot{header: func(h http.Header) { h.Set(name, value) }}
}

// TestSuiteNotices gives a server one bad habit at a time. The case that is
// there for it passes without, and fails with it.
func TestSuiteNotices(t *testing.T) {
	good := judged(t, parrot{})
	for _, tt := range []struct {
		bad   parrot
		cases string // names of those that notice, with + between
	}{
		{swap("<int>7<", "<int>8<"), "V-INT-1 <int>7</int>"},
		{swap("<int>7<", "<string>7<"), "V-INT-1 <int>7</int> + X6 always: an answer is well-formed"},
		{swap("<int>", "<i4>"), "X6 always: an answer is well-formed"},
		{parrot{say: strings.NewReplacer("<int>", "<i4>", "</int>", "</i4>").Replace}, "V-INT-4 always: i4 is never written + F1 always: faultCode comes first, as int; then faultString, as string"},
		{swap("<string>good</string>", "good"), "V-STR-3 always: strings are always typed"},
		{swap("<value><", "<value> <"), "S14 always: no white space round the type in a value"},
		{swap("<methodResponse>", "<!-- x --><methodResponse>"), "X19 always: no comment, PI, CDATA, attribute or namespace, and nothing self-closed but nil"},
		{swap("<string></string>", "<string/>"), "X19 always: no comment, PI, CDATA, attribute or namespace, and nothing self-closed but nil"},
		{swap("<param>", `<param a="1">`), "X19 always: no comment, PI, CDATA, attribute or namespace, and nothing self-closed but nil"},
		{swap(` encoding="UTF-8"`, ""), "X5 always: an answer begins with the declaration and is UTF-8 without BOM"},
		{swap("7</int></value></member></struct></value></param>", "7</int></value></member></struct></value></param><param><value/></param>"), "S12 always: an answer holds one param or one fault + V-INT-1 <int>7</int>"},
		{swap("</member></struct></value></fault>", "</member><member><name>x</name><value><int>1</int></value></member></struct></value></fault>"), "F1 always: a fault is a struct of faultCode and faultString alone"},
		{swap("-32601", "-32604"), "F4 always: codes from -32768 to -32000 are those of the convention + M1 an unknown name"},
		{swap("no such method", "no such\nmethod"), "F3 always: a fault's text is one line of at most 512 octets"},
		{swap("<double>1.5</double>", "<double>15e-1</double>"), "V-DBL-3 always: doubles have a point and no exponent"},
		{swap("<double>1.5</double>", "<double>1.4</double>"), "V-DBL-1 <double>1.5</double>"},
		{swap("19980717T14:08:55<", "1998-07-17T14:08:55<"), "V-DT-4 always: dates are YYYYMMDDTHH:MM:SS"},
		{swap("<boolean>1<", "<boolean>true<"), "V-BOOL-2 always: booleans are 0 or 1"},
		{swap("<string></string>", "<string> </string>"), "V-STR-1 an empty string"},
		{head("Content-Type", "text/html"), "H9 always: a result or fault is text/xml + F2 a fault comes with HTTP 200 and text/xml"},
		{head("Content-Type", "text/xml"), "H9 always: exactly: text/xml; charset=utf-8"},
		{parrot{header: func(h http.Header) { h.Del("Content-Length"); h.Set("Transfer-Encoding", "chunked") }},
			"H16 always: a result or fault has a right Content-Length + H16 always: no answer comes in chunks"},
		{head("Access-Control-Allow-Origin", "*"), "H25 always: no Access-Control-Allow-… is ever sent"},
		{head("Connection", "close"), "H22 HTTP/1.1 stays open"},
		{parrot{status: 500}, "F2 a fault comes with HTTP 200 and text/xml + H28 always: 500 is never used + F1 an unknown method is a fault of the public form"},
	} {
		got := judged(t, tt.bad)
		for name := range strings.SplitSeq(tt.cases, " + ") {
			if good[name] != conformance.Passed || got[name] != conformance.Failed {
				t.Errorf("%q = %q, and %q with the bad habit, want pass and fail", name, good[name], got[name])
			}
		}
	}
}

// judged are the outcomes of the parroted cases.
func judged(t *testing.T, p parrot) map[string]conformance.Outcome {
	t.Helper()
	s := httptest.NewServer(p)
	defer s.Close()
	target, err := conformance.Open(s.URL+"/RPC2", "", 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	judge := &conformance.Judge{Target: target, Level: conformance.CO2, Quick: true}
	outcomes := map[string]conformance.Outcome{}
	for _, c := range conformance.Cases(conformance.CO2) {
		if slices.Contains(parroted, c.Name()) {
			outcomes[c.Name()] = judge.Try(c).Outcome
		}
	}
	for _, r := range judge.Habits() {
		outcomes[r.Name()] = r.Outcome
	}
	return outcomes
}

// parroted are cases that send what a parrot answers rightly.
var parroted = []string{
	"V-INT-1 <int>7</int>", "V-BOOL-1 <boolean>1</boolean>", "V-DBL-1 <double>1.5</double>", "V-STR-1 an empty string",
	"V-DT-1 <dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>", "M1 an unknown name",
	"F1 an unknown method is a fault of the public form", "F2 a fault comes with HTTP 200 and text/xml", "H1 POST calls", "H22 HTTP/1.1 stays open",
}
