package door

import (
	"net/netip"
	"strings"
)

// A Request is the head of a request.
type Request struct {
	Method string
	Target string // as it came
	Path   string // of the target, as it came; "/" if that is a whole URL without one
	Host   string // of the target if that is a whole URL, else of the Host field; empty if HTTP/1.0 left it out
	Minor  int    // of the version: HTTP/1.Minor
	Fields []Field
	Length int64          // of the body as announced; -1 if it is not
	Remote netip.AddrPort // the far end, IPv4-mapped IPv6 unwrapped
	TLS    bool

	chunked   bool
	close     bool // the peer asks for the end of the connection
	keep      bool // the connection stays open
	awaits100 bool // the peer waits for 100 Continue before it sends the body
}

// A Field is one line of a header.
type Field struct{ Name, Value string }

// reset forgets the request, but for what belongs to the connection.
func (r *Request) reset() {
	*r = Request{Remote: r.Remote, TLS: r.TLS, Fields: r.Fields[:0], Length: -1}
}

// Get returns the value of the first field called name in any case, or "".
func (r *Request) Get(name string) string {
	for i := range r.Fields {
		if strings.EqualFold(r.Fields[i].Name, name) {
			return r.Fields[i].Value
		}
	}
	return ""
}

// Values returns the values of all fields called name in any case.
func (r *Request) Values(name string) []string {
	var values []string
	for _, f := range r.Fields {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// Scheme is "http" or "https".
func (r *Request) Scheme() string {
	if r.TLS {
		return "https"
	}
	return "http"
}

// isHead reports whether the answer goes without its body.
func (r *Request) isHead() bool { return r != nil && r.Method == "HEAD" }

// hasBody reports whether octets follow the head.
func (r *Request) hasBody() bool { return r.chunked || r.Length > 0 }
