package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestBrowser opens every page of relays with 0, 3 and 10,000 satellites, and
// of a satellite, in a real browser (co2.md 5, WCAG 2.2 AA).
func TestBrowser(t *testing.T) {
	browser, axe := startBrowser(t), needAxe(t)
	towns := populate(t)
	for name, s := range towns.servers() {
		t.Run("pages of "+name, func(t *testing.T) {
			t.Parallel()
			b := openTab(t, browser, s.url)
			for _, at := range b.crawl(name) {
				b.check(axe, at)
			}
		})
	}
	t.Run("keyboard", func(t *testing.T) {
		t.Parallel()
		b := openTab(t, browser, towns.three.url)
		for _, at := range b.crawl("three") {
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
func (b *tab) crawl(name string) []string {
	b.t.Helper()
	found := map[string]string{"/": "/"}
	for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
		b.open(queue[0])
		for _, at := range b.links() {
			if k := kind(at); found[k] == "" && b.leadsToPage(at) {
				found[k] = at
				queue = append(queue, at)
			}
		}
	}
	var list []string
	for _, k := range mustHave(name) {
		if found[k] == "" {
			b.t.Errorf("no link leads to %s", k)
		}
	}
	for _, at := range found {
		list = append(list, at)
	}
	slices.Sort(list)
	b.quiet("on the way through all pages")
	return list
}

// leadsToPage reports whether there is a page at a path, and no figures or
// files.
func (b *tab) leadsToPage(at string) bool {
	b.t.Helper()
	answer, err := http.Head(b.server + at)
	if err != nil {
		b.t.Fatal(err)
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
	for _, width := range []int64{320, 1280} {
		where := fmt.Sprintf("%s, %d px, ", at, width)
		b.dress("dark", width)
		b.accessible(axe, colourRules, where+"dark")
		b.dress("light", width)
		b.accessible(axe, allRules, where+"light")
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
