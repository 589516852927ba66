package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"co2/methods/wire"
)

func TestJSONWritten(t *testing.T) {
	for _, tt := range []struct{ x, want string }{
		{"<int>5</int>", `5`},
		{"<int>-5</int>", `-5`},
		{"<int>+007</int>", `7`},
		{"<int>-0</int>", `-0`},
		{"<int>00</int>", `0`},
		{"<i8>5</i8>", `{"$i8":"5"}`},
		{"<i8>+5</i8>", `{"$i8":"+5"}`},
		{"<int>5000000000</int>", `{"$i8":"5000000000"}`},
		{"<boolean>1</boolean>", `true`},
		{"<boolean>false</boolean>", `false`},
		{"<double>1</double>", `1.0`},
		{"<double>1.50</double>", `1.50`},
		{"<double>-0.0</double>", `-0.0`},
		{"<double>.5</double>", `0.5`},
		{"<double>5.</double>", `5.0`},
		{"<double>+1.5</double>", `1.5`},
		{"<double>01.5</double>", `1.5`},
		{"<double>1.5e3</double>", `1500.0`},
		{"<double>1e21</double>", `1000000000000000000000.0`},
		{"<double>1e-7</double>", `0.0000001`},
		{"<dateTime.iso8601>1998-07-17T16:08:55.5+02:00</dateTime.iso8601>", `{"$dateTime":"1998-07-17T16:08:55.5+02:00"}`},
		{"<base64>YQ = =</base64>", `{"$base64":"YQ=="}`},
		{"<base64/>", `{"$base64":""}`},
		{"<nil/>", `null`},
		{"", `""`},
		{"a\"\\/\t\r\n&#13;&lt;é😀\u2028", `"a\"\\/\t\n\r<é😀` + "\u2028" + `"`},
		{list("<int>1</int>", "<nil/>"), `[1,null]`},
		{"<array/>", `[]`},
		{"<struct/>", `{}`},
		{inner(members("b=x", "a=<int>1</int>", "=y", "$=1", "$i8=2", "$$=3")), `{"b":"x","a":1,"":"y","$$":"1","$$i8":"2","$$$":"3"}`},
	} {
		b, err := rawOf(t, tt.x).MarshalJSON()
		if err != nil || string(b) != tt.want {
			t.Errorf("JSON of %s = %s, %v, want %s", tt.x, b, err, tt.want)
		}
		if !json.Valid(b) {
			t.Errorf("JSON of %s = %s, which is none", tt.x, b)
		}
	}
	if _, err := (wire.Raw{}).MarshalJSON(); err == nil {
		t.Error("JSON of a zero Raw")
	}
}

func TestJSONRead(t *testing.T) {
	for _, tt := range []struct{ json, want string }{
		{` 5 `, "<int>5</int>"},
		{`-0`, "<int>-0</int>"},
		{`2147483647`, "<int>2147483647</int>"},
		{`2147483648`, "<i8>2147483648</i8>"},
		{`-9223372036854775808`, "<i8>-9223372036854775808</i8>"},
		{`{"$i8":"5"}`, "<i8>5</i8>"},
		{` { "$i8" : " 5 " } `, "<i8>5</i8>"},
		{`1.0`, "<double>1.0</double>"},
		{`1.50`, "<double>1.50</double>"},
		{`1e3`, "<double>1000.0</double>"},
		{`1.5E-3`, "<double>0.0015</double>"},
		{`-0e0`, "<double>-0.0</double>"},
		{`{"$dateTime":"19980717T14:08:55Z"}`, "<dateTime.iso8601>19980717T14:08:55Z</dateTime.iso8601>"},
		{`{"$base64":"YQ = =\n"}`, "<base64>YQ==</base64>"},
		{`null`, "<nil/>"},
		{`true`, "<boolean>1</boolean>"},
		{`false`, "<boolean>0</boolean>"},
		{`""`, "<string></string>"},
		{`"a<&>\"\\\/\t\r\n\u00e9\ud83d\ude00\u20AC"`, "<string>a&lt;&amp;&gt;\"\\/\t&#13;\né😀€</string>"},
		{`[]`, "<array><data></data></array>"},
		{`[1,[ ],{}]`, "<array><data><value><int>1</int></value><value><array><data></data></array></value><value><struct></struct></value></data></array>"},
		{`{"b":1,"a":"x"}`, "<struct><member><name>b</name><value><int>1</int></value></member><member><name>a</name><value><string>x</string></value></member></struct>"},
		{`{"$$i8":"5","":2}`, "<struct><member><name>$i8</name><value><string>5</string></value></member><member><name></name><value><int>2</int></value></member></struct>"},
	} {
		r, err := wire.ParseJSON([]byte(tt.json))
		if want := "<value>" + tt.want + "</value>"; err != nil || r.String() != want {
			t.Errorf("ParseJSON(%s) = %s, %v, want %s", tt.json, r, err, want)
		}
		b, err := r.MarshalJSON()
		if err != nil {
			t.Errorf("%s: %v", r, err)
		}
		if again, err := wire.ParseJSON(b); err != nil || again != r {
			t.Errorf("%s became %s and that %s, %v", r, b, again, err)
		}
	}
}

