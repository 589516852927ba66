package conformance

import (
	"bufio"
	"strings"
	"testing"
)

// TestReadAnswer reads answers that servers should and should not send.
func TestReadAnswer(t *testing.T) {
	for _, tt := range []struct {
		verb, octets string
		status       int
		body         string
		bad          bool
	}{
		{"POST", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1", 200, "ok", false},
		{"POST", "HTTP/1.0 200 OK\r\n\r\nall to the end", 200, "all to the end", false},
		{"POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n0\r\nX-Sum: 1\r\n\r\nmore", 200, "ok", false},
		{"POST", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 404, "", false},
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", 200, "", false},
		{"POST", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", 200, "ok", true},
		{"POST", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 200, "", true},
		{"POST", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", 200, "", true},
		{"POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n", 200, "ok", true},
		{"POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nok", 200, "ok", true},
		{"POST", "HTTP/1.1 OK\r\n\r\n", 0, "", true},
		{"POST", "<methodResponse/>\r\n\r\n", 0, "", true},
		{"POST", "", 0, "", true},
	} {
		a := readAnswer(bufio.NewReader(strings.NewReader(tt.octets)), tt.verb, false)
		if a.Status != tt.status || string(a.Body) != tt.body || (a.Err != nil) != tt.bad {
			t.Errorf("%q is read as %d %q, %v; want %d %q, and an error is %t", tt.octets, a.Status, a.Body, a.Err, tt.status, tt.body, tt.bad)
		}
	}
}

// TestNormal compares values by what they mean.
func TestNormal(t *testing.T) {
	for _, tt := range []struct {
		one, other string
		same       bool
	}{
		{"<int>7</int>", "<i8> +07 </i8>", true},
		{"<int>7</int>", "<string>7</string>", false},
		{"<int>7</int>", "<double>7.0</double>", false},
		{"", "<string/>", true},
		{" a ", "<string> a </string>", true},
		{"a", "<string> a </string>", false},
		{"<double>1.5</double>", "<double>15e-1</double>", true},
		{"<double>-0.0</double>", "<double>0.0</double>", false},
		{"<boolean>1</boolean>", "<boolean>\n1</boolean>", true},
		{"<boolean>1</boolean>", "<int>1</int>", false},
		{"<base64>YWJj</base64>", "<base64>\nYW Jj\n</base64>", true},
		{"<base64>YWJj</base64>", "<base64>YWJk</base64>", false},
		{"<nil/>", "<ex:nil/>", true},
		{"<nil/>", "", false},
		{"<array/>", "<array><data></data></array>", true},
		{"<array><data><value>a</value><value>b</value></data></array>", "<array><data><value>b</value><value>a</value></data></array>", false},
		{members("a", "1", "b", "2"), members("b", "2", "a", "1"), true},
		{members("a", "1"), members("a", "1", "b", "2"), false},
		{members("a", "1"), members("a", "<int>1</int>"), false},
		{"<array><data><value>a, string \"b\"</value></data></array>", "<array><data><value>a</value><value>b</value></data></array>", false},
	} {
		one, other := normalOf(tt.one), normalOf(tt.other)
		if (one == other) != tt.same {
			t.Errorf("%s is %s, %s is %s; the same is %t, want %t", tt.one, one, tt.other, other, one == other, tt.same)
		}
	}
}
