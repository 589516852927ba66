package web_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"co2/methods"
	"co2/methods/wire"
	"co2/registry/web"
)

// callSite is a server with one method, and what it was sent.
func callSite(m web.Method) (h http.Handler, calls *[]string) {
	calls = new([]string)
	s := site()
	s.Methods = func() []web.Method { return []web.Method{m} }
	s.Address = func(*http.Request) string { return "http://127.0.0.1:2003/RPC2" }
	s.Call = func(_ context.Context, call []byte) []byte {
		*calls = append(*calls, string(call))
		return []byte(`<?xml version="1.0"?><methodResponse><params><param><value><string>` + "done &lt;b&gt;" + `</string></value></param></params></methodResponse>`)
	}
	return web.Handler(s), calls
}

// send posts a form to a page.
func send(h http.Handler, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// form makes values of name and value in turn.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// everything is a struct with a member of each type.
var everything = methods.Shape{Name: "param_dict", Type: "struct", Members: []methods.Shape{
	{Name: "s", Type: "string"},
	{Name: "i", Type: "int"},
	{Name: "d", Type: "double", Optional: true},
	{Name: "b", Type: "boolean", Optional: true},
	{Name: "t", Type: "dateTime.iso8601", Optional: true},
	{Name: "o", Type: "base64", Optional: true},
	{Name: "list", Type: "array", Optional: true, Item: &methods.Shape{Type: "struct", Members: []methods.Shape{{Name: "n", Type: "int"}}}},
	{Name: "in", Type: "struct", Optional: true, Members: []methods.Shape{{Name: "x", Type: "int"}}},
	{Name: "any", Type: "undef", Optional: true},
	{Name: "free", Type: "struct", Optional: true},
	{Name: "notify_pass", Type: "string", Optional: true},
}}

// TestFormsMakeCalls fills in forms and reads the call that comes of it.
func TestFormsMakeCalls(t *testing.T) {
	type members = map[string]any
	with := func(more members) members {
		m := members{"s": "", "i": 1}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	raw := func(json string) wire.Raw {
		v, err := wire.ParseJSON([]byte(json))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct {
		name string
		form []string // beside i, which is required
		want members
	}{
		{"what may be left out is", nil, with(nil)},
		{"text", []string{"v.p0.0", "<b>&\r\n 日本"}, with(members{"s": "<b>&\n 日本"})},
		{"a number without a point", []string{"v.p0.2", " 3 "}, with(members{"d": 3.0})},
		{"a number with an exponent", []string{"v.p0.2", "-1.5e3"}, with(members{"d": -1500.0})},
		{"false is not nothing", []string{"v.p0.3", "false"}, with(members{"b": false})},
		{"a date", []string{"v.p0.4", "20261121T04:05:06"}, with(members{"t": raw(`{"$dateTime":"20261121T04:05:06"}`)})},
		{"a date as pickers write it", []string{"v.p0.4", "2026-11-21T04:05"}, with(members{"t": raw(`{"$dateTime":"20261121T04:05:00"}`)})},
		{"base64 on lines", []string{"v.p0.5", "YQ\r\n=="}, with(members{"o": []byte("a")})},
		{"rows of an array, the empty one is left out", []string{"n.p0.6", "3", "v.p0.6.0.0", "7", "v.p0.6.2.0", "8"}, with(members{"list": []any{members{"n": 7}, members{"n": 8}}})},
		{"a struct within", []string{"v.p0.7.0", "5"}, with(members{"in": members{"x": 5}})},
		{"any: text", []string{"v.p0.8", "text"}, with(members{"any": "text"})},
		{"any: nil", []string{"t.p0.8", "nil"}, with(members{"any": nil})},
		{"any: 64 bit", []string{"t.p0.8", "i8", "v.p0.8", "5"}, with(members{"any": raw(`{"$i8":"5"}`)})},
		{"any: typed JSON", []string{"t.p0.8", "json", "v.p0.8", `{"a":[1,2.0,null]}`}, with(members{"any": raw(`{"a":[1,2.0,null]}`)})},
		{"any: array of array", []string{"t.p0.8", "array", "t.p0.8.0", "array", "t.p0.8.0.0", "int", "v.p0.8.0.0", "4"}, with(members{"any": []any{[]any{4}}})},
		{"free members", []string{"n.p0.9", "2", "k.p0.9.0", "tempo", "t.p0.9.0", "int", "v.p0.9.0", "120", "k.p0.9.1", "__proto__", "v.p0.9.1", "x"}, with(members{"free": raw(`{"tempo":120,"__proto__":"x"}`)})},
		{"an empty text", []string{"e.p0.8", "1"}, with(members{"any": ""})},
		{"no octets", []string{"e.p0.5", "1"}, with(members{"o": []byte{}})},
		{"an empty array", []string{"e.p0.6", "1"}, with(members{"list": []any{}})},
		{"an empty struct", []string{"t.p0.8", "struct", "e.p0.8", "1"}, with(members{"any": members{}})},
		{"an empty text in a row", []string{"t.p0.8", "array", "n.p0.8", "2", "e.p0.8.1", "1"}, with(members{"any": []any{""}})},
		{"no number can be empty", []string{"e.p0.2", "1", "e.p0.3", "1"}, with(nil)},
		{"a password", []string{"v.p0.10", "hunter2"}, with(members{"notify_pass": "hunter2"})},
	}
	m := web.Method{Name: "x.all", Signature: "x.all(struct) → string", Help: "Takes all.", Access: "public", Params: []methods.Shape{everything}, Result: methods.Shape{Type: "string"}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, calls := callSite(m)
			f := form(append([]string{"do", "call", "v.p0.1", "1"}, tt.form...)...)
			page := send(h, "/methods/x.all", f).Body.String()
			inspect(t, "/methods/x.all", page)
			if len(*calls) != 1 {
				t.Fatalf("%d calls were made, want 1:\n%s", len(*calls), page)
			}
			c, err := wire.ParseCall([]byte((*calls)[0]), "", wire.Limits{})
			if err != nil || c.Method != "x.all" {
				t.Fatalf("the call %s: %v", (*calls)[0], err)
			}
			var got, want map[string]wire.Raw
			if err := c.Decode(0, &got); err != nil {
				t.Fatal(err)
			}
			spelled, err := wire.NewRaw(tt.want)
			if err != nil {
				t.Fatal(err)
			}
			if err := spelled.Decode(&want); err != nil {
				t.Fatal(err)
			}
			for k := range want {
				if got[k] != want[k] {
					t.Errorf("member %s = %s, want %s", k, got[k], want[k])
				}
			}
			if len(got) != len(want) {
				t.Errorf("the call has %v, want %v", got, want)
			}
			if !strings.Contains(page, "done &lt;b&gt;") || strings.Contains(page, "<b>") && !strings.Contains(page, "co2 <b>") {
				t.Errorf("the page does not show the answer as text")
			}
			if strings.Contains(page, "hunter2") {
				t.Error("the page shows the password that was typed")
			}
		})
	}
}

// TestMethodPagesSayThingsOnce: the name is the heading, and who may call it
// stands in one place.
func TestMethodPagesSayThingsOnce(t *testing.T) {
	m := web.Method{Name: "relay.pin", Signature: "relay.pin(struct) → string", Help: "Keeps it.\n\nKeys:\n  s (string): told\n\nFor operator access only.", Access: "operator", Params: []methods.Shape{everything}}
	h, _ := callSite(m)
	page := get(h, "GET", "/methods/relay.pin").Body.String()
	inspect(t, "/methods/relay.pin", page)
	if !strings.Contains(page, "<code>(struct) → string</code>") || strings.Contains(page, "<code>relay.pin(") || strings.Contains(page, "access only") || strings.Contains(page, "Keys:") || !strings.Contains(page, "Access: operator.") {
		t.Errorf("the page says things twice:\n%s", page)
	}
}

// TestEmptyTextsAreOffered: what may be left out can be sent empty, and a tick
// for that stays.
func TestEmptyTextsAreOffered(t *testing.T) {
	m := web.Method{Name: "x", Help: "Helps.", Access: "public", Params: []methods.Shape{{Name: "reason", Type: "string", Optional: true}, {Name: "n", Type: "int", Optional: true}, {Name: "must", Type: "string"}}}
	h, _ := callSite(m)
	page := send(h, "/methods/x", form("do", "call", "e.p0", "1")).Body.String()
	inspect(t, "/methods/x", page)
	if !strings.Contains(page, `name="e.p0" value="1" checked>`) || strings.Contains(page, `name="e.p1"`) || strings.Contains(page, `name="e.p2"`) {
		t.Errorf("the form offers to send empty what it should not, or not what it should:\n%s", page)
	}
}

// TestFormsThatMakeNoCall tells what is wrong, beside the field.
func TestFormsThatMakeNoCall(t *testing.T) {
	m := web.Method{Name: "x.all", Signature: "x.all(struct) → string", Help: "Takes all.", Access: "public", Params: []methods.Shape{everything}, Result: methods.Shape{Type: "string"}}
	tests := map[string]struct {
		form []string
		want string
	}{
		"a required number is missing": {[]string{"v.p0.1", ""}, "no whole number"},
		"no number":                    {[]string{"v.p0.1", "1; DROP"}, "no whole number"},
		"beyond 64 bit":                {[]string{"v.p0.1", "9223372036854775808"}, "no whole number"},
		"NaN":                          {[]string{"v.p0.1", "1", "v.p0.2", "NaN"}, "no number"},
		"no boolean":                   {[]string{"v.p0.1", "1", "v.p0.3", "<script>"}, "choose true or false"},
		"a date that is none":          {[]string{"v.p0.1", "1", "v.p0.4", "20260231T00:00:00"}, "no date"},
		"base64 that is none":          {[]string{"v.p0.1", "1", "v.p0.5", "%%%"}, "no base64"},
		"a control character":          {[]string{"v.p0.1", "1", "v.p0.0", "a\x00b"}, "XML cannot carry"},
		"not UTF-8":                    {[]string{"v.p0.1", "1", "v.p0.0", "\xff"}, "XML cannot carry"},
		"JSON that does not end":       {[]string{"v.p0.1", "1", "t.p0.8", "json", "v.p0.8", "{"}, "JSON, octet 1"},
		"a member without a name":      {[]string{"v.p0.1", "1", "v.p0.9.0", "x"}, "give the member a name"},
		"a name twice":                 {[]string{"v.p0.1", "1", "n.p0.9", "2", "k.p0.9.0", "a", "v.p0.9.0", "x", "k.p0.9.1", "a", "v.p0.9.1", "y"}, "twice in one struct"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h, calls := callSite(m)
			page := send(h, "/methods/x.all", form(append([]string{"do", "call"}, tt.form...)...)).Body.String()
			doc := inspect(t, "/methods/x.all", page)
			if len(*calls) > 0 || !strings.Contains(doc.text, tt.want) && !strings.Contains(page, tt.want) || !strings.Contains(page, "The call was not made") {
				t.Errorf("calls %q, want none and a page with %q:\n%s", *calls, tt.want, page)
			}
			if strings.Contains(page, "<script>") {
				t.Error("what was sent is markup on the page")
			}
		})
	}
}

