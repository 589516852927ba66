package relay

import (
	"bytes"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"

	"co2/methods/wire"
)

// A recordReader reads the body of a dump that has exactly the form in which
// [AppendDump] writes it. It knows nothing else: at the first thing that is
// written otherwise it gives up, and [readXML] reads the whole dump anew.
type recordReader struct {
	rest []byte
	odd  bool // something is not as we write it
}

// readUsual returns the records of a dump in the form of this co2, or false.
func readUsual(body []byte) ([]Record, bool) {
	r := recordReader{rest: body}
	r.skip(dumpDeclaration + `<co2-dump version="`)
	version := r.number(`" saved="`)
	r.until(`" satellites="`)
	count := r.number("\">\n")
	if r.odd || version != dumpVersion || count > len(body)/minRecord {
		return nil, false
	}
	records := make([]Record, count)
	for i := range records {
		if r.read(&records[i]); r.odd {
			return nil, false
		}
	}
	return records, string(r.rest) == dumpEnd
}

// minRecord is less than the shortest record has, in octets.
const minRecord = 200

// read reads what appendRecord writes.
func (r *recordReader) read(into *Record) {
	r.skip("  <satellite>\n    <host_id>")
	into.HostID = r.text("</host_id>\n    <scheme>")
	into.Callback.Scheme = r.known("http", "</scheme>\n    <addr>")
	addr := r.known(into.HostID, "</addr>\n    <path>")
	into.Callback.Path = r.known("/RPC2", "</path>\n    <seen>")
	seen := r.text("</seen>\n    <registered>")
	into.Registered = r.time("</registered>\n    <nick>")
	into.Nick = r.known(into.HostID, "</nick>\n")
	for r.begins("    <plugin>") {
		into.Plugins = append(into.Plugins, r.text("</plugin>\n"))
	}
	r.skip("    <notify_pass>")
	into.NotifyPass = r.text("</notify_pass>\n    <message_info>")
	into.MessageInfo = r.bool("</message_info>\n")
	r.options(into)
	r.traffic(&into.Traffic)
	r.addresses(into, addr, seen)
}

func (r *recordReader) options(into *Record) {
	if r.begins("    <dialect>") {
		into.Dialect, _ = wire.ParseDialect(r.text("</dialect>\n"))
	}
	if r.begins("    <queue>") {
		into.Queue = QueuePolicy(r.text("</queue>\n"))
	}
	into.Presence = r.begins("    <presence>true</presence>\n")
	into.Paused = r.begins("    <paused>true</paused>\n")
	into.Pinned = r.begins("    <pinned>true</pinned>\n")
}

func (r *recordReader) traffic(into *Traffic) {
	r.skip(`    <sent count="`)
	into.SendCount = r.number(`" time="`)
	into.SendTime = r.time("\"></sent>\n    <received count=\"")
	into.RecvCount = r.number(`" fails="`)
	into.RecvFails = r.number(`" time="`)
	into.RecvTime = r.time("\"></received>\n  </satellite>\n")
}

func (r *recordReader) addresses(into *Record, addr, seen string) {
	if r.odd {
		return
	}
	var err error
	if into.Callback.Addr, err = netip.ParseAddrPort(addr); err != nil {
		r.odd = true
	}
	if into.Seen = into.Callback.Addr.Addr(); into.Seen.String() == seen {
		return
	}
	if into.Seen, err = netip.ParseAddr(seen); err != nil {
		r.odd = true
	}
}

// begins skips s if it comes next, and reports whether it does.
func (r *recordReader) begins(s string) bool {
	if len(r.rest) < len(s) || string(r.rest[:len(s)]) != s {
		return false
	}
	r.rest = r.rest[len(s):]
	return true
}

// skip skips s, which must come next.
func (r *recordReader) skip(s string) {
	if !r.begins(s) {
		r.odd = true
	}
}

// until returns what comes before the next < or ", behind which must be end.
func (r *recordReader) until(end string) []byte {
	n := bytes.IndexByte(r.rest, end[0])
	if n < 0 {
		r.odd = true
		return nil
	}
	found := r.rest[:n]
	r.rest = r.rest[n:]
	r.skip(end)
	return found
}

// known is text, which most often is usual: then nothing is allocated.
func (r *recordReader) known(usual, end string) string {
	if n := len(usual); len(r.rest) > n && r.rest[n] == '<' && string(r.rest[:n]) == usual {
		r.rest = r.rest[n:]
		r.skip(end)
		return usual
	}
	return r.text(end)
}

func (r *recordReader) text(end string) string {
	raw := r.until(end)
	escaped, ok := scanText(raw)
	if !ok {
		r.odd = true
		return ""
	}
	if escaped {
		return r.unescape(raw)
	}
	return string(raw)
}

// scanText reports whether raw is characters and references as
// [wire.AppendText] writes them.
func scanText(raw []byte) (escaped, ok bool) {
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c >= utf8.RuneSelf:
			char, n := utf8.DecodeRune(raw[i:])
			if n == 1 || char == 0xFFFE || char == 0xFFFF {
				return false, false
			}
			i += n
			continue
		case c == '&':
			escaped = true
		case c == '>' || c < ' ' && c != '\t' && c != '\n':
			return false, false
		}
		i++
	}
	return escaped, true
}

func (r *recordReader) unescape(raw []byte) string {
	text := make([]byte, 0, len(raw))
	for {
		n := bytes.IndexByte(raw, '&')
		if n < 0 {
			return string(append(text, raw...))
		}
		text, raw = append(text, raw[:n]...), raw[n:]
		c, length := reference(raw)
		if length == 0 {
			r.odd = true
			return ""
		}
		text, raw = append(text, c), raw[length:]
	}
}

// reference reads one of the references that [wire.AppendText] writes.
func reference(raw []byte) (c byte, length int) {
	for _, ref := range [...]struct {
		text string
		c    byte
	}{{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&#13;", '\r'}} {
		if bytes.HasPrefix(raw, []byte(ref.text)) {
			return ref.c, len(ref.text)
		}
	}
	return 0, 0
}

func (r *recordReader) number(end string) int {
	digits := r.until(end)
	n, err := strconv.ParseUint(string(digits), 10, 63)
	if err != nil || len(digits) > 1 && digits[0] == '0' {
		r.odd = true
	}
	return int(n)
}

func (r *recordReader) bool(end string) bool {
	switch string(r.until(end)) {
	case "true":
		return true
	case "false":
	default:
		r.odd = true
	}
	return false
}

func (r *recordReader) time(end string) time.Time {
	t, err := parseDumpTime(string(r.until(end)))
	if err != nil {
		r.odd = true
	}
	return t
}
