package web

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A view is a page that is looked at. Beside what never changes, and newest,
// which the hub's goroutine has alone, its fields are guarded by the hub's lock.
type view struct {
	key       string
	asked     *http.Request
	stirredBy stirs                // 0: it is made as time goes
	newest    map[string]time.Time // points of each series that have gone out

	watchers map[*watcher]bool
	late     bool      // it is to be made
	made     time.Time // when it was last
	version  int
	now      time.Time
	lines    []string // nil: it has not been made yet
	whole    []byte   // the event "page" of this version; nil: nobody asked for it
}

// text is the whole page, as a reader would get it. It is not ok if making it
// panicked, which a reload of the page will tell.
func (v *view) text(pages http.Handler) (text string, ok bool) {
	defer func() { ok = recover() == nil }()
	sheet := sheet{header: http.Header{}}
	pages.ServeHTTP(&sheet, v.asked.Clone(v.asked.Context()))
	return sheet.text.String(), true
}

// id is the version that the watchers have.
func (v *view) id(h *hub) string { return h.epoch + "-" + strconv.Itoa(v.version) }

// A liveEvent is the data of an event.
type liveEvent struct {
	Now    time.Time               `json:"now"`
	Lines  []any                   `json:"lines"`            // a line, or [first, count] of those before
	Assets string                  `json:"assets,omitempty"` // where the page's files are by now
	Points map[string][]shownPoint `json:"points,omitempty"` // since the event before, of the series shown
}

// page is the event that begins a stream.
func (v *view) page(h *hub) []byte {
	if v.whole == nil {
		all := make([]any, len(v.lines))
		for i, line := range v.lines {
			all[i] = line
		}
		v.whole = encodeEvent("page", v.id(h), liveEvent{Now: v.now, Lines: all, Assets: h.assets})
	}
	return v.whole
}

// publish tells all watchers what lines and points make the page now. Who is
// too far behind is sent away, and comes again for the whole page.
func (v *view) publish(h *hub, lines []string, points map[string][]shownPoint) {
	first := v.lines == nil
	patch, same := diff(v.lines, lines)
	if same && len(points) == 0 && !first {
		return
	}
	v.version++
	v.now, v.lines, v.whole = h.now(), lines, nil
	var piece []byte
	if first {
		piece = v.page(h)
	} else {
		piece = encodeEvent("patch", v.id(h), liveEvent{Now: v.now, Lines: patch, Points: points})
	}
	for w := range v.watchers {
		select {
		case w.pieces <- piece:
		default:
			close(w.pieces)
			delete(v.watchers, w)
		}
	}
}

// giveUp sends all watchers away.
func (v *view) giveUp() {
	for w := range v.watchers {
		close(w.pieces)
		delete(v.watchers, w)
	}
}

func encodeEvent(kind, id string, ev liveEvent) []byte {
	var b bytes.Buffer
	b.WriteString("event: " + kind + "\nid: " + id + "\ndata: ")
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it is no page: lines of HTML would get longer by half
	enc.Encode(ev)           // of such types it cannot fail; it ends in a line feed
	b.WriteByte('\n')
	return b.Bytes()
}

// diff writes next by lines of prev, and tells whether they are the same.
func diff(prev, next []string) (patch []any, same bool) {
	at := make(map[string]int, len(prev))
	for i, line := range prev {
		at[line] = i
	}
	patch = []any{}
	for i := 0; i < len(next); {
		start, ok := at[next[i]]
		if i < len(prev) && prev[i] == next[i] {
			start, ok = i, true // of the same lines the one in place
		}
		if !ok {
			patch = append(patch, next[i])
			i++
			continue
		}
		n := 1
		for i+n < len(next) && start+n < len(prev) && next[i+n] == prev[start+n] {
			n++
		}
		patch = append(patch, [2]int{start, n})
		i += n
	}
	return patch, len(prev) == len(next) && (len(patch) == 0 || len(patch) == 1 && patch[0] == [2]int{0, len(prev)})
}

// linesOf returns the main part of a page, line by line, without what scripts make
// themselves: ages, and the drawings of plots.
func linesOf(page string) []string {
	_, page, _ = strings.Cut(page, `<main id="main" tabindex="-1">`)
	page, _, _ = strings.Cut(page, "</main>")
	list := strings.Split(strings.TrimSpace(page), "\n")
	for i, line := range list {
		if strings.HasPrefix(line, plotDrawing) {
			head, _, _ := strings.Cut(line, "><path")
			line = head + "></svg>"
		}
		list[i] = withoutAges(line)
	}
	return list
}

// plotDrawing is how the drawing of a plot begins; that of a time line is not
// as high.
const plotDrawing = `<svg class="drawing" viewBox="0 0 600 100"`

// withoutAges leaves out how long ago something was, which changes each second.
func withoutAges(line string) string {
	const head, tail = `<span class="age"`, "</span>"
	if !strings.Contains(line, head) {
		return line
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(line, head)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		attributes, rest, _ := strings.Cut(rest, ">")
		_, rest, _ = strings.Cut(rest, tail)
		b.WriteString(head + attributes + ">" + tail)
		line = rest
	}
}

// plotsShown finds the plots of a page.
var plotsShown = regexp.MustCompile(`<figure class="plot" data-series="([a-z0-9 ]*)" data-host="([^"]*)" data-seconds="([0-9]+)"`)

// points are those of the plots on the page that have not gone out yet. The
// first time it is none: readers ask for the whole series.
func (v *view) points(n Network, lines []string) map[string][]shownPoint {
	points := map[string][]shownPoint{}
	for _, line := range lines {
		m := plotsShown.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		seconds, _ := strconv.Atoi(m[3])
		for name := range strings.FieldsSeq(m[1]) {
			series := n.Series(html.UnescapeString(m[2]), SeriesName(name), time.Duration(seconds)*time.Second)
			last, known := v.newest[name]
			if len(series.Points) == 0 || !series.Points[len(series.Points)-1].Time.After(last) {
				v.newest[name] = last
				continue
			}
			v.newest[name] = series.Points[len(series.Points)-1].Time
			if known {
				i := slices.IndexFunc(series.Points, func(p Point) bool { return p.Time.After(last) })
				points[name] = shownPoints(series.Points[i:])
			}
		}
	}
	return points
}
