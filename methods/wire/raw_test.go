package wire_test

import (
	"reflect"
	"testing"

	"co2/methods"
	"co2/methods/wire"
)

func rawOf(t testing.TB, x string) wire.Raw {
	t.Helper()
	var r wire.Raw
	c, err := wire.ParseCall([]byte(call1("<value>"+x+"</value>")), "", wire.Limits{})
	if err == nil {
		err = c.Decode(0, &r)
	}
	if err != nil {
		t.Fatalf("Raw of %s: %v", x, err)
	}
	return r
}

// A Raw is spelled anew but keeps its values' text.
func TestRawSpelling(t *testing.T) {
	for _, tt := range []struct{ x, want, typ string }{
		{"a", "<string>a</string>", "string"},
		{"", "<string></string>", "string"},
		{"<string/>", "<string></string>", "string"},
		{"<string> a&#65;<![CDATA[<&>]]><!-- c -->&quot;>&#13;</string>", "<string> aA&lt;&amp;&gt;\"&gt;&#13;</string>", "string"},
		{"<string>a > b</string>", "<string>a &gt; b</string>", "string"},
		{"<string>a &amp; b</string>", "<string>a &amp; b</string>", "string"},
		{"<string>\r\n</string>", "<string>\n</string>", "string"},
		{"<int> +007 </int>", "<int>+007</int>", "int"},
		{"<i4>-0</i4>", "<int>-0</int>", "int"},
		{"<i8>5</i8>", "<i8>5</i8>", "i8"},
		{"<int>2147483647</int>", "<int>2147483647</int>", "int"},
		{"<int>2147483648</int>", "<i8>2147483648</i8>", "i8"},
		{"<i4>-2147483649</i4>", "<i8>-2147483649</i8>", "i8"},
		{"<ex:i1>5</ex:i1>", "<int>5</int>", "int"},
		{"<ex:i2> 5</ex:i2>", "<int>5</int>", "int"},
		{"<ex:i8>5</ex:i8>", "<i8>5</i8>", "i8"},
		{"<ex:biginteger>5</ex:biginteger>", "<int>5</int>", "int"},
		{"<ex:biginteger>5000000000</ex:biginteger>", "<i8>5000000000</i8>", "i8"},
		{"<boolean>true</boolean>", "<boolean>1</boolean>", "boolean"},
		{"<boolean> 0 </boolean>", "<boolean>0</boolean>", "boolean"},
		{"<double> 1.50e+3\n</double>", "<double>1.50e+3</double>", "double"},
		{"<double>1</double>", "<double>1</double>", "double"},
		{"<ex:float>.5</ex:float>", "<double>.5</double>", "double"},
		{"<dateTime.iso8601> 1998-07-17T16:08:55.123+02:00 </dateTime.iso8601>", "<dateTime.iso8601>1998-07-17T16:08:55.123+02:00</dateTime.iso8601>", "dateTime.iso8601"},
		{"<ex:dateTime>19980717T160855</ex:dateTime>", "<dateTime.iso8601>19980717T160855</dateTime.iso8601>", "dateTime.iso8601"},
		{"<base64>\nYW Jj&#10;ZA== </base64>", "<base64>YWJjZA==</base64>", "base64"},
		{"<nil/>", "<nil/>", "nil"},
		{"<nil> </nil>", "<nil/>", "nil"},
		{"<nil></nil>", "<nil/>", "nil"},
		{"<ex:nil/>", "<nil/>", "nil"},
		{"<array/>", "<array><data></data></array>", "array"},
		{"<array><data/></array>", "<array><data></data></array>", "array"},
		{"\n<array>\n<data a='b'>\n<value>x</value>\n<!-- c --><?p?></data></array>", "<array><data><value><string>x</string></value></data></array>", "array"},
		{"<struct/>", "<struct></struct>", "struct"},
		{"<struct> <member><name>b<!-- --></name><value>1</value></member><member> <name>a&#60;></name> <value/></member></struct>",
			"<struct><member><name>b</name><value><string>1</string></value></member><member><name>a&lt;&gt;</name><value><string></string></value></member></struct>", "struct"},
		{"<struct><member><name>a></name><value><int>1</int></value></member></struct>", "<struct><member><name>a&gt;</name><value><int>1</int></value></member></struct>", "struct"},
	} {
		r := rawOf(t, tt.x)
		if got, want := r.String(), "<value>"+tt.want+"</value>"; got != want || r.Type() != tt.typ {
			t.Errorf("Raw of %s = %s (%s), want %s (%s)", tt.x, got, r.Type(), want, tt.typ)
		}
		if again := rawOf(t, inner(r.String())); again != r {
			t.Errorf("Raw of a Raw, %s, = %s", r, again)
		}
		var before, after any
		if err := rawOf(t, tt.x).Decode(&after); err != nil {
			t.Errorf("Decode of %s: %v", r, err)
		}
		if before, _ = param(call1("<value>"+tt.x+"</value>"), ""); !reflect.DeepEqual(before, after) {
			t.Errorf("%s means %#v, its Raw %#v", tt.x, before, after)
		}
		b, err := wire.AppendValue([]byte("x"), r)
		if err != nil || string(b) != "x"+r.String() {
			t.Errorf("AppendValue of %s = %s, %v", r, b, err)
		}
	}
}

