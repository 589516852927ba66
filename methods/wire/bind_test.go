package wire_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"co2/methods"
	"co2/methods/wire"
)

// passText takes a string or an int.
type passText string

func (passText) XMLRPCType() string { return "string" }

func (p *passText) SetXMLRPC(plain any) error {
	switch v := plain.(type) {
	case string:
		*p = passText(v)
	case int64:
		*p = passText(fmt.Sprint(v))
	default:
		return &methods.ParamError{Got: methods.GotType(plain), Want: "string"}
	}
	return nil
}

type item struct {
	Name string `xmlrpc:"name"`
	Size uint8  `xmlrpc:"size" optional:"true"`
}

type bound struct {
	Port    int            `xmlrpc:"port"`
	Small   int8           `xmlrpc:"small" optional:"true"`
	Nick    string         `xmlrpc:"nick" optional:"true"`
	Load    float64        `xmlrpc:"load" optional:"true"`
	Short   float32        `xmlrpc:"short" optional:"true"`
	Up      bool           `xmlrpc:"up" optional:"true"`
	At      time.Time      `xmlrpc:"at" optional:"true"`
	Data    []byte         `xmlrpc:"data" optional:"true"`
	Pass    passText       `xmlrpc:"pass" optional:"true"`
	Entries []item         `xmlrpc:"entries" optional:"true"`
	ByName  map[string]int `xmlrpc:"by name" optional:"true"`
	Any     any            `xmlrpc:"any" optional:"true"`
	Free    map[string]any `xmlrpc:"free" optional:"true"`
	Raw     wire.Raw       `xmlrpc:"raw" optional:"true"`
	Ptr     *item          `xmlrpc:"ptr" optional:"true"`
	PassPtr *passText      `xmlrpc:"passptr" optional:"true"`
	Two     [2]int         `xmlrpc:"two" optional:"true"`
	Big     uint64         `xmlrpc:"big" optional:"true"`
	_       int            // not exported: no member
}

// members is a struct value of "name=value" pairs, the values XML.
func members(pairs ...string) string {
	var b strings.Builder
	b.WriteString("<value><struct>")
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		b.WriteString("<member><name>" + name + "</name><value>" + value + "</value></member>")
	}
	return b.String() + "</struct></value>"
}

func list(values ...string) string {
	return "<array><data><value>" + strings.Join(values, "</value><value>") + "</value></data></array>"
}

func inner(s string) string { return strings.TrimSuffix(strings.TrimPrefix(s, "<value>"), "</value>") }