// TestFormsTellWhyWhereTheyLand: a form leads to the answer, so it is there
// that one reads why there is none, with links to what has to be changed.
func TestFormsTellWhyWhereTheyLand(t *testing.T) {
	m := web.Method{Name: "x.all", Signature: "x.all(struct) → string", Help: "Takes all.", Access: "public", Params: []methods.Shape{everything}}
	for name, tt := range map[string]struct {
		form []string
		want []string
	}{
		"a field":     {[]string{"do", "call", "v.p0.1", "abc"}, []string{`<a href="#v.p0.1"><bdi>param_dict › i</bdi></a>: this is no whole number`}},
		"two, deep":   {[]string{"do", "call", "v.p0.2", "x", "n.p0.6", "2", "v.p0.6.1.0", "x"}, []string{`<a href="#v.p0.1">`, `<a href="#v.p0.2">`, `<a href="#v.p0.6.1.0"><bdi>param_dict › list › 2 › n</bdi></a>`}},
		"a name":      {[]string{"do", "call", "v.p0.1", "1", "v.p0.9.0", "x"}, []string{`<a href="#k.p0.9.0"><bdi>param_dict › free › 1</bdi></a>: give the member a name`}},
		"a group":     {[]string{"do", "call", "v.p0.1", "1", "v.p0.8", "x", "t.p0.8", "struct"}, []string{`<a href="#t.p0.8"><bdi>param_dict › any</bdi></a>`}},
		"the XML":     {[]string{"do", "raw", "xml", "<methodCall>"}, []string{`<a href="#xml">`, "The call was not made."}},
		"not allowed": {[]string{"do", "raw", "xml", "<methodCall><methodName>y</methodName></methodCall>"}, []string{"another method"}},
	} {
		h, _ := callSite(m)
		page := send(h, "/methods/x.all", form(tt.form...)).Body.String()
		inspect(t, name, page)
		_, answer, _ := strings.Cut(page, `<h2 id="answer">`)
		for _, want := range tt.want {
			if !strings.Contains(answer, want) || strings.Contains(answer, "No call has been made") {
				t.Errorf("%s: the answer lacks %q in\n%s", name, want, answer)
			}
		}
	}
}

