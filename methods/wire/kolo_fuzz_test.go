package wire_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kolo/xmlrpc"
)

// FuzzAgainstKolo reads anything as the content of a value with kolo/xmlrpc
// too. Where both take it the values are equal, but for what xmlrpc.md 12.2
// knows.
func FuzzAgainstKolo(f *testing.F) {
	for _, x := range []string{
		"<string>a &lt;b&#62; c</string>", "<i4>+7</i4>", "<boolean>true</boolean>", "<double>-1.5e3</double>", "<nil/>", "<ex:nil/>", "<base64>YW\nJj</base64>",
		"<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>", "<dateTime.iso8601>1998-07-17T14:08:55.5+02:00</dateTime.iso8601>",
		list("<int>1</int>", "<string/>", "<array/>"), inner(members("a=<i8>5</i8>", "b="+inner(members("c=<base64/>")))),
	} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x string) { agreesWithKolo(t, one(x)) })
}

// TestKoloReadsAlike does the same with values spelled in many ways.
func TestKoloReadsAlike(t *testing.T) {
	m := newMaker(13)
	both := 0
	for range 600 {
		doc, _ := m.spelledPlainly(m.value(2))
		if agreesWithKolo(t, doc) {
			both++
		}
	}
	if both < 60 {
		t.Errorf("of 600 documents only %d were read by both", both)
	}
}

// agreesWithKolo reports whether both take doc, which is a call: kolo looks
// for the first value in anything.
func agreesWithKolo(t *testing.T, doc string) bool {
	t.Helper()
	ours, err := param(doc, "")
	if err != nil || koloMisreads([]byte(doc)) {
		return false
	}
	var kolo any
	if err := xmlrpc.Response(doc).Unmarshal(&kolo); err != nil {
		return false
	}
	if !koloAgrees(ours, kolo) {
		t.Fatalf("%q is %#v to us and %#v to kolo", doc, ours, kolo)
	}
	return true
}

// koloMisreads tells documents of which kolo loses a part without an error.
func koloMisreads(doc []byte) bool {
	// 12.2: text after a comment or CDATA is lost; instructions do the same.
	for _, markup := range []string{"<!--", "<![CDATA["} {
		if bytes.Contains(doc, []byte(markup)) {
			return true
		}
	}
	d := xml.NewDecoder(bytes.NewReader(doc))
	elements, text := 0, false // since the last <value>
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			return false
		}
		if err != nil {
			return true // another encoding, say
		}
		switch tok := tok.(type) {
		case xml.ProcInst:
			if tok.Target != "xml" {
				return true
			}
		case xml.StartElement:
			if elements++; tok.Name.Local == "value" {
				elements, text = 0, false
			}
		case xml.CharData:
			text = text || len(bytes.TrimSpace(tok)) > 0
		case xml.EndElement:
			// 12.2: an untyped value is an error, unless it is blank: then its
			// end is taken for that of the element round it, and what follows
			// there is lost.
			if tok.Name.Local == "value" && elements == 0 && !text {
				return true
			}
		}
	}
}

// koloAgrees compares values, by the rules of 12.2: what is empty is nil,
// base64 stays text, with its blanks, and a struct without members is a nil map.
func koloAgrees(ours, kolo any) bool {
	switch ours := ours.(type) {
	case string:
		return ours == kolo || ours == "" && kolo == nil
	case []byte:
		text, _ := kolo.(string)
		theirs, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		return err == nil && bytes.Equal(ours, theirs)
	case time.Time:
		theirs, ok := kolo.(time.Time)
		return ok && ours.Equal(theirs)
	case []any:
		theirs, ok := kolo.([]any)
		if len(ours) == 0 && kolo == nil { // <array/>, without data
			return true
		}
		if !ok || len(ours) != len(theirs) {
			return false
		}
		for i := range ours {
			if !koloAgrees(ours[i], theirs[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		theirs, ok := kolo.(map[string]any)
		if !ok || len(ours) != len(theirs) {
			return false
		}
		for name, item := range ours {
			if other, ok := theirs[name]; !ok || !koloAgrees(item, other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(ours, kolo)
}