func TestJSONRefused(t *testing.T) {
	for _, tt := range []struct{ json, want string }{
		{``, "JSON, octet 0: a value is missing"},
		{`x`, "JSON, octet 0: not a value of JSON"},
		{`1 2`, "JSON, octet 2: text after the value"},
		{`[1,]`, "JSON, octet 3: not a value of JSON"},
		{`[1`, "JSON, octet 2: want , or ] after an item"},
		{`[1 2]`, "JSON, octet 3: want , or ] after an item"},
		{`{`, "JSON, octet 1: want a key"},
		{`{"a":1,}`, "JSON, octet 7: want a key"},
		{`{a:1}`, "JSON, octet 1: want a key"},
		{`{"a" 1}`, "JSON, octet 5: want : after a key"},
		{`{"a":}`, "JSON, octet 5: not a value of JSON"},
		{`{"a":1 "b":2}`, "JSON, octet 7: want , or } after a member"},
		{`{"a":1,"\u0061":2}`, `JSON, octet 7: key "a" twice`},
		{`{"$x":1}`, `JSON, octet 1: unknown key "$x"; a name that begins with $ is written with $$`},
		{`{"$":1}`, `JSON, octet 1: unknown key "$"; a name that begins with $ is written with $$`},
		{`{"a":1,"$i8":"5"}`, `JSON, octet 7: "$i8" beside other members`},
		{`{"$base64":"","a":1}`, "JSON, octet 13: $base64 has to stand alone"},
		{`{"$i8":5}`, "JSON, octet 7: $i8 wants a string"},
		{`{"$i8":"1.5"}`, `JSON, octet 7: "1.5" is no i8`},
		{`{"$i8":"9223372036854775808"}`, `JSON, octet 7: "9223372036854775808" is no i8`},
		{`{"$dateTime":"today"}`, `JSON, octet 13: "today" is no dateTime.iso8601`},
		{`{"$base64":"abc"}`, `JSON, octet 11: "abc" is no base64`},
		{`9223372036854775808`, "JSON, octet 0: an integer beyond 64 bit"},
		{`1e999`, "JSON, octet 0: a number out of range"},
		{`01`, "JSON, octet 0: not a value of JSON"},
		{`+1`, "JSON, octet 0: not a value of JSON"},
		{`.5`, "JSON, octet 0: not a value of JSON"},
		{`5.`, "JSON, octet 0: not a value of JSON"},
		{`1e`, "JSON, octet 0: not a value of JSON"},
		{`NaN`, "JSON, octet 0: not a value of JSON"},
		{`nul`, "JSON, octet 0: not a value of JSON"},
		{`nullx`, "JSON, octet 4: text after the value"},
		{`"a`, "JSON, octet 0: a string does not end"},
		{`"a\`, "JSON, octet 2: an escape for no character, or for one that XML does not know"},
		{"\"a\nb\"", "JSON, octet 2: a control character in a string"},
		{`["\u0000"]`, "JSON, octet 2: an escape for no character, or for one that XML does not know"},
		{`"\ud800"`, "JSON, octet 1: an escape for no character, or for one that XML does not know"},
		{`"\ud800\u0041"`, "JSON, octet 1: an escape for no character, or for one that XML does not know"},
		{`"\udc00"`, "JSON, octet 1: an escape for no character, or for one that XML does not know"},
		{`"\u00g0"`, "JSON, octet 1: an escape for no character, or for one that XML does not know"},
		{`"\u+123"`, "JSON, octet 1: an escape for no character, or for one that XML does not know"},
		{`"\x41"`, "JSON, octet 1: an escape for no character, or for one that XML does not know"},
		{`"\f"`, "JSON, octet 1: an escape for no character, or for one that XML does not know"},
		{"\"\uFFFE\"", "JSON, octet 1: a character that XML does not know"},
		{"\"\xFF\"", "JSON, octet 1: not UTF-8"},
		{"\xEF\xBB\xBF1", "JSON, octet 0: not a value of JSON"},
		{strings.Repeat("[", 129), "JSON, octet 128: arrays and objects more than 128 deep"},
		{`{"` + strings.Repeat("n", 1025) + `":1}`, "JSON, octet 1: a key of more than 1024 octets"},
		{`1.` + strings.Repeat("0", 1023), "JSON, octet 0: a number out of range"},
	} {
		_, err := wire.ParseJSON([]byte(tt.json))
		if err == nil || err.Error() != tt.want {
			t.Errorf("ParseJSON(%.60q): %v, want %s", tt.json, err, tt.want)
		}
	}
}

func TestJSONInsideOtherTypes(t *testing.T) {
	type message struct {
		Data wire.Raw `json:"data"`
	}
	in := message{rawOf(t, inner(members("a&lt;b=<i8>5</i8>")))}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out message
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("%s came back as %s, %v", b, out.Data, err)
	}
	if err := json.Unmarshal([]byte(`{"data":null}`), &out); err != nil || out.Data.Type() != "nil" {
		t.Errorf("null came as %s, %v", out.Data, err)
	}
	if err := json.Unmarshal([]byte(`{"data":{"$x":1}}`), &out); err == nil || out.Data.Type() != "nil" {
		t.Errorf("an unknown $ key came as %s, %v", out.Data, err)
	}
}
