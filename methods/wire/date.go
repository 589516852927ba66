package wire

import "time"

// parseDate reads the forms of V-DT-1 and checks the calendar (V-DT-2). A
// zone converts to UTC, no zone counts as UTC (V-DT-3).
func parseDate(s string) (t time.Time, ok bool) {
	if len(s) == len("YYYYMMDDTHH:MM:SS") && s[8] == 'T' && s[11] == ':' && s[14] == ':' {
		return makeDate(100*twoDigits(s)+twoDigits(s[2:]), twoDigits(s[4:]), twoDigits(s[6:]), twoDigits(s[9:]), twoDigits(s[12:]), twoDigits(s[15:]), 0)
	}
	p := dateParser{rest: s, ok: true}
	year, month, day := p.date()
	if !p.skip('T') && !p.skip(' ') {
		return t, false
	}
	hour, minute, second := p.clock()
	nanos := p.fraction()
	offset := p.zone()
	if !p.ok || p.rest != "" {
		return t, false
	}
	t, ok = makeDate(year, month, day, hour, minute, second, nanos)
	if offset == 0 || !ok {
		return t, ok
	}
	t = t.Add(-offset)
	return t, t.Year() >= 1 && t.Year() <= 9999
}

// twoDigits reads two digits; what is none gives more than any of them may be.
func twoDigits(s string) int {
	tens, ones := s[0]-'0', s[1]-'0'
	if tens > 9 || ones > 9 {
		return 10_000
	}
	return 10*int(tens) + int(ones)
}

// makeDate checks the calendar.
func makeDate(year, month, day, hour, minute, second, nanos int) (t time.Time, ok bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return t, false
	}
	days := 30 + (month+month>>3)&1 // 31 in the odd months up to July, in the even ones from August on
	if month == 2 {
		days = 28
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			days = 29
		}
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC), day <= days
}

// A dateParser takes a date apart from the front; ok turns false for good
// once something is not as it should be.
type dateParser struct {
	rest string
	ok   bool
}

// number reads exactly n digits.
func (p *dateParser) number(n int) int {
	if len(p.rest) < n || digits(p.rest[:n]) < n {
		p.ok = false
		return 0
	}
	v := 0
	for _, c := range []byte(p.rest[:n]) {
		v = v*10 + int(c-'0')
	}
	p.rest = p.rest[n:]
	return v
}

func (p *dateParser) skip(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// date reads YYYYMMDD or YYYY-MM-DD.
func (p *dateParser) date() (year, month, day int) {
	year = p.number(4)
	hyphens := p.skip('-')
	month = p.number(2)
	p.ok = p.skip('-') == hyphens && p.ok
	return year, month, p.number(2)
}

// clock reads HH:MM:SS or HHMMSS.
func (p *dateParser) clock() (hour, minute, second int) {
	hour = p.number(2)
	colons := p.skip(':')
	minute = p.number(2)
	p.ok = p.skip(':') == colons && p.ok
	return hour, minute, p.number(2)
}

func (p *dateParser) fraction() (nanos int) {
	if !p.skip('.') && !p.skip(',') {
		return 0
	}
	n := digits(p.rest)
	if n < 1 || n > 9 {
		p.ok = false
		return 0
	}
	nanos = p.number(n)
	for range 9 - n {
		nanos *= 10
	}
	return nanos
}

// zone reads nothing, Z, ±HH, ±HHMM or ±HH:MM.
func (p *dateParser) zone() time.Duration {
	if p.rest == "" || p.skip('Z') {
		return 0
	}
	sign := time.Duration(1)
	if p.skip('-') {
		sign = -1
	} else if !p.skip('+') {
		p.ok = false
		return 0
	}
	hours, minutes := p.number(2), 0
	if p.skip(':') || p.rest != "" {
		minutes = p.number(2)
	}
	p.ok = p.ok && hours <= 23 && minutes <= 59
	return sign * (time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute)
}

// appendDate appends YYYYMMDDTHH:MM:SS in UTC (V-DT-4); ok is false outside
// the years 1 to 9999.
func appendDate(dst []byte, t time.Time) (out []byte, ok bool) {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 1 || year > 9999 {
		return dst, false
	}
	hour, minute, second := t.Clock()
	dst = appendPair(appendPair(dst, year/100), year%100)
	dst = appendPair(appendPair(dst, int(month)), day)
	dst = appendPair(append(dst, 'T'), hour)
	dst = appendPair(append(dst, ':'), minute)
	return appendPair(append(dst, ':'), second), true
}

// appendPair appends two digits.
func appendPair(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
