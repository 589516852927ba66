package conformance

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A node is an element of a document, for reading answers.
type node struct {
	name  string
	text  string // all text directly in it
	nodes []*node
}

// parse reads a document into its root. Attributes are dropped.
func parse(doc []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.CharsetReader = latin
	top := new(node)
	open := []*node{top}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		in := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			child := &node{name: token.Name.Local}
			in.nodes = append(in.nodes, child)
			open = append(open, child)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			in.text += string(token)
		}
	}
	if len(top.nodes) != 1 || strings.TrimSpace(top.text) != "" {
		return nil, errors.New("not one root element")
	}
	return top.nodes[0], nil
}

// latin lets answers be declared in the encodings that are subsets of UTF-8
// as far as the suite goes, or ISO 8859-1.
func latin(charset string, in io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(in)
	switch strings.ToLower(charset) {
	case "us-ascii", "utf8":
		return bytes.NewReader(b), err
	case "iso-8859-1", "latin1":
		var s strings.Builder
		for _, c := range b {
			s.WriteRune(rune(c))
		}
		return strings.NewReader(s.String()), err
	}
	return nil, fmt.Errorf("charset %q", charset)
}

// only is the single child of n, which must have this name.
func (n *node) only(name string) (*node, error) {
	if len(n.nodes) != 1 || n.nodes[0].name != name {
		return nil, fmt.Errorf("<%s> holds %d elements, want one <%s>", n.name, len(n.nodes), name)
	}
	return n.nodes[0], nil
}

// path follows only.
func (n *node) path(names ...string) (_ *node, err error) {
	for _, name := range names {
		if n, err = n.only(name); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// result is the one value of an answer that is no fault.
func result(doc []byte) (*node, error) {
	root, err := parse(doc)
	if err != nil {
		return nil, err
	}
	if root.name != "methodResponse" {
		return nil, fmt.Errorf("the root is <%s>", root.name)
	}
	return root.path("params", "param", "value")
}

// A fault is what a <fault> tells.
type fault struct {
	code int
	text string
}

// faultOf reads a fault; nil if the document is none.
func faultOf(doc []byte) *fault {
	root, err := parse(doc)
	if err != nil {
		return nil
	}
	v, err := root.path("fault", "value")
	if err != nil {
		return nil
	}
	code, text := v.member("faultCode"), v.member("faultString")
	if code == nil || text == nil {
		return nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(code.normal(), "int "))
	if err != nil {
		return nil
	}
	return &fault{n, text.scalar()}
}

// member is the value of a member of the struct in value n, or nil.
func (n *node) member(name string) *node {
	s, err := n.only("struct")
	if err != nil {
		return nil
	}
	for _, m := range s.nodes {
		if len(m.nodes) == 2 && m.nodes[0].text == name {
			return m.nodes[1]
		}
	}
	return nil
}

// scalar is the text of a value without elements below its type.
func (n *node) scalar() string {
	if len(n.nodes) == 1 {
		return n.nodes[0].text
	}
	return n.text
}

// normal spells what a value means, whatever way it is written.
func (n *node) normal() string {
	if len(n.nodes) == 0 {
		return "string " + strconv.Quote(n.text)
	}
	typed := n.nodes[0]
	text := strings.TrimSpace(typed.text)
	switch typed.name {
	case "int", "i4", "i8", "i1", "i2":
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return "int " + strconv.FormatInt(i, 10)
		}
	case "double", "float":
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return "double " + strconv.FormatFloat(f, 'g', -1, 64)
		}
	case "string":
		return "string " + strconv.Quote(typed.text)
	case "base64":
		if b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil {
			return fmt.Sprintf("base64 %q", b)
		}
	case "dateTime.iso8601":
		return "date " + strings.ReplaceAll(text, "-", "")
	case "array":
		return typed.normalArray()
	case "struct":
		return typed.normalStruct()
	}
	return typed.name + " " + text
}

func (n *node) normalArray() string {
	var items []string
	for _, data := range n.nodes {
		for _, item := range data.nodes {
			items = append(items, item.normal())
		}
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func (n *node) normalStruct() string {
	var members []string
	for _, m := range n.nodes {
		if len(m.nodes) == 2 {
			members = append(members, strconv.Quote(m.nodes[0].text)+": "+m.nodes[1].normal())
		}
	}
	slices.Sort(members)
	return "{" + strings.Join(members, ", ") + "}"
}

// normalOf spells a value given in XML, without the <value> around it.
func normalOf(x string) string {
	n, err := parse([]byte("<value>" + x + "</value>"))
	if err != nil {
		return "unreadable " + x
	}
	return n.normal()
}