// TestFormsGrow adds rows without a call, up to a bound, and keeps what was
// typed.
func TestFormsGrow(t *testing.T) {
	m := web.Method{Name: "x.all", Help: "Takes all.", Access: "public", Params: []methods.Shape{everything}}
	h, calls := callSite(m)
	f := form("do", "add p0.6", "n.p0.6", "2", "v.p0.6.1.0", evil, "v.p0.10", "hunter2")
	page := send(h, "/methods/x.all", f).Body.String()
	inspect(t, "/methods/x.all", page)
	if !strings.Contains(page, `name="n.p0.6" value="3"`) || !strings.Contains(page, `name="v.p0.6.2.0"`) || strings.Contains(page, "hunter2") || strings.Contains(page, "<script>") {
		t.Errorf("a row was added, and the page is\n%s", page)
	}
	for _, n := range []string{"50", "51", "1000000000", "-1", "x", "99999999999999999999"} {
		page := send(h, "/methods/x.all", form("do", "add p0.6", "n.p0.6", n)).Body.String()
		inspect(t, "/methods/x.all", page)
		if rows := strings.Count(page, `<fieldset id="p0.6.`); rows > 50 {
			t.Errorf("with n=%s there are %d rows, want at most 50", n, rows)
		}
	}
	deep := form("do", "show", "t.p0.8", "array")
	for path := "p0.8.0"; len(path) < 60; path += ".0" {
		deep.Set("t."+path, "array")
		deep.Set("n."+path, "50")
	}
	page = send(h, "/methods/x.all", deep).Body.String()
	inspect(t, "/methods/x.all", page)
	if len(page) > 2<<20 || !strings.Contains(page, "forms do not go deeper") {
		t.Errorf("a form of arrays in arrays has %d octets", len(page))
	}
	if len(*calls) > 0 {
		t.Errorf("calls were made: %q", *calls)
	}
}

