package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"co2/methods"
	"co2/methods/wire"
)

// A callPage is the page of one method, with its form.
type callPage struct {
	Method
	Host, Nick string // of the satellite whose method it is; empty: this server's
	NoForm     string // why it cannot be called from here
	Paused     bool   // which is that the satellite is paused
	Fields     []field
	Trouble    string // why the call was not made
	XML        string // the call as a document, without secrets
	Withheld   bool   // XML and Copies lack what was typed and is never shown
	Raw        bool   // the document was sent, not the form
	Answer     *answer
	Copies     []Snippet
}

// A caller makes a call, a document, and returns the document of its answer
// with the charset that its media type told.
type caller func(ctx context.Context, call []byte) (answer []byte, charset string, err error)

// method is the page of a method of this server.
func (s server) method(w http.ResponseWriter, r *http.Request) {
	m, ok := findMethod(s.site.Methods(), r.PathValue("name"))
	if !ok {
		s.nothing(w, r)
		return
	}
	p := callPage{Method: m, NoForm: neverSent(m.Name)}
	var call caller
	if s.site.Call == nil {
		p.NoForm = "these pages make no calls"
	} else {
		call = func(ctx context.Context, doc []byte) ([]byte, string, error) { return s.site.Call(ctx, doc), "", nil }
	}
	url := ""
	if s.site.Address != nil {
		url = s.site.Address(r)
	}
	s.form(w, r, page{Title: m.Name, Section: "/methods"}, p, url, call)
}

// findMethod returns the method of any of its names, under that name.
func findMethod(list []Method, name string) (Method, bool) {
	for _, m := range list {
		if m.Name == name {
			return m, true
		}
		if i := slices.Index(m.Aliases, name); i >= 0 {
			m.Aliases = append([]string{m.Name}, slices.Delete(slices.Clone(m.Aliases), i, i+1)...)
			m.Name = name
			return m, true
		}
	}
	return Method{}, false
}

// form shows p with its form as it was sent, and the call made if that was
// asked for.
func (s server) form(w http.ResponseWriter, r *http.Request, at page, p callPage, url string, call caller) {
	sent, trouble := sentForm(r)
	p.Trouble = trouble
	do := sent.Get("do")
	p.Fields = newFields(p.Method, sent)
	doc, trouble := []byte(nil), ""
	switch {
	case p.NoForm != "" || p.Trouble != "":
	case do == "call":
		doc, trouble = p.document()
	case do == "raw":
		p.Raw, p.XML = true, sent.Get("xml")
		doc, trouble = p.ownDocument()
	}
	if trouble != "" {
		p.Trouble = trouble
	}
	if doc != nil {
		began := time.Now()
		answer, charset, err := call(r.Context(), doc)
		p.Answer = newAnswer(answer, charset, err, time.Since(began))
	}
	p.show(url, sent)
	at.Data = p
	s.show(w, r, "call", at)
}

// sentForm returns what was sent with the form; of a GET, nothing.
func sentForm(r *http.Request) (sent url.Values, trouble string) {
	if r.Method != http.MethodPost {
		return url.Values{}, ""
	}
	if err := r.ParseForm(); err != nil {
		return url.Values{}, "the form cannot be read"
	}
	return r.PostForm, ""
}

// document is the call as the form says, with its secrets, or nil and why
// there is none.
func (p *callPage) document() ([]byte, string) {
	params, ok := p.values(p.Fields, true)
	if !ok {
		return nil, "The call was not made."
	}
	if why := forbidden(p.Name, params); why != "" {
		return nil, why
	}
	doc, err := wire.AppendCall(nil, p.Name, wireParams(params)...)
	if err != nil {
		return nil, "The call cannot be written: " + err.Error()
	}
	return doc, ""
}

// values are the params that fields hold.
func (p *callPage) values(fields []field, secrets bool) (params []wire.Raw, ok bool) {
	if p.Untold {
		fields = fields[0].Fields
	}
	return values(fields, secrets)
}

// ownDocument is the call that was sent as XML.
func (p *callPage) ownDocument() ([]byte, string) {
	method, params, err := readCall(p.XML)
	switch {
	case err != nil:
		return nil, "The call was not made. " + err.Error()
	case method != p.Name:
		return nil, "The call was not made: this is the page of another method than the XML names."
	}
	if why := forbidden(method, params); why != "" {
		return nil, why
	}
	return []byte(p.XML), ""
}

