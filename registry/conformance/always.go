package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A habit is what holds for every answer of the whole run, whatever was asked.
type habit struct {
	rule, words string
	level       Level
	applies     func(*Answer) bool
	broken      func(*Answer) error
}

var habits = []habit{
	{"H9", "a result or fault is text/xml", Spec, (*Answer).isXML, wrong(func(a *Answer) bool {
		kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
		return strings.EqualFold(strings.TrimSpace(kind), "text/xml")
	})},
	{"H9", "exactly: text/xml; charset=utf-8", CO2, (*Answer).isXML, wrong(func(a *Answer) bool {
		return a.Header.Get("Content-Type") == "text/xml; charset=utf-8"
	})},
	{"H16", "a result or fault has a right Content-Length", Spec, (*Answer).isXML, wrong(hasLength)},
	{"H16", "every answer has a right Content-Length", CO2, final, wrong(hasLength)},
	{"H16", "no answer comes in chunks", CO2, final, wrong(func(a *Answer) bool { return !a.Chunked })},
	{"H21", "no answer is gzipped that was not asked to be", CO2, final, wrong(func(a *Answer) bool {
		return a.Header.Get("Content-Encoding") == "" || a.Header.Get("Vary") == "Accept-Encoding"
	})},
	{"H25", "no Access-Control-Allow-… is ever sent", CO2, final, wrong(func(a *Answer) bool {
		for name := range a.Header {
			if strings.HasPrefix(name, "Access-Control-Allow-") {
				return false
			}
		}
		return true
	})},
	{"H28", "an error is one line of text/plain", CO2, isError, wrong(func(a *Answer) bool {
		line, more, _ := bytes.Cut(a.Body, []byte("\n"))
		kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
		return len(more) == 0 && len(line) <= 200 && (kind == "text/plain" || len(a.Body) == 0)
	})},
	{"H28", "after 400, 408, 413 and 431 the connection is closed", CO2, func(a *Answer) bool {
		return slices.Contains([]int{400, 408, 413, 431}, a.Status)
	}, wrong(func(a *Answer) bool { return a.Closed })},
	{"H28", "500 is never used", CO2, final, wrong(func(a *Answer) bool { return a.Status != 500 })},
	{"X5", "an answer begins with the declaration and is UTF-8 without BOM", CO2, (*Answer).isXML, wrong(func(a *Answer) bool {
		return bytes.HasPrefix(a.document(), []byte(`<?xml version="1.0" encoding="UTF-8"?>`))
	})},
	{"X6", "an answer is well-formed", Spec, small, func(a *Answer) error { _, err := parse(a.document()); return err }},
	{"X19", "no comment, PI, CDATA, attribute or namespace, and nothing self-closed but nil", CO2, small, never(
		`<!|<\?[^x]|<\?xml-|<[A-Za-z.0-9]+ [^>]*>|<[A-Za-z.0-9]*:|<(?:[^n][^>]*|n[^i][^>]*)/>`)},
	{"S12", "an answer holds one param or one fault", Spec, small, func(a *Answer) error {
		if faultOf(a.document()) != nil {
			return nil
		}
		_, err := result(a.document())
		return err
	}},
	{"S14", "no white space round the type in a value", CO2, small, never(`<value>\s+<|</(?:int|i8|boolean|string|double|dateTime\.iso8601|base64|array|struct)>\s+</value>`)},
	{"V-INT-4", "i4 is never written", CO2, small, never(`<i4>`)},
	{"V-STR-3", "strings are always typed", CO2, small, never(`<value>[^<]|<value></value>`)},
	{"V-DBL-3", "doubles have a point and no exponent", Spec, small, never(`<double>(?:[^<.]*|[^<]*[eE][^<]*)</double>`)},
	{"V-DT-4", "dates are YYYYMMDDTHH:MM:SS", Spec, small, onlyWithin(`<dateTime\.iso8601>([^<]*)<`, `^\d{8}T\d\d:\d\d:\d\d$`)},
	{"V-B64-3", "base64 is on one line", CO2, small, never(`<base64>[^<]*\s[^<]*<`)},
	{"V-BOOL-2", "booleans are 0 or 1", Spec, small, onlyWithin(`<boolean>([^<]*)<`, `^[01]$`)},
	{"V-EX-4", "extension types are never written", CO2, small, never(`<[A-Za-z0-9]+:`)},
	{"F1", "a fault is a struct of faultCode and faultString alone", Spec, isFault, func(a *Answer) error {
		root, err := parse(a.document())
		if err != nil {
			return err
		}
		s, err := root.path("fault", "value", "struct")
		if err == nil && len(s.nodes) != 2 {
			err = fmt.Errorf("%d members", len(s.nodes))
		}
		return err
	}},
	{"F1", "faultCode comes first, as int; then faultString, as string", CO2, isFault, func(a *Answer) error {
		if !faultForm.Match(a.document()) {
			return errors.New("another form")
		}
		return nil
	}},
	{"F3", "a fault's text is one line of at most 512 octets", CO2, isFault, wrong(func(a *Answer) bool {
		f := faultIn(a)
		return f != nil && len(f.text) <= 512 && !strings.ContainsAny(f.text, "\r\n\x1b")
	})},
	{"F4", "codes from -32768 to -32000 are those of the convention", Convention, isFault, wrong(func(a *Answer) bool {
		f := faultIn(a)
		return f != nil && (f.code < -32768 || f.code > -32000 || f.code >= -32099 || slices.Contains(
			[]int{-32700, -32701, -32702, -32600, -32601, -32602, -32603, -32500, -32400, -32300}, f.code))
	})},
}