// TestXMLOfCalls sends documents.
func TestXMLOfCalls(t *testing.T) {
	m := web.Method{Name: "x.all", Help: "Takes all.", Access: "public", Params: []methods.Shape{everything}}
	const head = `<?xml version="1.0"?><methodCall><methodName>`
	tests := map[string]struct {
		xml, want string
		sent      bool
	}{
		"a call":            {head + "x.all</methodName></methodCall>", "A result after", true},
		"another encoding":  {`<?xml version="1.0" encoding="ISO-8859-1"?><methodCall><methodName>x.all</methodName></methodCall>`, "A result after", true},
		"another method":    {head + "x.other</methodName></methodCall>", "another method", false},
		"no XML":            {"<script>alert(1)</script>", "want &lt;methodCall&gt;", false},
		"nothing":           {"", "not made", false},
		"a broken document": {head + "x.all</methodName><params>", "not made", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h, calls := callSite(m)
			page := send(h, "/methods/x.all", form("do", "raw", "xml", tt.xml)).Body.String()
			inspect(t, "/methods/x.all", page)
			if !strings.Contains(page, tt.want) || (len(*calls) == 1) != tt.sent || strings.Contains(page, "<script>") {
				t.Errorf("calls %q, want a page with %q:\n%s", *calls, tt.want, page)
			}
		})
	}
}

