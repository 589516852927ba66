package web

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// unknown stands for what is not known.
const unknown = "–"

func showMS(ms float64) string {
	switch {
	case ms < 0 || math.IsNaN(ms):
		return unknown
	case ms < 100:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case ms < 10_000:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	}
	return showSpan(time.Duration(ms * float64(time.Millisecond)))
}

// bareMS is showMS beside another one, which says the unit.
func bareMS(ms float64) string { return strings.TrimSuffix(showMS(ms), " ms") }

// showCount writes n with a comma between thousands.
func showCount[T int | uint64](n T) string {
	text := strconv.FormatUint(uint64(max(n, 0)), 10)
	var b strings.Builder
	for i, c := range text {
		if i > 0 && (len(text)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// showNumber writes v with as many digits as a person reads at a glance.
func showNumber(v float64) string {
	switch {
	case math.IsNaN(v):
		return unknown
	case v != math.Trunc(v) && math.Abs(v) < 10:
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
	case v != math.Trunc(v) && math.Abs(v) < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v < 0 || v >= 1e15:
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	return showCount(uint64(math.Round(v)))
}

// showRate writes messages a second; less than 0 is not known.
func showRate(v float64) string {
	if v < 0 || math.IsNaN(v) {
		return unknown
	}
	return showNumber(v) + " /s"
}

// showSpan writes a time in its two greatest units.
func showSpan(d time.Duration) string {
	switch d = max(d, 0); {
	case d == 0:
		return "0 s"
	case d < 10*time.Millisecond:
		return showNumber(float64(d.Microseconds())/1000) + " ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < 10*time.Second:
		return strconv.FormatFloat(math.Floor(d.Seconds()*10)/10, 'f', -1, 64) + " s"
	}
	units := []struct {
		name string
		is   time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}}
	for i, u := range units {
		if d < u.is {
			continue
		}
		text := strconv.Itoa(int(d/u.is)) + " " + u.name
		if rest := d % u.is; i+1 < len(units) && rest >= units[i+1].is && d < 10*u.is {
			text += " " + strconv.Itoa(int(rest/units[i+1].is)) + " " + units[i+1].name
		}
		return text
	}
	return "0 s"
}

// showOctets writes a size.
func showOctets(n int) string {
	switch {
	case n < 1<<10:
		return strconv.Itoa(max(n, 0)) + " B"
	case n < 1<<20:
		return showNumber(float64(n)/(1<<10)) + " KiB"
	}
	return showNumber(float64(n)/(1<<20)) + " MiB"
}

const utcForm = "2006-01-02 15:04:05 UTC"

func showUTC(t time.Time) string { return t.UTC().Format(utcForm) }
func showISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// showStamp is t as short as now allows: without the date if it is today's.
func showStamp(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04:05 UTC")
	}
	return t.Format(utcForm)
}

// A moment is a time beside the time of the page.
type moment struct {
	At  time.Time
	now time.Time
	Age bool // also how long ago it was
}

func newMoment(at, now time.Time, age bool) moment { return moment{at, now, age} }

// Never reports whether there is no time to show.
func (m moment) Never() bool { return m.At.IsZero() }

// Short is the time as short as it is clear.
func (m moment) Short() string { return showStamp(m.At, m.now) }

// Ago is how long ago it was, in whole units.
func (m moment) Ago() string {
	d := m.now.Sub(m.At)
	switch {
	case d < time.Second:
		return "just now"
	case d < time.Minute:
		d = d.Truncate(time.Second)
	case d < time.Hour:
		d = d.Truncate(time.Minute)
	case d < 24*time.Hour:
		d = d.Truncate(time.Hour)
	default:
		d = d.Truncate(24 * time.Hour)
	}
	return showSpan(d) + " ago"
}

// showSince is how long something lasts.
func showSince(t, now time.Time) string { return showSpan(now.Sub(t).Truncate(time.Second)) }

// pathOf is the page of a satellite. Host ids are opaque: they may hold
// anything.
func pathOf(hostID string) string {
	escaped := url.PathEscape(hostID)
	if escaped == "." || escaped == ".." {
		escaped = strings.ReplaceAll(escaped, ".", "%2E")
	}
	return "/satellites/" + escaped
}

// someOf writes the number of a thing: "1 satellite", "3 satellites". Where
// more of them are not called so, plural says how.
func someOf(n int, thing string, plural ...string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case len(plural) > 0:
		return showCount(n) + " " + plural[0]
	}
	return showCount(n) + " " + thing + "s"
}