func TestBind(t *testing.T) {
	doc := call1(members("any="+list("<int>1</int>"), "port=<i8>80</i8>", "unknown="+inner(members("a=b")), "nick=x&amp;y",
		"load=<int>3</int>", "short=<double>0.5</double>", "up=<boolean>true</boolean>", "at=<dateTime.iso8601>20260102T03:04:05</dateTime.iso8601>",
		"data=<base64>YQ==</base64>", "pass=<int>42</int>", "entries="+list(inner(members("name=a", "size=<int>255</int>")), inner(members("name=b"))),
		"by name="+inner(members("k=<int>1</int>")), "free="+inner(members("k=<nil/>")), "raw=<i4>+1</i4>", "ptr="+inner(members("name=p")),
		"passptr=s", "two="+list("<int>1</int>", "<int>2</int>"), "big=<i8>9223372036854775807</i8>", "small=<int>-128</int>"))
	c, err := wire.ParseCall([]byte(doc), "", wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got := bound{Nick: "old", Entries: []item{{"old", 1}, {"old", 2}, {"old", 3}}}
	if err := c.Decode(0, &got); err != nil {
		t.Fatal(err)
	}
	if s := got.Raw.String(); s != "<value><int>+1</int></value>" {
		t.Errorf("raw member = %s", s)
	}
	pass := passText("s")
	want := bound{Port: 80, Nick: "x&y", Load: 3, Short: 0.5, Up: true, At: utc(2026, 1, 2, 3, 4, 5, 0), Data: []byte("a"), Pass: "42",
		Entries: []item{{"a", 255}, {"b", 0}}, ByName: map[string]int{"k": 1}, Any: []any{int64(1)}, Free: map[string]any{"k": nil},
		Ptr: &item{"p", 0}, PassPtr: &pass, Two: [2]int{1, 2}, Big: 1<<63 - 1, Small: -128}
	got.Raw = wire.Raw{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Decode = %+v\nwant %+v", got, want)
	}
	if n, err := c.Len(); n != 1 || err != nil {
		t.Errorf("Len = %d, %v", n, err)
	}
	again := bound{}
	if err := c.Decode(0, &again); err != nil || again.Port != 80 || !again.Raw.IsZero() && again.Raw.Type() != "int" {
		t.Errorf("Decode again = %+v, %v", again, err)
	}
}

func TestBindErrors(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{"<value><string>x</string></value>", "the param: got string, want struct"},
		{"<value/>", "the param: got string, want struct"},
		{"<value><nil/></value>", "the param: got nil, want struct"},
		{members(), `key "port": got nothing, want int`},
		{members("nick=a"), `key "port": got nothing, want int`},
		{members("port=80"), `key "port": got string, want int`},
		{members("port=<double>1.0</double>"), `key "port": got double, want int`},
		{members("port=<nil/>"), `key "port": got nil, want int`},
		{members("port=" + list("1")), `key "port": got array, want int`},
		{members("port=<int>1</int>", "small=<int>128</int>"), `key "small": got 128, want an int from -128 to 127`},
		{members("port=<int>1</int>", "big=<int>-1</int>"), `key "big": got -1, want an int from 0 to 9223372036854775807`},
		{members("port=<int>1</int>", "load=x"), `key "load": got string, want double`},
		{members("port=<int>1</int>", "short=<double>1e300</double>"), `key "short": got 1e300, want a double of 32 bit`},
		{members("port=<int>1</int>", "up=<int>1</int>"), `key "up": got int, want boolean`},
		{members("port=<int>1</int>", "up=<i8>1</i8>"), `key "up": got int, want boolean`},
		{members("port=<int>1</int>", "at=20260102T03:04:05"), `key "at": got string, want dateTime.iso8601`},
		{members("port=<int>1</int>", "data=YQ=="), `key "data": got string, want base64`},
		{members("port=<int>1</int>", "nick=<base64>YQ==</base64>"), `key "nick": got base64, want string`},
		{members("port=<int>1</int>", "pass=<boolean>1</boolean>"), `key "pass": got boolean, want string`},
		{members("port=<int>1</int>", "passptr=<nil/>"), `key "passptr": got nil, want string`},
		{members("port=<int>1</int>", "ptr=<nil/>"), `key "ptr": got nil, want struct`},
		{members("port=<int>1</int>", "entries="+list(inner(members("name=a")), inner(members("name=a")), inner(members("name=<int>1</int>")))),
			`key "entries[2].name": got int, want string`},
		{members("port=<int>1</int>", "entries="+list(inner(members("name=a")), inner(members()))), `key "entries[1].name": got nothing, want string`},
		{members("port=<int>1</int>", "entries="+list(inner(members("name=a", "size=<int>256</int>")))), `key "entries[0].size": got 256, want an int from 0 to 255`},
		{members("port=<int>1</int>", "by name="+inner(members("k=<int>1</int>", "j=x"))), `key "by name.j": got string, want int`},
		{members("port=<int>1</int>", "two="+list("<int>1</int>")), `key "two": got an array of 1, want an array of 2`},
		{members("port=<int>1</int>", "two="+list("<int>1</int>", "<int>1</int>", "x")), `key "two": got an array of 3, want an array of 2`},
		{members("port=<int>1</int>", "two="+list("<int>1</int>", "x", "y")), `key "two[1]": got string, want int`},
		{members("nick=<int>1</int>", "port=x"), `key "nick": got int, want string`}, // the first in the document
	} {
		c, err := wire.ParseCall([]byte(call1(tt.value)), "", wire.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, when := range []string{"", " again"} {
			err = c.Decode(0, new(bound))
			if _, ok := err.(*methods.ParamError); !ok || err.Error() != tt.want {
				t.Errorf("Decode%s of %s: %v (%T), want %s", when, tt.value, err, err, tt.want)
			}
		}
		if n, err := c.Len(); n != 1 || err != nil {
			t.Errorf("Len after a misfit = %d, %v", n, err)
		}
	}
}

// What is wrong with the document is told before a misfit, wherever it is.
func TestDocumentErrorsWin(t *testing.T) {
	misfit := members("nick=<int>1</int>", "port=<int>1</int>")
	for _, tt := range []struct {
		doc  string
		code int
	}{
		{call1(members("nick=<int>1</int>", "port=<int>x</int>")), wire.InvalidRequest},
		{call1(members("nick=<int>1</int>", "entries="+list("<boolean>5</boolean>"))), wire.InvalidRequest},
		{call1(members("nick=<int>1</int>", "x=1", "x=2")), wire.InvalidRequest},
		{call1(members("nick=<int>1x</int>")), wire.InvalidRequest},
		{call1(members("nick=" + list("<int></int>"))), wire.InvalidRequest},
		{call1(misfit + "<value/>"), wire.InvalidRequest},
		{call1(misfit) + "x", wire.ParseError},
		{strings.Replace(call1(misfit), "</param>", "</param><param><value><int>1</int></value></param><x/>", 1), wire.InvalidRequest},
		{strings.TrimSuffix(call1(misfit), "</methodCall>"), wire.ParseError},
	} {
		c, err := wire.ParseCall([]byte(tt.doc), "", wire.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := c.Decode(0, new(bound)); codeOf(t, err) != tt.code {
				t.Errorf("Decode of %s: %v, want fault %d", tt.doc, err, tt.code)
			}
		}
		if _, err := c.Len(); codeOf(t, err) != tt.code {
			t.Errorf("Len of %s: %v, want fault %d", tt.doc, err, tt.code)
		}
	}
}

func TestManyParams(t *testing.T) {
	doc := "<methodCall><methodName>m</methodName><params><param><value>a</value></param>" +
		"<param><value><int>2</int></value></param>\n<param> <value><array><data/></array></value></param></params></methodCall>"
	for _, first := range []int{-1, 0, 1, 2, 3} {
		c, err := wire.ParseCall([]byte(doc), "", wire.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var skip any
		if err := c.Decode(first, &skip); (err != nil) != (first < 0 || first > 2) {
			t.Errorf("Decode(%d) = %v", first, err)
		}
		var s string
		var n int
		var l []string
		for i, into := range []any{&s, &n, &l} {
			if err := c.Decode(i, into); err != nil {
				t.Errorf("after Decode(%d), Decode(%d) = %v", first, i, err)
			}
		}
		if s != "a" || n != 2 || l == nil || len(l) != 0 {
			t.Errorf("after Decode(%d): %q, %d, %#v", first, s, n, l)
		}
		if n, err := c.Len(); n != 3 || err != nil {
			t.Errorf("Len = %d, %v, want 3", n, err)
		}
		if err := c.Decode(3, &s); err == nil || err.Error() != "the param: got nothing, want a param" {
			t.Errorf("Decode(3) = %v", err)
		}
	}
	c, _ := wire.ParseCall([]byte("<methodCall><methodName>m</methodName></methodCall>"), "", wire.Limits{})
	if err := c.Decode(0, new(any)); err == nil || err.Error() != "the param: got nothing, want a param" {
		t.Errorf("Decode(0) of no params = %v", err)
	}
}

func TestTargets(t *testing.T) {
	c, err := wire.ParseCall([]byte(call1("<value>a</value>")), "", wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var none *string
	type unfit struct {
		C chan int `xmlrpc:"c"`
	}
	for _, into := range []any{nil, "a", none, new(chan int), new(unfit), new([]unfit), new(error), new(map[int]int), new(**int)} {
		err := c.Decode(0, into)
		if err == nil || !strings.HasPrefix(err.Error(), "decode into") {
			t.Errorf("Decode into %T: %v, want a complaint", into, err)
		}
	}
	type tree struct {
		Kids []tree `xmlrpc:"kids" optional:"true"`
	}
	c, _ = wire.ParseCall([]byte(call1(members("kids="+list(inner(members()), inner(members("kids="+list(inner(members())))))))), "", wire.Limits{})
	var root tree
	if err := c.Decode(0, &root); err != nil || len(root.Kids) != 2 || len(root.Kids[1].Kids) != 1 {
		t.Errorf("a type that holds itself: %+v, %v", root, err)
	}
}

type panicky struct{}

func (panicky) XMLRPCType() string     { return "string" }
func (*panicky) SetXMLRPC(v any) error { panic("no") }

func TestSetterThatPanics(t *testing.T) {
	c, err := wire.ParseCall([]byte(call1("<value>a</value>")), "", wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { recover() }()
		c.Decode(0, new(panicky))
	}()
	if _, err := c.Len(); err == nil {
		t.Error("Len after a panic counts the params of half a document")
	}
}

func TestResponse(t *testing.T) {
	ok := func(x string) string { return "<methodResponse><params>" + x + "</params></methodResponse>" }
	fault := func(x string) string { return "<methodResponse><fault>" + x + "</fault></methodResponse>" }
	for _, tt := range []struct {
		rule, doc, want string // the string, or the error
	}{
		{"S12", ok("<param><value>x</value></param>"), "x"},
		{"C9", " \n<?xml version='1.0'?>" + ok("\n<param> <value>x</value> </param>\n"), "x"},
		{"C9", ok(""), "untouched"},
		{"C9", "<methodResponse><params/></methodResponse>", "untouched"},
		{"C9", ok("<param/>"), "line 1, column 25: <param/> is empty"},
		{"C9", ok("<param></param>"), "line 1, column 32: </param> without <value> before it"},
		{"C9", ok("<param><value/></param><param><value/></param>"), "line 1, column 48: <param> in <params>, want </params>"},
		{"C9", "<methodResponse></methodResponse>", "line 1, column 17: </methodResponse> without <params> before it"},
		{"C9", ok("") + "x", "line 1, column 51: text after the root element"},
		{"C9", ok("<param><value><int>1</int></value></param>"), "the param: got int, want string"},
		{"C9", "<methodCall/>", "line 1, column 1: the document is <methodCall>, want <methodResponse>"},
		{"F1", fault(members("faultCode=<int>4</int>", "faultString=why")), "fault 4: why"},
		{"F1", fault(" " + members("faultString=<string>why</string>", "faultCode=<i8>-32601</i8>", "more=1") + " "), "fault -32601: why"},
		{"C9", fault(members("faultCode= 17 ", "faultString=why")), "fault 17: why"},
		{"C9", fault(members("faultCode=Client.Auth", "faultString=why")), "fault -32500: Client.Auth: why"},
		{"C9", fault(members("faultCode=<int>1</int>")), "line 1, column 17: a fault without a faultString"},
		{"C9", fault(members("faultString=why")), "line 1, column 17: a fault without a faultCode"},
		{"C9", fault("<value>why</value>"), "line 1, column 17: a fault without a faultString"},
		{"C9", fault(members("faultCode=<int>1</int>", "faultString=why")) + "<x/>", "line 1, column 206: a second root element"},
		{"C9", "<methodResponse><fault/></methodResponse>", "line 1, column 17: <fault/> is empty"},
	} {
		got := "untouched"
		if err := wire.ParseResponse([]byte(tt.doc), "", wire.Limits{}, &got); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: ParseResponse(%s) = %q, want %q", tt.rule, tt.doc, got, tt.want)
		}
		err := wire.ParseResponse([]byte(tt.doc), "", wire.Limits{}, nil)
		if _, misfit := err.(*methods.ParamError); misfit {
			t.Errorf("%s: ParseResponse(%s) into nothing = %v", tt.rule, tt.doc, err)
		}
	}
	if err := wire.ParseResponse(nil, "", wire.Limits{}, "no pointer"); err == nil || !strings.HasPrefix(err.Error(), "decode into") {
		t.Errorf("ParseResponse into a string: %v", err)
	}
}