// TestNotifyIsNeverSent tries all ways to have a form send it.
func TestNotifyIsNeverSent(t *testing.T) {
	raw := func(method, json string) string {
		v, err := wire.ParseJSON([]byte(json))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := wire.AppendCall(nil, method, v)
		if err != nil {
			t.Fatal(err)
		}
		return string(doc)
	}
	any := []methods.Shape{{Name: "p", Type: "undef"}}
	for name, tt := range map[string]struct {
		method string
		form   url.Values
	}{
		"its own form":         {"notify", form("do", "call", "v.p0", "x")},
		"its own XML":          {"notify", form("do", "raw", "xml", raw("notify", "{}"))},
		"another name":         {"web.notify", form("do", "call", "v.p0", "x")},
		"through call_method":  {"web.call_method", form("do", "call", "t.p0", "json", "v.p0", `{"method_name":"notify","data":1}`)},
		"through method_call":  {"method_call", form("do", "raw", "xml", raw("method_call", `{"method_name":" web.notify "}`))},
		"through multicall":    {"system.multicall", form("do", "call", "t.p0", "json", "v.p0", `[{"methodName":"ping","params":[]},{"methodName":"notify","params":[]}]`)},
		"both, one in another": {"system.multicall", form("do", "call", "t.p0", "json", "v.p0", `[{"methodName":"call_method","params":[{"method_name":"notify"}]}]`)},
	} {
		t.Run(name, func(t *testing.T) {
			h, calls := callSite(web.Method{Name: tt.method, Help: "Takes all.", Access: "public", Params: any})
			page := send(h, "/methods/"+tt.method, tt.form).Body.String()
			inspect(t, "/methods/"+tt.method, page)
			if len(*calls) > 0 || !strings.Contains(page, "no form sends it") {
				t.Errorf("calls %q, want none and why:\n%s", *calls, page)
			}
		})
	}
}