var faultForm = regexp.MustCompile(`<fault><value><struct><member><name>faultCode</name><value><int>-?\d+</int></value></member><member><name>faultString</name><value><string>`)

func final(a *Answer) bool   { return a.Err == nil && a.Status >= 200 }
func isError(a *Answer) bool { return final(a) && a.Status >= 400 }
func isFault(a *Answer) bool { return small(a) && bytes.Contains(a.document(), []byte("<fault>")) }

// small spares the long answers of the limits a reading tag by tag.
func small(a *Answer) bool { return a.isXML() && len(a.Body) < 1<<20 }

func hasLength(a *Answer) bool {
	return a.Header.Get("Content-Length") != "" || a.Status == 204
}

func wrong(right func(*Answer) bool) func(*Answer) error {
	return func(a *Answer) error {
		if right(a) {
			return nil
		}
		return fmt.Errorf("%v", a.Header)
	}
}

// never finds what must not be in an answer.
func never(pattern string) func(*Answer) error {
	re := regexp.MustCompile(pattern)
	return func(a *Answer) error {
		if found := re.Find(a.document()); found != nil {
			return fmt.Errorf("%.80q in it", found)
		}
		return nil
	}
}

// onlyWithin holds what one pattern captures to another.
func onlyWithin(capture, form string) func(*Answer) error {
	find, right := regexp.MustCompile(capture), regexp.MustCompile(form)
	return func(a *Answer) error {
		for _, m := range find.FindAllSubmatch(a.document(), -1) {
			if !right.Match(m[1]) {
				return fmt.Errorf("%.80q in it", m[1])
			}
		}
		return nil
	}
}

// note holds an answer to the habits.
func (j *Judge) note(c Case, a *Answer) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.noted == nil {
		j.noted, j.breaches = map[string]int{}, map[string]*Result{}
	}
	for _, h := range habits {
		if h.level > j.Level || !h.applies(a) {
			continue
		}
		name := h.asCase().Name()
		j.noted[name]++
		err := h.broken(a)
		if _, known := j.breaches[name]; err != nil && !known {
			j.breaches[name] = &Result{Difference: Difference{c.Name(), h.words, a.String() + "; " + err.Error()}}
		}
	}
}

func (h habit) asCase() Case { return Case{Rule: h.rule, Words: "always: " + h.words, Level: h.level} }

// AlwaysCases are what holds for every answer, as cases.
func AlwaysCases() []Case {
	cases := make([]Case, len(habits))
	for i, h := range habits {
		cases[i] = h.asCase()
	}
	return cases
}

// Habits are the results of what holds for every answer, once all cases have
// been tried. The first answer that breaks one is told.
func (j *Judge) Habits() []Result {
	j.mu.Lock()
	defer j.mu.Unlock()
	var results []Result
	for _, h := range habits {
		if h.level > j.Level {
			continue
		}
		r := Result{Case: h.asCase(), Outcome: Passed}
		switch breach := j.breaches[r.Name()]; {
		case j.noted[r.Name()] == 0:
			r.Outcome, r.Why = NotApplicable, "no such answer came"
		case breach != nil:
			r.Outcome, r.Difference = Failed, breach.Difference
		}
		results = append(results, r)
	}
	return results
}
