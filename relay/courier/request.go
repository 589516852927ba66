package courier

import (
	"net/netip"
	"net/url"
	"strconv"

	"co2/relay"
)

// appendLead appends what stands before the document of d: the head of its
// request (C6). It is the same each time.
func (c *Courier) appendLead(b []byte, d *relay.Delivery) []byte {
	b = append(b, "POST "...)
	b = appendTarget(b, d.To.Path)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = appendHost(b, d.To.Addr)
	b = append(append(b, "\r\nUser-Agent: "...), c.cfg.UserAgent...)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(d.Head)+len(d.Own)+len(d.Tail)), 10)
	b = append(b, "\r\nAccept-Encoding: identity\r\nContent-Type: text/xml; charset="...)
	if d.Charset == "" {
		b = append(b, "utf-8"...)
	} else {
		b = append(b, d.Charset...)
	}
	return append(b, "\r\n\r\n"...)
}

func appendTarget(b []byte, path string) []byte {
	if path == "/RPC2" {
		return append(b, path...)
	}
	return append(b, (&url.URL{Path: path}).RequestURI()...)
}

// appendHost appends an address as Host has it: a zone means nothing there.
func appendHost(b []byte, at netip.AddrPort) []byte {
	if at.Addr().Zone() != "" {
		at = netip.AddrPortFrom(at.Addr().WithZone(""), at.Port())
	}
	return at.AppendTo(b)
}

// parts are the pieces of x's request from octet x.sent on. lead is scratch
// space, which is returned grown.
func (c *Courier) parts(x *exchange, lead []byte) (parts [4][]byte, grown []byte) {
	lead = c.appendLead(lead[:0], &x.Delivery)
	x.total = len(lead) + len(x.Head) + len(x.Own) + len(x.Tail)
	parts = [4][]byte{lead, x.Head, x.Own, []byte(x.Tail)}
	skip := x.sent
	for i := range parts {
		n := min(skip, len(parts[i]))
		parts[i] = parts[i][n:]
		skip -= n
	}
	return parts, lead
}
