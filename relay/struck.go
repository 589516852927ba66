package relay

import (
	"html"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What satellites say in faults is shown to people, and some repeat there what
// they were called with. Runs of so many octets are taken for repeated.
const struckRun = 8

// mostStruck is how much of a reason is looked at, in octets. It is more than
// is shown.
const mostStruck = 1024

// struckMessage is shown in the place of what a reason repeats of a message.
const struckMessage = "[message]"

// struckPass is shown in the place of a notify_pass.
const struckPass = "[notify_pass]"

// without strikes a password out of a reason, and what it repeats of a message,
// if there is one. Parts of the password go last: the message may have them too.
func without(reason, pass string, m *Message) string {
	reason = withoutPass(reason, pass)
	if m != nil {
		reason = withoutMessage(reason, m)
	}
	s := newStriker(reason)
	s.text(pass)
	return s.strike(struckPass)
}

// withoutPass strikes a password out of a reason, as it is and as languages
// quote it. A short one could be guessed from what is left, so a reason that
// holds it is not shown at all.
func withoutPass(reason, pass string) string {
	if pass == "" {
		return reason
	}
	for _, spelled := range []string{pass, inQuotes(pass), html.EscapeString(pass), url.QueryEscape(pass)} {
		if len(pass) < struckRun && strings.Contains(reason, spelled) {
			return "the call failed; why is not shown, since the words hold the satellite's notify_pass"
		}
		reason = strings.ReplaceAll(reason, spelled, struckPass)
	}
	return reason
}

func inQuotes(s string) string {
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}

// withoutMessage strikes the values of a message out of a reason. The names of
// members stay: a satellite that misses one says so.
func withoutMessage(reason string, m *Message) string {
	s := newStriker(reason)
	for xml := m.Data.String(); xml != ""; {
		text, tag, _ := strings.Cut(xml, "<")
		s.text(text)
		if strings.HasPrefix(tag, "name>") {
			_, tag, _ = strings.Cut(tag, "</name")
		}
		_, xml, _ = strings.Cut(tag, ">")
	}
	return s.strike(struckMessage)
}

// A striker finds what a reason has in common with other text, in one pass
// over that text, which may be long.
type striker struct {
	reason string
	at     map[uint64][]int // of each run of the reason that was not found yet, its places
	maybe  [256]uint64      // a bit for each hash of a run: most of the other text stops here
	struck []bool           // by octet of the reason
}

func newStriker(reason string) *striker {
	if len(reason) > mostStruck {
		reason = reason[:mostStruck]
	}
	s := &striker{reason: reason}
	if len(reason) < struckRun {
		return s
	}
	s.at, s.struck = make(map[uint64][]int), make([]bool, len(reason))
	var run uint64
	for i := range len(reason) {
		run = run<<8 | uint64(reason[i])
		if first := i + 1 - struckRun; first >= 0 {
			s.at[run] = append(s.at[run], first)
			h := runHash(run)
			s.maybe[h/64] |= 1 << (h % 64)
		}
	}
	return s
}

// runHash is from 0 to 64*256-1.
func runHash(run uint64) uint64 { return run * 0x9E3779B97F4A7C15 >> 50 }

// text marks what the reason has in common with a text of XML.
func (s *striker) text(text string) {
	if len(s.at) == 0 || len(text) < struckRun {
		return
	}
	var run uint64
	n := 1 // octets in run, up to struckRun
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '&' {
			var skipped int
			c, skipped = character(text[i:])
			i += skipped
		}
		run = run<<8 | uint64(c)
		if n < struckRun {
			n++
			continue
		}
		if h := runHash(run); s.maybe[h/64]&(1<<(h%64)) != 0 {
			for _, first := range s.at[run] {
				for j := first; j < first+struckRun; j++ {
					s.struck[j] = true
				}
			}
			delete(s.at, run)
			if len(s.at) == 0 {
				return
			}
		}
	}
}

// character reads a reference as this program spells it, and returns how many
// octets it has beyond the first.
func character(text string) (c byte, more int) {
	switch {
	case strings.HasPrefix(text, "&amp;"):
		return '&', 4
	case strings.HasPrefix(text, "&lt;"):
		return '<', 3
	case strings.HasPrefix(text, "&gt;"):
		return '>', 3
	case strings.HasPrefix(text, "&#13;"):
		return '\r', 4
	}
	return '&', 0
}

// strike returns the reason with word in the place of each part that was
// found. No character is cut in two.
func (s *striker) strike(word string) string {
	var b strings.Builder
	in := false
	for i, c := range s.reason {
		struck := false
		for j := i; j < i+utf8.RuneLen(c) && j < len(s.struck); j++ {
			struck = struck || s.struck[j]
		}
		if !struck {
			b.WriteRune(c)
		} else if !in {
			b.WriteString(word)
		}
		in = struck
	}
	return b.String()
}
