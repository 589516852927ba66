package main_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestBrowser opens every page of relays with 0, 3 and 10,000 satellites, and
// of a satellite, in a real browser (co2.md 5, WCAG 2.2 AA).
func TestBrowser(t *testing.T) {
	browser, axe := startBrowser(t), needAxe(t)
	towns := populate(t)
	for name, server := range towns.servers() {
		t.Run("pages of "+name, func(t *testing.T) {
			t.Parallel()
			s := server(t)
			b := openTab(t, browser, s.url)
			for _, at := range crawl(t, s, name) {
				b.check(axe, at)
			}
		})
	}
	t.Run("keyboard", func(t *testing.T) {
		t.Parallel()
		b := openTab(t, browser, towns.three.url)
		for _, at := range crawl(t, towns.three, "three") {
			b.skips(at)
			b.tabs(at)
		}
	})
	t.Run("forms", func(t *testing.T) {
		t.Parallel()
		b := openTab(t, browser, towns.three.url)
		callsAtOnce(b)
		towns.callsByForm(b)
		b.scripts(false)
		towns.callsByForm(b)
	})
	t.Run("copying", func(t *testing.T) {
		t.Parallel()
		copies(openTab(t, browser, towns.satellite.url))
	})
	t.Run("plots", func(t *testing.T) {
		t.Parallel()
		b := openTab(t, browser, towns.three.url)
		hearsCanvases(b)
		for _, at := range []string{"/", "/satellites/" + towns.bob.hostID} {
			drawsAlike(b, at)
		}
	})
	t.Run("actions", func(t *testing.T) {
		t.Parallel()
		relay := startRelay(t, "--ping-interval", "1h")
		b := openTab(t, browser, relay.url)
		actsOnSatellites(t, b, relay, "with scripts")
		b.scripts(false)
		actsOnSatellites(t, b, relay, "without")
	})
	t.Run("live", func(t *testing.T) {
		t.Parallel()
		relay := startRelay(t)
		staysLive(t, openTab(t, browser, relay.url), relay)
	})
	t.Run("background", func(t *testing.T) {
		t.Parallel()
		relay := startRelay(t)
		listensOnceSeen(t, openTab(t, browser, relay.url))
		growsStale(t, openTab(t, browser, relay.url), relay)
	})
	t.Run("strangers' markup", func(t *testing.T) {
		t.Parallel()
		relay := startRelayWithPolo(t, "--ping-interval", "500ms", "--mass-down", "0")
		b := openTab(t, browser, relay.url)
		b.unguarded()
		showsMarkup(t, b, relay)
		staysText(b)
	})
}

// mustHave are the kinds of pages there have to be.
func mustHave(name string) []string {
	switch name {
	case "a satellite":
		return []string{"/", "/methods", "/methods/*"}
	case "no satellites":
		return []string{"/", "/satellites", "/messages", "/events", "/discovery", "/methods", "/methods/*"}
	}
	return []string{"/", "/satellites", "/satellites/*", "/messages", "/events", "/discovery", "/methods", "/methods/*"}
}

// kind is what pages are alike in: of the methods, and of the satellites, one
// is looked at for all.
func kind(at string) string {
	parts := strings.Split(at, "/")
	for i := 2; i < len(parts); i += 2 {
		parts[i] = "*"
	}
	return strings.Join(parts, "/")
}

// crawl follows the links from the front page and returns a page of every
// kind.
func crawl(t *testing.T, s *server, name string) []string {
	t.Helper()
	found := map[string]string{"/": "/"}
	for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
		for _, at := range links(t, s, queue[0]) {
			if k := kind(at); found[k] == "" && leadsToPage(t, s, at) {
				found[k] = at
				queue = append(queue, at)
			}
		}
	}
	for _, k := range mustHave(name) {
		if found[k] == "" {
			t.Errorf("no link leads to %s", k)
		}
	}
	return slices.Sorted(maps.Values(found))
}

// links are the paths of a page's links to its server, without what is asked of
// them.
func links(t *testing.T, s *server, at string) []string {
	t.Helper()
	answer, err := http.Get(s.url + at)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	doc, err := html.Parse(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", at, answer.Status, err)
	}
	var list []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "a" {
			continue
		}
		for _, a := range n.Attr {
			if to, err := answer.Request.URL.Parse(a.Val); err == nil && a.Key == "href" && to.Host == answer.Request.URL.Host {
				list = append(list, to.EscapedPath())
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// leadsToPage reports whether there is a page at a path, and no figures or
// files.
func leadsToPage(t *testing.T, s *server, at string) bool {
	t.Helper()
	answer, err := http.Head(s.url + at)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html")
}

// outline is what a page is made of.
type outline struct {
	Title, Lang, H1 string
	Landmarks       []string // roles and how many
	Heads, Rows     int
	Plots           int
	Text            int // characters in main
}

const readOutline = `(() => {
	const n = q => document.querySelectorAll(q).length;
	const main = document.querySelector('main');
	return {
		Title: document.title, Lang: document.documentElement.lang, H1: document.querySelector('h1')?.innerText ?? '',
		Landmarks: ['body > header', 'body > header nav', 'main', 'body > footer', 'h1'].map(q => q + ' ' + n(q)),
		Heads: n('h2'), Rows: n('tbody tr'), Plots: [...document.querySelectorAll('figure.plot')].filter(e => [...e.querySelectorAll('svg, canvas')].some(p => p.checkVisibility())).length,
		Text: main ? main.innerText.length : 0,
	};
})()`

var landmarks = []string{"body > header 1", "body > header nav 1", "main 1", "body > footer 1", "h1 1"}

// check looks at one page in every way.
func (b *tab) check(axe, at string) {
	b.t.Helper()
	b.open(at)
	with := eval[outline](b, readOutline)
	switch {
	case !strings.Contains(with.Title, "co2"), with.H1 == "", with.Lang != "en", with.Text == 0:
		b.t.Errorf("%s: it is %+v", at, with)
	case !slices.Equal(with.Landmarks, landmarks):
		b.t.Errorf("%s: it has %q, want %q", at, with.Landmarks, landmarks)
	}
	for _, dress := range []struct {
		colours string
		width   int64
	}{{"dark", 320}, {"light", 1280}} { // TestContrasts reckons all colours
		where := fmt.Sprintf("%s, %s, %d px", at, dress.colours, dress.width)
		b.dress(dress.colours, dress.width)
		b.accessible(axe, where)
		b.fits(where)
	}
	b.lifeless(at)
	b.quiet(at)

	b.scripts(false)
	b.open(at)
	without := eval[outline](b, readOutline)
	b.scripts(true)
	b.quiet(at + " without scripts")
	if without.Title != with.Title || without.H1 != with.H1 || !slices.Equal(without.Landmarks, with.Landmarks) ||
		without.Heads < with.Heads || without.Plots < with.Plots || without.Rows == 0 && with.Rows > 0 {
		b.t.Errorf("%s: without scripts it is %+v, with them %+v", at, without, with)
	}
}

// fits fails the test if the page is wider than the window. What scrolls by
// itself may be.
func (b *tab) fits(where string) {
	b.t.Helper()
	for _, wide := range eval[[]string](b, `(() => {
		const width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= width) return [];
		const scrolls = e => e && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
		return [...document.body.querySelectorAll('*')]
			.filter(e => e.getBoundingClientRect().right > width && !scrolls(e.parentElement))
			.slice(0, 3).map(e => e.outerHTML.slice(0, 150)).concat('to ' + document.documentElement.scrollWidth + ' px');
	})()`) {
		b.t.Errorf("%s: wider than the window: %s", where, wide)
	}
}
