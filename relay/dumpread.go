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

// readUsual reads a dump in the form of this co2, and reports whether it is
// one.
func readUsual(body []byte) (c dumpContent, ok bool) {
	r := recordReader{rest: body}
	version, _, count := r.root()
	if r.odd || version != dumpVersion || count > len(body)/minRecord {
		return c, false
	}
	c = dumpContent{records: make([]Record, count), body: body, ends: make([]int, count+1)}
	c.ends[0] = len(body) - len(r.rest)
	for i := range c.records {
		if r.read(&c.records[i]); r.odd {
			return dumpContent{}, false
		}
		c.ends[i+1] = len(body) - len(r.rest)
	}
	return c, string(r.rest) == dumpEnd
}

func (r *recordReader) root() (version int, saved time.Time, satellites int) {
	r.skip(dumpStart)
	version = r.number(`" saved="`)
	saved = r.time(`" satellites="`)
	satellites = r.number("\">\n")
	r.odd = r.odd || version < 1
	return version, saved, satellites
}

// minRecord is less than the shortest record has, in octets.
const minRecord = len("<satellite><host_id></host_id><registered></registered></satellite>\n")

// read reads what appendRecord writes.
func (r *recordReader) read(into *Record) {
	r.skip("<satellite><host_id>")
	into.HostID = r.text("</host_id>")
	r.callback(into)
	r.skip("<registered>")
	into.Registered = r.time("</registered>")
	into.Nick = r.element("<nick>", "</nick>", into.HostID)
	for r.begins("<plugin>") {
		into.Plugins = append(into.Plugins, r.text("</plugin>"))
	}
	into.NotifyPass = r.element("<notify_pass>", "</notify_pass>", "")
	if r.begins("<dialect>") {
		into.Dialect, _ = wire.ParseDialect(r.text("</dialect>"))
	}
	into.Queue = QueuePolicy(r.element("<queue>", "</queue>", ""))
	into.MessageInfo = r.begins("<message_info>true</message_info>")
	into.Presence = r.begins("<presence>true</presence>")
	into.Paused = r.begins("<paused>true</paused>")
	into.Pinned = r.begins("<pinned>true</pinned>")
	into.PauseReason = r.element("<pause_reason>", "</pause_reason>", "")
	r.traffic(&into.Traffic)
	r.skip("</satellite>\n")
}

func (r *recordReader) callback(into *Record) {
	into.Callback.Scheme = r.element("<scheme>", "</scheme>", usualScheme)
	addr := r.element("<addr>", "</addr>", into.HostID)
	into.Callback.Path = r.element("<path>", "</path>", usualPath)
	seen := r.element("<seen>", "</seen>", "")
	if r.odd {
		return
	}
	var err error
	if into.Callback.Addr, err = netip.ParseAddrPort(addr); err != nil {
		r.odd = true
	}
	if into.Seen = into.Callback.Addr.Addr(); seen == "" {
		return
	}
	if into.Seen, err = netip.ParseAddr(seen); err != nil {
		r.odd = true
	}
}

func (r *recordReader) traffic(into *Traffic) {
	if r.begins(`<sent count="`) {
		into.SendCount = r.number(`" time="`)
		into.SendTime = r.time(`"/>`)
	}
	if r.begins(`<received count="`) {
		into.RecvCount = r.number(`" fails="`)
		into.RecvFails = r.number(`" time="`)
		into.RecvTime = r.time(`"/>`)
	}
}

// element is the text of an element, or usual where the element is left out.
func (r *recordReader) element(start, end, usual string) string {
	if !r.begins(start) {
		return usual
	}
	text := r.text(end)
	r.odd = r.odd || text == ""
	return text
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

func (r *recordReader) time(end string) time.Time {
	t, err := parseDumpTime(string(r.until(end)))
	if err != nil {
		r.odd = true
	}
	return t
}
