package web

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"co2/methods/wire"
)

// A Snippet is a small program that makes one call and prints what comes of
// it.
type Snippet struct {
	Language string
	Needs    string // what it takes to run it, in words
	Code     string
}

// Snippets write one call of the server at url in several languages. Where the
// usual library of a language cannot send the method's name or one of the params
// as it is, the program sends the document of the call itself. Params that are zero Raws
// have no spelling: without all of them there are no snippets.
func Snippets(url, method string, params []wire.Raw) []Snippet {
	doc, err := wire.AppendCall(nil, method, wireParams(params)...)
	if err != nil {
		return nil
	}
	c := copied{url: url, method: method, params: params, doc: referBidi(strings.TrimSpace(string(doc)))}
	return []Snippet{c.curl(), c.python(), c.perl(), c.ruby(), c.node(), c.php(), c.golang()}
}

// A copied is a call to be written down.
type copied struct {
	url, method string
	params      []wire.Raw
	doc         string
}

// A speller writes values as literals of a language. What its library cannot
// send as it is, it refuses.
type speller struct {
	quote  func(string) string
	scalar func(kind, text string) (code string, ok bool) // of all but strings, numbers in plain digits
	list   func(items []string) string
	dict   func(names, values []string) string // names are quoted
	text   func(quoted string) string          // a string value; nil: as quoted
	names  func(names []string) bool           // whether a struct can have them; nil: any
}

// plainName are the names of methods that every library sends as they are. Some
// refuse others, and some write them without escaping them.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_.:/]+$`)

// call is args, of a call that its library can make.
func (sp speller) call(c copied) (list []string, ok bool) {
	list, ok = sp.args(c.params)
	return list, ok && plainName.MatchString(c.method)
}

// args are the params as literals, one after another.
func (sp speller) args(params []wire.Raw) (list []string, ok bool) {
	for _, p := range params {
		code, ok := sp.literal(p)
		if !ok {
			return nil, false
		}
		list = append(list, code)
	}
	return list, true
}

func (sp speller) literal(v wire.Raw) (code string, ok bool) {
	switch kind := v.Type(); kind {
	case "string":
		text := scalarText(v)
		code = sp.quote(text)
		if sp.text != nil {
			code = sp.text(code)
		}
		return code, faithful(text)
	case "array":
		items, err := v.Items()
		if err != nil {
			return "", false
		}
		list, ok := sp.args(items)
		return sp.list(list), ok
	case "struct":
		return sp.structLiteral(v)
	default:
		text, ok := plainDigits(kind, scalarText(v))
		if !ok {
			return "", false
		}
		return sp.scalar(kind, text)
	}
}

func (sp speller) structLiteral(v wire.Raw) (code string, ok bool) {
	members, err := v.Members()
	if err != nil {
		return "", false
	}
	var plain, names, values []string
	for _, m := range members {
		code, ok := sp.literal(m.Value)
		if !ok || !faithful(m.Name) {
			return "", false
		}
		plain, names, values = append(plain, m.Name), append(names, sp.quote(m.Name)), append(values, code)
	}
	return sp.dict(names, values), sp.names == nil || sp.names(plain)
}

// refused tells which of the params it is that cannot be sent as it is, the
// first of them.
func (c copied) refused(sp speller) string {
	for i, p := range c.params {
		if where := sp.refused("param "+strconv.Itoa(i+1), p); where != "" {
			return where
		}
	}
	return "all of them together"
}

// refused is empty if v can be sent.
func (sp speller) refused(where string, v wire.Raw) string {
	if _, ok := sp.literal(v); ok {
		return ""
	}
	items, _ := v.Items() // of another type, none
	for i, item := range items {
		if inner := sp.refused(fmt.Sprintf("%s › %d", where, i+1), item); inner != "" {
			return inner
		}
	}
	members, _ := v.Members()
	for _, m := range members {
		if inner := sp.refused(where+" › "+cutText(m.Name, maxNameText), m.Value); inner != "" {
			return inner
		}
	}
	switch {
	case len(items)+len(members) > 0:
		return where + " (the names in it)"
	case v.Type() == "struct" || v.Type() == "array" || v.Type() == "string":
		return where + " (" + v.Type() + ")"
	}
	return where + " (" + v.Type() + " " + cutText(scalarText(v), maxRefusedText) + ")"
}

// maxRefusedText is how much is shown of a value that cannot be sent.
const maxRefusedText = 40

// faithful reports whether libraries send text as it is: a carriage return
// becomes a line feed on its way, unless it is written as a reference.
func faithful(text string) bool { return !strings.ContainsRune(text, '\r') }

// plainDigits writes numbers as every language reads them: 007 is 7.
func plainDigits(kind, text string) (string, bool) {
	switch kind {
	case "int", "i8":
		n, err := strconv.ParseInt(text, 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	case "double":
		f, err := strconv.ParseFloat(text, 64)
		digits := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(digits, ".") {
			digits += ".0"
		}
		return digits, err == nil
	}
	return text, true
}

// quoteWith quotes text between ", with a backslash before each of special,
// the usual \n and \t, and escape for what cannot be seen or is not printed as
// it stands: what is shown is what runs.
func quoteWith(text, special string, escape func(r rune) string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '"' || r == '\\' || strings.ContainsRune(special, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
	}
	b.WriteByte('"')
	return b.String()
}

// braced is the escape of a character in many languages.
func braced(r rune) string { return fmt.Sprintf(`\u{%x}`, r) }

// pairs joins names and values.
func pairs(names, values []string, between string) string {
	list := make([]string, len(names))
	for i := range names {
		list[i] = names[i] + between + values[i]
	}
	return strings.Join(list, ", ")
}

func bracketed(items []string) string { return "[" + strings.Join(items, ", ") + "]" }

// comma joins the arguments of a function, the first of them first.
func comma(first string, more []string) string {
	return strings.Join(append([]string{first}, more...), ", ")
}
