package registry_test

import (
	"strings"
	"testing"

	"co2/registry"
)

// The vectors of xmlrpc.md section 14, through the door: C(x) calls test with
// {v: x}, and the answer holds the canonical v, or a fault.
func TestVectors(t *testing.T) {
	s := serve(t, registry.Config{})
	const apache = ` xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"`
	arrays := func(n int) string {
		return strings.Repeat("<array><data><value>", n-1) + "<array><data></data></array>" + strings.Repeat("</value></data></array>", n-1)
	}
	tests := []struct{ x, want string }{
		{"  a b  ", "<string>  a b  </string>"},
		{"", "<string></string>"}, {"<string/>", "<string></string>"},
		{"ab<!-- c -->cd", "<string>abcd</string>"},
		{"<string>a<![CDATA[]]]]><![CDATA[>]]>b</string>", "<string>a]]&gt;b</string>"},
		{"<string>a&#13;&#10;b</string>", "<string>a&#13;\nb</string>"},
		{"<string>a\r\nb</string>", "<string>a\nb</string>"},
		{"<string>&#x1F600;</string>", "<string>\U0001F600</string>"},
		{"<int>+7</int>", "<int>7</int>"}, {"<i8>\n 5 \n</i8>", "<int>5</int>"},
		{"<int>4611686018427387904</int>", "<i8>4611686018427387904</i8>"},
		{"<int>9223372036854775808</int>", "-32600"}, {"<int></int>", "-32600"}, {"<int>1e3</int>", "-32600"}, {"<int>0x10</int>", "-32600"},
		{"<boolean>true</boolean>", "<boolean>1</boolean>"}, {"<boolean>2</boolean>", "-32600"},
		{"<double>1e300</double>", "<double>1" + strings.Repeat("0", 300) + ".0</double>"},
		{"<double>1e-7</double>", "<double>0.0000001</double>"}, {"<double>-0.0</double>", "<double>-0.0</double>"},
		{"<double>NaN</double>", "-32600"}, {"<double>0x1p-2</double>", "-32600"}, {"<double>1e999</double>", "-32600"},
		{"<dateTime.iso8601>1998-07-17T16:08:55.123+02:00</dateTime.iso8601>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>"},
		{"<dateTime.iso8601>00000000T00:00:00</dateTime.iso8601>", "-32600"},
		{"<base64>YQ\n==</base64>", "<base64>YQ==</base64>"}, {"<base64>abc</base64>", "-32600"}, {"<base64>hello world</base64>", "-32600"},
		{"<nil/>", "<nil/>"}, {"<ex:nil" + apache + "/>", "<nil/>"}, {`<z:nil xmlns:z="http://example.org/"/>`, "-32600"},
		{"<array/>", "<array><data></data></array>"}, {"<array><value>1</value></array>", "-32600"},
		{"<struct><member><name>a</name><value>1</value></member><member><name>a</name><value>2</value></member></struct>", "-32600"},
		{"<struct><member><value>1</value><name>a</name></member></struct>", "-32600"},
		{"<struct><member><name>a</name></member></struct>", "-32600"},
		{"x<int>1</int>", "-32600"}, {"<int>1</int><int>2</int>", "-32600"}, {"<float>1</float>", "-32600"},
		{arrays(127), arrays(127)}, {arrays(128), "-32001"},
	}
	for _, tt := range tests {
		got := s.exchange(t, post(document("test", "<struct><member><name>v</name><value>"+tt.x+"</value></member></struct>"))).body
		want := "<struct><member><name>v</name><value>" + tt.want + "</value></member></struct>"
		if strings.HasPrefix(tt.want, "-32") {
			want = "<fault><value><struct><member><name>faultCode</name><value><int>" + tt.want + "</int>"
		}
		if !strings.Contains(got, want) {
			t.Errorf("C(%.80s) = %s, want %.200s", tt.x, got, want)
		}
	}
}
