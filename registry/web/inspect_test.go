package web_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A document is what a test learned of a page.
type document struct {
	text  string   // all text, as a reader sees it
	links []string // href and action, but those of svg
}

// voids are the elements without an end.
var voids = []string{"meta", "link", "input", "br", "hr", "img"}

// An inspector reads a page strictly: every element is closed where it has to
// be, and what holds for all our pages holds for it.
type inspector struct {
	t       *testing.T
	where   string
	open    []string
	ids     map[string]bool
	refs    []string // ids that must be there
	heads   []int    // levels of headings
	tags    map[string]int
	labels  map[string]bool // ids with a label
	inputs  []string
	doc     document
	marks   map[string]bool // names of landmarks
	caption bool            // the table at hand has one
}

// inspect fails the test for whatever is wrong with a page.
func inspect(t *testing.T, where, page string) document {
	t.Helper()
	in := &inspector{t: t, where: where, ids: map[string]bool{}, tags: map[string]int{}, labels: map[string]bool{}, marks: map[string]bool{}}
	if !strings.HasPrefix(page, "<!DOCTYPE html>\n") {
		in.wrong("it begins with %.30q", page)
	}
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				in.wrong("it cannot be read: %v", z.Err())
			}
			in.end()
			return in.doc
		case html.StartTagToken:
			tok := z.Token()
			in.element(tok)
			if !slices.Contains(voids, tok.Data) {
				in.open = append(in.open, tok.Data)
			}
		case html.SelfClosingTagToken:
			in.element(z.Token())
		case html.EndTagToken:
			in.close(z.Token().Data)
		case html.TextToken:
			in.doc.text += string(z.Text()) + " "
		}
	}
}

func (in *inspector) wrong(format string, args ...any) {
	in.t.Helper()
	in.t.Errorf("GET %s: "+format, append([]any{in.where}, args...)...)
}

func (in *inspector) close(name string) {
	n := len(in.open)
	if n == 0 || in.open[n-1] != name {
		in.wrong("</%s> ends none, open are %v", name, in.open)
		return
	}
	in.open = in.open[:n-1]
	if name == "table" && !in.caption {
		in.wrong("a table has no caption")
	}
}

func (in *inspector) element(tok html.Token) {
	in.tags[tok.Data]++
	attrs := map[string]string{}
	for _, a := range tok.Attr {
		if _, twice := attrs[a.Key]; twice {
			in.wrong("%s has %s twice", tok, a.Key)
		}
		attrs[a.Key] = a.Val
		in.attribute(tok, a.Key, a.Val)
	}
	if name := attrs["aria-label"] + attrs["aria-labelledby"]; attrs["role"] == "region" || tok.Data == "nav" || tok.Data == "section" && name != "" {
		if in.marks[name] {
			in.wrong("two landmarks are named %q", name)
		}
		in.marks[name] = true
	}
	inSVG := slices.Contains(in.open, "svg")
	switch tok.Data {
	case "h1", "h2", "h3", "h4":
		in.heads = append(in.heads, int(tok.Data[1]-'0'))
	case "table":
		in.caption = false
	case "caption":
		in.caption = true
	case "th":
		if attrs["scope"] == "" {
			in.wrong("%s has no scope", tok)
		}
	case "svg":
		if attrs["aria-hidden"] != "true" && (attrs["role"] != "img" || attrs["aria-label"] == "") {
			in.wrong("%s is neither hidden nor named", tok)
		}
	case "style", "iframe", "object", "embed", "base", "img":
		in.wrong("there is a %s", tok)
	case "script":
		if attrs["src"] == "" {
			in.wrong("there is a script within the page")
		}
	case "title":
		if !inSVG && in.tags["title"] > 1 {
			in.wrong("it has two titles")
		}
	case "input", "select":
		if attrs["type"] != "hidden" && attrs["aria-label"] == "" {
			in.inputs = append(in.inputs, attrs["id"])
		}
	case "label":
		in.labels[attrs["for"]] = true
	case "time":
		if attrs["datetime"] == "" || !strings.HasSuffix(attrs["title"], " UTC") {
			in.wrong("%s does not tell its time in UTC", tok)
		}
	}
	if strings.Contains(attrs["class"], "wide") && (attrs["tabindex"] != "0" || attrs["role"] != "region" || attrs["aria-label"]+attrs["aria-labelledby"] == "") {
		in.wrong("%s scrolls, and is no named region to focus", tok)
	}
}

func (in *inspector) attribute(tok html.Token, key, value string) {
	switch {
	case key == "id":
		if value == "" || strings.ContainsAny(value, " \t\n") || in.ids[value] {
			in.wrong("%s: the id is bad or there twice", tok)
		}
		in.ids[value] = true
	case key == "style" || strings.HasPrefix(key, "on"):
		in.wrong("%s has style or script within", tok)
	case key == "for" || key == "aria-labelledby" || key == "aria-describedby" || key == "aria-controls":
		in.refs = append(in.refs, strings.Fields(value)...)
	case (key == "href" || key == "action") && strings.HasPrefix(value, "#"):
		in.refs = append(in.refs, value[1:])
	case key == "href" || key == "action":
		in.doc.links = append(in.doc.links, value)
	case key == "src" && !strings.HasPrefix(value, "/"):
		in.wrong("%s asks for something outside", tok)
	case key == "rel" && value == "stylesheet" && !strings.Contains(tok.String(), `href="/`):
		in.wrong("%s asks for something outside", tok)
	}
}

// end judges the page as a whole.
func (in *inspector) end() {
	if len(in.open) > 0 {
		in.wrong("%v are not closed", in.open)
	}
	for _, ref := range in.refs {
		if !in.ids[ref] {
			in.wrong("nothing has the id %q that is referred to", ref)
		}
	}
	for _, id := range in.inputs {
		if !in.labels[id] {
			in.wrong("the input %q has no label", id)
		}
	}
	for _, tag := range []string{"html", "head", "body", "main", "header", "footer", "h1"} {
		if in.tags[tag] != 1 {
			in.wrong("it has %d of %s, want 1", in.tags[tag], tag)
		}
	}
	for i, level := range in.heads {
		if i == 0 && level != 1 || i > 0 && level > in.heads[i-1]+1 {
			in.wrong("its headings go %v", in.heads)
			break
		}
	}
	for _, sign := range []string{"ZgotmplZ", "<no value>", "%!", "<nil>", "NaN"} {
		if strings.Contains(in.doc.text, sign) || slices.ContainsFunc(in.doc.links, func(l string) bool { return strings.Contains(l, sign) }) {
			in.wrong("it shows %s", sign)
		}
	}
}