// A Raw next to other params and members does not take them along, and one
// that has to be spelled anew does not count its values twice.
func TestRawIsOneValue(t *testing.T) {
	type two struct {
		A wire.Raw   `xmlrpc:"a"`
		B wire.Raw   `xmlrpc:"b"`
		C *wire.Raw  `xmlrpc:"c" optional:"true"`
		D []wire.Raw `xmlrpc:"d"`
	}
	doc := call1(members("a="+list("1", "<i4>2</i4>"), "c=<int>1</int>", "b=<int>3</int>", "d="+list("x&amp;", "<string>y</string>")))
	c, err := wire.ParseCall([]byte(doc), "", wire.Limits{Values: 9})
	if err != nil {
		t.Fatal(err)
	}
	var got two
	if err := c.Decode(0, &got); err != nil {
		t.Fatal(err)
	}
	if s := got.A.String(); s != "<value>"+list("<string>1</string>", "<int>2</int>")+"</value>" {
		t.Errorf("a = %s", s)
	}
	if got.B.String() != "<value><int>3</int></value>" || got.C.String() != "<value><int>1</int></value>" {
		t.Errorf("b = %s, c = %s", got.B, got.C)
	}
	if len(got.D) != 2 || got.D[0].String() != "<value><string>x&amp;</string></value>" || got.D[1].String() != "<value><string>y</string></value>" {
		t.Errorf("d = %v", got.D)
	}
}

func TestRawParts(t *testing.T) {
	r := rawOf(t, inner(members("b=<int>1</int>", "a&lt;="+inner(members("x=<nil/>")), "="+list("1"))))
	got, err := r.Members()
	if err != nil || len(got) != 3 || got[0].Name != "b" || got[1].Name != "a<" || got[2].Name != "" ||
		got[0].Value.String() != "<value><int>1</int></value>" || got[1].Value.Type() != "struct" || got[2].Value.Type() != "array" {
		t.Fatalf("Members of %s = %v, %v", r, got, err)
	}
	same, err := wire.RawStruct(got)
	if err != nil || same != r {
		t.Errorf("RawStruct of the members = %s, %v, want %s", same, err, r)
	}
	items, err := got[2].Value.Items()
	if err != nil || len(items) != 1 || items[0].String() != "<value><string>1</string></value>" {
		t.Errorf("Items = %v, %v", items, err)
	}
	if empty, err := rawOf(t, "<array/>").Items(); err != nil || empty == nil || len(empty) != 0 {
		t.Errorf("Items of an empty array = %#v, %v", empty, err)
	}
	if empty, err := rawOf(t, "<struct/>").Members(); err != nil || empty == nil || len(empty) != 0 {
		t.Errorf("Members of an empty struct = %#v, %v", empty, err)
	}
	for _, tt := range []struct {
		r    wire.Raw
		want string
	}{
		{wire.Raw{}, "the param: got nothing, want struct"},
		{rawOf(t, "x"), "the param: got string, want struct"},
		{rawOf(t, "<array/>"), "the param: got array, want struct"},
	} {
		if _, err := tt.r.Members(); err == nil || err.Error() != tt.want {
			t.Errorf("Members of %q: %v, want %s", tt.r, err, tt.want)
		}
		var m map[string]int
		if err := tt.r.Decode(&m); err == nil || err.Error() != tt.want {
			t.Errorf("Decode of %q: %v, want %s", tt.r, err, tt.want)
		}
	}
	if _, err := rawOf(t, "<struct/>").Items(); err == nil || err.Error() != "the param: got struct, want array" {
		t.Errorf("Items of a struct: %v", err)
	}
}

func TestRawStructErrors(t *testing.T) {
	one, err := wire.NewRaw(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		members []wire.Member
		want    string
	}{
		{[]wire.Member{{"a", one}, {"a", one}}, `member "a" twice in one struct`},
		{[]wire.Member{{"\x00", one}, {"\x01", one}}, `member "\x01" twice in one struct`},
		{[]wire.Member{{"a", wire.Raw{}}}, `key "a": a Raw without a value`},
	} {
		if _, err := wire.RawStruct(tt.members); err == nil || err.Error() != tt.want {
			t.Errorf("RawStruct(%v): %v, want %s", tt.members, err, tt.want)
		}
	}
	if _, err := wire.NewRaw(make(chan int)); err == nil {
		t.Error("NewRaw of a channel made one")
	}
	if _, err := wire.NewRaw(wire.Raw{}); err == nil {
		t.Error("NewRaw of a zero Raw made one")
	}
	if r, err := wire.NewRaw(one); err != nil || r != one {
		t.Errorf("NewRaw of a Raw = %s, %v", r, err)
	}
	if (wire.Raw{}).Type() != "" || !(wire.Raw{}).IsZero() || one.IsZero() {
		t.Error("the zero Raw is not told from others")
	}
}

func TestRawArgs(t *testing.T) {
	var args methods.Args = wire.RawArgs(rawOf(t, "<int>1</int>"), rawOf(t, "x"))
	var n int
	var r wire.Raw
	if err := args.Decode(0, &n); err != nil || n != 1 {
		t.Errorf("Decode(0) = %d, %v", n, err)
	}
	if err := args.Decode(1, &r); err != nil || r != rawOf(t, "x") {
		t.Errorf("Decode(1) = %s, %v", r, err)
	}
	if err := args.Decode(2, &n); err == nil || err.Error() != "the param: got nothing, want a param" {
		t.Errorf("Decode(2) = %v", err)
	}
	if n, err := args.Len(); n != 2 || err != nil {
		t.Errorf("Len = %d, %v", n, err)
	}
}

// Raws nested into one another beyond any limit must not end the process.
func TestRawTooDeep(t *testing.T) {
	var core any = 1
	for range 30 {
		for range 400 {
			core = []any{core}
		}
		r, err := wire.NewRaw(core)
		if err != nil {
			t.Fatal(err)
		}
		core = r
	}
	r := core.(wire.Raw)
	if err := r.Decode(new(any)); codeOf(t, err) != wire.LimitExceeded {
		t.Errorf("Decode of a deep Raw: %v", err)
	}
}
