package wire_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

// A speller writes values as strange as the specification lets a peer write
// them. It notes the rules that others are known not to read.
type speller struct {
	maker
	plain bool // no markup but elements and references, no untyped text, no blanks
	b     strings.Builder
	rules []string
}

// spelled is a call with one param, v, and the rules it needs.
func (m maker) spelled(v any) (doc string, rules []string) {
	return (&speller{maker: m}).document(v)
}

// spelledPlainly spares poor parsers the worst.
func (m maker) spelledPlainly(v any) (doc string, rules []string) {
	return (&speller{maker: m, plain: true}).document(v)
}

func (s *speller) document(v any) (doc string, rules []string) {
	s.b.WriteString(s.pick("", `<?xml version="1.0"?>`, `<?xml version='1.0' encoding="utf-8" standalone='yes' ?>`+"\r\n"))
	s.outside()
	s.open("methodCall")
	s.gap()
	s.open("methodName")
	s.text("m")
	s.close("methodName")
	s.gap()
	s.open("params")
	s.gap()
	s.open("param")
	s.gap()
	s.value(v)
	for _, name := range []string{"param", "params", "methodCall"} {
		s.gap()
		s.close(name)
	}
	s.outside()
	return s.b.String(), s.rules
}

func (s *speller) needs(rule string) { s.rules = append(s.rules, rule) }

func (s *speller) pick(of ...string) string { return of[s.IntN(len(of))] }

// gap is what may stand between elements (X8, X14).
func (s *speller) gap() {
	if s.plain {
		s.b.WriteString(s.pick("", "", "\n  "))
		return
	}
	s.b.WriteString(s.pick("", "", "", "", " ", "\r\n\t", "<!-- <a> & - -->", "<?p <i>?>", "&#32;", "<![CDATA[ \n]]>"))
}

func (s *speller) outside() { s.b.WriteString(s.pick("", "\n", "<!-- é -->", " <?p?> ")) }

// open writes a start tag (X12).
func (s *speller) open(name string) { s.b.WriteString("<" + name + s.attributes() + ">") }

func (s *speller) attributes() string {
	return s.pick("", "", "", "", " ", ` a="1" b = 'é&lt;">'`, "\n xml:space='preserve'\n")
}

func (s *speller) close(name string) { s.b.WriteString("</" + name + s.pick("", "", "", "\n") + ">") }

// text writes characters in all the ways XML has (X8, X9).
func (s *speller) text(text string) {
	markup := !s.plain
	for _, r := range text {
		how := s.IntN(12)
		switch {
		case how == 0 || r == '\r':
			fmt.Fprintf(&s.b, "&#%d;", r)
		case how == 1:
			fmt.Fprintf(&s.b, "&#x%X;", r)
		case how == 2 && markup && r != ']' && r != '>':
			s.b.WriteString("<![CDATA[" + string(r) + "]]>")
		case how == 3 && markup:
			s.b.WriteString(s.pick("<!-- - -->", "<?p?>"))
			fallthrough
		default:
			s.b.WriteString(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(string(r)))
		}
	}
}

// element writes a typed scalar with the blanks it may have.
func (s *speller) element(name, text string, blanks bool) {
	s.gap()
	s.open(name)
	if blanks && !s.plain {
		text = s.pick("", "", " ", "\n\t") + text + s.pick("", "", " ", "\n")
	}
	s.text(text)
	s.close(name)
	s.gap()
}

func (s *speller) value(v any) {
	if v == "" && !s.plain && s.IntN(4) == 0 {
		s.b.WriteString("<value" + s.attributes() + "/>")
		return
	}
	s.open("value")
	s.content(v)
	s.close("value")
}

func (s *speller) content(v any) {
	switch v := v.(type) {
	case nil:
		s.gap()
		s.b.WriteString(s.pick("<nil/>", "<nil></nil>", "<ex:nil/>", `<e:nil xmlns:e="`+extSpace+`"/>`))
		s.gap()
	case string:
		s.string(v)
	case int64:
		sign, digits := "", strconv.FormatInt(v, 10)
		if v >= 0 {
			sign = s.pick("", "+")
		} else {
			sign, digits = "-", digits[1:]
		}
		s.element(s.pick("int", "i4", "i8", "ex:i8"), sign+s.pick("", "0")+digits, true)
	case bool:
		text := "0"
		if v {
			text = "1"
		}
		if s.IntN(4) == 0 {
			s.needs("V-BOOL-1")
			text = strconv.FormatBool(v)
		}
		s.element("boolean", text, false)
	case float64:
		s.element(s.pick("double", "ex:float"), strconv.FormatFloat(v, s.pick("f", "e", "E", "g")[0], -1, 64), true)
	case time.Time:
		s.date(v)
	case []byte:
		text := base64.StdEncoding.EncodeToString(v)
		for i := 0; i < len(text) && !s.plain; i += 1 + s.IntN(20) {
			text = text[:i] + s.pick("", " ", "\n", "\r\n") + text[i:]
		}
		s.element("base64", text, false)
	case []any:
		s.array(v)
	case map[string]any:
		s.members(v)
	}
}

func (s *speller) string(v string) {
	switch {
	case !s.plain && s.IntN(2) == 0:
		s.text(v)
	case v == "" && s.IntN(2) == 0:
		s.gap()
		s.b.WriteString("<string/>")
		s.gap()
	default:
		s.element("string", v, false)
	}
}

func (s *speller) date(v time.Time) {
	layout := s.pick("20060102T15:04:05", "20060102T15:04:05", "2006-01-02T15:04:05", "20060102T150405", "2006-01-02 15:04:05Z", "20060102T15:04:05.000", "20060102T15:04:05,000")
	name := "dateTime.iso8601"
	if layout != "20060102T15:04:05" {
		s.needs("V-DT-1")
		name = s.pick(name, "ex:dateTime")
	}
	s.element(name, v.Format(layout), false)
}

func (s *speller) array(v []any) {
	s.gap()
	defer s.gap()
	if len(v) == 0 && s.IntN(2) == 0 {
		s.b.WriteString(s.pick("<array/>", "<array></array>", "<array><data/></array>"))
		return
	}
	s.open("array")
	s.gap()
	s.open("data")
	for _, item := range v {
		s.gap()
		s.value(item)
	}
	s.gap()
	s.close("data")
	s.gap()
	s.close("array")
}

func (s *speller) members(v map[string]any) {
	s.gap()
	defer s.gap()
	if len(v) == 0 && s.IntN(2) == 0 {
		s.b.WriteString("<struct/>")
		return
	}
	s.open("struct")
	for _, name := range slices.Sorted(maps.Keys(v)) {
		s.gap()
		s.open("member")
		s.gap()
		s.open("name")
		s.text(name)
		s.close("name")
		s.gap()
		s.value(v[name])
		s.gap()
		s.close("member")
	}
	s.gap()
	s.close("struct")
}

// However a value is spelled it means the same, into plain values, into a Raw
// and through one (X8, X9, X12, X14 to X16, V-*).
func TestEverySpelling(t *testing.T) {
	m := newMaker(3)
	for i := range 400 {
		v := m.value(3)
		doc, _ := m.spelled(v)
		got, err := param(doc, "")
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Fatalf("document %d, %s\n= %#v, %v\nwant %#v", i, doc, got, err, v)
		}
		c, err := wire.ParseCall([]byte(doc), "", wire.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var raw wire.Raw
		if err := c.Decode(0, &raw); err != nil {
			t.Fatalf("document %d, %s into a Raw: %v", i, doc, err)
		}
		checkRaw(t, raw, v)
	}
}