// readCall takes a call apart. What it says of its encoding does not count:
// it came in a form.
func readCall(doc string) (method string, params []wire.Raw, err error) {
	c, err := wire.ParseCall([]byte(doc), "utf-8", wire.Limits{})
	if err != nil {
		return "", nil, err
	}
	n, err := c.Len()
	if err != nil {
		return "", nil, err
	}
	params = make([]wire.Raw, n)
	for i := range params {
		if err := c.Decode(i, &params[i]); err != nil {
			return "", nil, err
		}
	}
	return c.Method, params, nil
}

func wireParams(params []wire.Raw) []any {
	list := make([]any, len(params))
	for i, p := range params {
		list[i] = p
	}
	return list
}

// show fills in the call as it is shown: as the form has it, or a plain one
// where that cannot be.
func (p *callPage) show(url string, sent url.Values) {
	if p.NoForm != "" {
		return
	}
	method, params, err := readCall(p.XML)
	if !p.Raw || err != nil {
		method = p.Name
		var ok bool
		if params, ok = p.values(newFields(p.Method, sent), false); !ok || len(sent) == 0 {
			params = samples(p.Params)
		}
		p.Withheld = ok && len(sent) > 0 && withheld(p.Fields)
	}
	if !p.Raw {
		doc, err := wire.AppendCall(nil, method, wireParams(params)...)
		if err != nil {
			return
		}
		p.XML = referBidi(string(doc))
	}
	if method == p.Name && forbidden(method, params) == "" {
		p.Copies = Snippets(url, method, params)
	}
}

// withheld reports whether fields hold something that is not shown.
func withheld(fields []field) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.Secret && f.touched() || withheld(f.Fields) })
}

// samples are params that have the right types, without what may be left out.
func samples(shapes []methods.Shape) []wire.Raw {
	var list []wire.Raw
	for _, s := range shapes {
		if s.Optional {
			break
		}
		list = append(list, sample(s))
	}
	return list
}

func sample(s methods.Shape) wire.Raw {
	var v any = ""
	switch s.Type {
	case "int", "i8":
		v = 0
	case "boolean":
		v = false
	case "double":
		v = 0.0
	case "dateTime.iso8601":
		v = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	case "base64":
		v = []byte{}
	case "array":
		v = []any{}
	case "struct":
		members := map[string]any{}
		for _, m := range s.Members {
			if !m.Optional {
				members[m.Name] = sample(m)
			}
		}
		v = members
	}
	raw, _ := wire.NewRaw(v) // of these, all have a spelling
	return raw
}

// neverSent says why no form calls the method, if none does.
func neverSent(method string) string {
	if lastWord(method) == "notify" {
		return "notify is for the relay to call, with the password that the satellite registered; no form sends it"
	}
	return ""
}

func lastWord(method string) string {
	method = strings.TrimSpace(method)
	return method[strings.LastIndexByte(method, '.')+1:]
}

// forbidden says why a call is not sent, if it is not: it may hold another one
// that no form sends.
func forbidden(method string, params []wire.Raw) string {
	switch lastWord(method) {
	case "call_method", "method_call", "multicall":
		for _, p := range params {
			if why := namesForbidden(p); why != "" {
				return why
			}
		}
	}
	return neverSent(method)
}

func namesForbidden(v wire.Raw) string {
	items, _ := v.Items() // of another type, none
	members, _ := v.Members()
	for _, m := range members {
		if name := ""; (m.Name == "method_name" || m.Name == "methodName") && m.Value.Decode(&name) == nil {
			if why := neverSent(name); why != "" {
				return why
			}
		}
		items = append(items, m.Value)
	}
	for _, item := range items {
		if why := namesForbidden(item); why != "" {
			return why
		}
	}
	return ""
}

// Bad are the fields that keep the call from being made.
func (p callPage) Bad() []badField { return badFields(nil, "", p.Fields) }

// NeedsOperator reports whether not everybody may call the method.
func (p callPage) NeedsOperator() bool { return p.Access == "operator" || p.Access == "admin" }

// Shape is the signature without the name, which is the heading.
func (p callPage) Shape() string { return strings.TrimPrefix(p.Signature, p.Name) }

// About is the help without the paragraphs of ours that the page tells anyway:
// on params, which are fields, and on access.
func (p callPage) About() string {
	var about []string
	for part := range strings.SplitSeq(p.Help, "\n\n") {
		first, _, _ := strings.Cut(part, "\n")
		isParams := (first == "Keys:" || first == "Params, in this order:") && len(p.Params) > 0
		if !isParams && (p.Access == "" || part != "For "+p.Access+" access only.") {
			about = append(about, part)
		}
	}
	return strings.Join(about, "\n\n")
}