// TestAnswersAreBounded shows large answers in part, and says so.
func TestAnswersAreBounded(t *testing.T) {
	answer := func(v any) []byte {
		doc, err := wire.AppendResponse(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	var deep any = "x"
	for range 100 {
		deep = []any{deep}
	}
	many := make([]any, 5000)
	for i := range many {
		many[i] = i
	}
	fault := wire.AppendFault(nil, wire.Fault{Code: -32601, String: evil})
	for name, tt := range map[string]struct {
		doc  []byte
		want string
	}{
		"long text":    {answer(strings.Repeat("é", 1<<20)), "not all of it is shown"},
		"many items":   {answer(many), "of 5,000 are shown"},
		"deep":         {answer(deep), "not all of it is shown"},
		"markup":       {answer(map[string]any{evil: evil}), "alert"},
		"a fault":      {fault, "Fault -32601, there is no such method"},
		"no XML-RPC":   {[]byte("<html><script>alert(1)</script>"), "the answer cannot be read"},
		"half of it":   {answer("x")[:80], "the answer cannot be read"},
		"nothing":      {nil, "the answer cannot be read"},
		"not UTF-8":    {[]byte("<?xml version=\"1.0\"?><methodResponse>\xff"), "the answer cannot be read"},
		"a long fault": {wire.AppendFault(nil, wire.Fault{Code: 5, String: strings.Repeat("x", 4000)}), "Fault 5, after"},
	} {
		t.Run(name, func(t *testing.T) {
			s := site()
			s.Methods = func() []web.Method { return []web.Method{{Name: "x", Help: "Helps.", Access: "public"}} }
			s.Call = func(context.Context, []byte) []byte { return tt.doc }
			page := send(web.Handler(s), "/methods/x", form("do", "call")).Body.String()
			doc := inspect(t, "/methods/x", page)
			if !strings.Contains(doc.text, tt.want) || strings.Contains(page, "<script>") || len(page) > 600<<10 {
				t.Errorf("a page of %d octets lacks %q", len(page), tt.want)
			}
		})
	}
}

// TestAnswersShowValuesInWords: what the tree of an answer says beside each
// type. XML-RPC's own spelling of a boolean is for programs.
func TestAnswersShowValuesInWords(t *testing.T) {
	for name, tt := range map[string]struct {
		value any
		want  string
	}{
		"true":         {true, `<bdi class="value">true</bdi> <span class="small">boolean</span>`},
		"false":        {false, `<bdi class="value">false</bdi> <span class="small">boolean</span>`},
		"in a struct":  {map[string]any{"paused": false}, `<bdi class="name">paused</bdi> <bdi class="value">false</bdi> <span class="small">boolean</span>`},
		"an int":       {1, `<bdi class="value">1</bdi> <span class="small">int</span>`},
		"text":         {"1", `<span class="text">"<bdi class="value">1</bdi>"</span> <span class="small">string</span>`},
		"empty text":   {"", `<span class="text">"<bdi class="value"></bdi>"</span> <span class="small">string, empty</span>`},
		"empty struct": {map[string]any{}, `<span class="small">struct of 0</span>`},
	} {
		doc, err := wire.AppendResponse(nil, tt.value)
		if err != nil {
			t.Fatal(err)
		}
		s := site()
		s.Methods = func() []web.Method { return []web.Method{{Name: "x", Help: "Helps.", Access: "public"}} }
		s.Call = func(context.Context, []byte) []byte { return doc }
		page := send(web.Handler(s), "/methods/x", form("do", "call")).Body.String()
		if !strings.Contains(page, tt.want) {
			t.Errorf("%s: the answer lacks %s in\n%s", name, tt.want, page)
		}
		if !strings.Contains(page, html.EscapeString(strings.TrimSpace(string(doc)))) {
			t.Errorf("%s: the answer's XML is not as it came:\n%s", name, page)
		}
	}
}

// TestLargeAnswersAreFolded: the beginning of an answer is open, so that what
// comes after it is within reach; nothing is left out for that.
func TestLargeAnswersAreFolded(t *testing.T) {
	list := func(n int, item any) (items []any) {
		for range n {
			items = append(items, item)
		}
		return items
	}
	for name, tt := range map[string]struct {
		value  any
		values int
	}{
		"a long list":     {list(500, "leaf"), 500},
		"lists in a list": {list(30, list(30, "leaf")), 900},
		"texts":           {list(100, "leaf"+strings.Repeat("x", 800)), 100},
		"a list, deep":    {[]any{[]any{[]any{list(500, "leaf")}}}, 500},
		"a small one":     {list(20, "leaf"), 20},
	} {
		doc, err := wire.AppendResponse(nil, tt.value)
		if err != nil {
			t.Fatal(err)
		}
		s := site()
		s.Methods = func() []web.Method { return []web.Method{{Name: "x", Help: "Helps.", Access: "public"}} }
		s.Call = func(context.Context, []byte) []byte { return doc }
		page := send(web.Handler(s), "/methods/x", form("do", "call")).Body.String()
		inspect(t, name, page)
		_, tree, _ := strings.Cut(page, `<div class="answer">`)
		tree, _, _ = strings.Cut(tree, "</div>")
		open, all, closed := 0, 0, 0 // closed: details around that are not open
		stack := []bool{}
		for tag := range strings.SplitSeq(tree, "<") {
			switch {
			case strings.HasPrefix(tag, "details"):
				shut := !strings.HasPrefix(tag, "details open")
				stack = append(stack, shut)
				if shut {
					closed++
				}
			case strings.HasPrefix(tag, "/details"):
				if stack[len(stack)-1] {
					closed--
				}
				stack = stack[:len(stack)-1]
			case strings.HasPrefix(tag, `bdi class="value">leaf`):
				all++
				if closed == 0 {
					open += 1 + (len(tag)-len(`bdi class="value">`))/80
				}
			}
		}
		if all != tt.values || open > 75 || tt.values < 60 && open != all {
			t.Errorf("%s: %d lines are open and %d values there, want 60 or so of all %d", name, open, all, tt.values)
		}
	}
}
