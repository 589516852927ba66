package web

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"co2/methods/wire"
)

// Bounds of an answer as it is shown.
const (
	maxShownXML   = 64 << 10
	maxShownText  = 4 << 10
	maxShownNodes = 2000
	maxShownDepth = 32
	maxOpenLines  = 60 // of a tree; what is behind them is closed at first
	lineText      = 80 // octets of a text, about, on a line
)

// An answer is what came of a call.
type answer struct {
	Took  time.Duration
	Fault *wire.Fault
	Tree  node
	Cut   bool   // the tree is not all of it
	XML   string // the document
	Size  int    // of it, in octets
	Shown int    // of these, in XML
	Error string // why there is no answer, or none that can be read
}

// XMLCut reports whether the document is not all shown.
func (a answer) XMLCut() bool { return a.Shown < a.Size }

// FaultWords say what a fault code means; empty: it is of the method itself.
func (a answer) FaultWords() string {
	switch a.Fault.Code {
	case wire.ParseError:
		return "the call is not well-formed XML"
	case wire.UnsupportedEncoding, wire.InvalidCharacter:
		return "the call holds characters that cannot be read"
	case wire.InvalidRequest:
		return "the call is not XML-RPC"
	case wire.MethodNotFound:
		return "there is no such method"
	case wire.InvalidParams:
		return "a param is missing or of the wrong type"
	case wire.InternalError:
		return "the server failed; its log tells why"
	case wire.LimitExceeded:
		return "more than the server takes"
	case wire.Busy:
		return "the server is busy; try again"
	case wire.DeadlineExceeded:
		return "it took too long"
	case wire.NotPermitted:
		return "you may not call it from here"
	case wire.TransportError:
		return "the far end could not be asked"
	}
	return ""
}

// A node is a value in the tree of an answer.
type node struct {
	Name  string // of a member or item; empty for the result itself
	Type  string
	Text  string // of a single value
	Items []node // of a struct or array
	Count int    // of these, with those that are not shown
	Cut   bool   // Text or Items are not all
	Shut  bool   // shown closed at first
	Fold  int    // Items from this one on are, too
}

// Group reports whether the node holds others.
func (n node) Group() bool { return n.Type == "struct" || n.Type == "array" }

// newAnswer reads the document that a call brought.
func newAnswer(doc []byte, charset string, err error, took time.Duration) *answer {
	a := &answer{Took: took, Size: len(doc), XML: cutText(strings.ToValidUTF8(string(doc[:min(len(doc), maxShownXML+utf8.UTFMax)]), "\uFFFD"), maxShownXML)}
	a.Shown, a.XML = len(a.XML), referBidi(a.XML)
	if err != nil {
		a.Error = plainTrouble(err)
		return a
	}
	var result wire.Raw
	err = wire.ParseResponse(doc, charset, wire.Limits{}, &result)
	if fault, ok := errors.AsType[*wire.Fault](err); ok {
		a.Fault = fault
		return a
	}
	if err != nil {
		a.Error = "the answer cannot be read: " + err.Error()
		return a
	}
	t := treeMaker{left: maxShownNodes}
	a.Tree = t.node("", result, 0)
	lines := maxOpenLines
	a.Tree.fold(&lines)
	a.Cut = t.cut
	return a
}

// fold closes what is behind so many lines, so that what comes after the tree
// stays within reach. What is opened has as many again.
func (n *node) fold(lines *int) {
	n.Fold = len(n.Items)
	for i := range n.Items {
		if *lines <= 0 {
			n.Fold = min(n.Fold, i)
		}
		item, again := &n.Items[i], maxOpenLines
		*lines -= 1 + len(item.Text)/lineText
		if item.Shut || i >= n.Fold {
			item.fold(&again)
		} else {
			item.fold(lines)
		}
	}
}

// Open are the items that are shown at first, Folded the others.
func (n node) Open() []node   { return n.Items[:n.Fold] }
func (n node) Folded() []node { return n.Items[n.Fold:] }

// A treeMaker turns a value into nodes, as many as a page shows.
type treeMaker struct {
	left int
	cut  bool
}

func (t *treeMaker) node(name string, v wire.Raw, depth int) node {
	t.left--
	n := node{Name: cutText(name, maxShownText), Type: v.Type(), Shut: depth > 2}
	switch n.Type {
	case "struct":
		members, err := v.Members()
		t.fail(err)
		for _, m := range members {
			if !t.room(depth) {
				break
			}
			n.Items = append(n.Items, t.node(m.Name, m.Value, depth+1))
		}
		n.Count = len(members)
	case "array":
		items, err := v.Items()
		t.fail(err)
		for i, item := range items {
			if !t.room(depth) {
				break
			}
			n.Items = append(n.Items, t.node(fmt.Sprintf("[%d]", i), item, depth+1))
		}
		n.Count = len(items)
	default:
		text := scalarText(v)
		if is := false; n.Type == "boolean" && v.Decode(&is) == nil {
			text = strconv.FormatBool(is) // XML-RPC spells it 0 and 1
		}
		n.Text = cutText(text, maxShownText)
		n.Cut = n.Text != text
	}
	n.Cut = n.Cut || len(n.Items) < n.Count
	t.cut = t.cut || n.Cut
	return n
}

func (t *treeMaker) room(depth int) bool { return t.left > 0 && depth < maxShownDepth }

func (t *treeMaker) fail(err error) { t.cut = t.cut || err != nil }

// scalarText is the text of a single value: of a string, what it says; of
// others, as they are spelled.
func scalarText(v wire.Raw) string {
	if v.Type() == "string" {
		var text string
		if v.Decode(&text) == nil {
			return text
		}
	}
	_, inner, _ := strings.Cut(strings.TrimPrefix(v.String(), "<value>"), ">")
	inner, _, ok := strings.Cut(inner, "</")
	if !ok {
		return "" // nil
	}
	return inner
}

// cutText cuts text to at most n octets, between characters.
func cutText(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
