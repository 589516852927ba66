package main_test

import (
	"strconv"

	"github.com/chromedp/chromedp/kb"
)

// A stop is where the Tab key has led.
type stop struct {
	Index   int    // of the page's controls; -1: none of them
	Element string // its markup, cut
	Body    bool   // it is at the end, on no element
	Outline bool   // people see where it is
	InView  bool   // and no scrolling is needed
}

// listStops finds all that a person can do something with.
const listStops = `window.stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
	.filter(e => e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})
		&& !(e.type === 'radio' && !e.checked && document.querySelector('input[type=radio][name="' + CSS.escape(e.name) + '"]:checked')));
	stops.length`

const readStop = `(() => {
	const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
	return {
		Index: stops.indexOf(e), Element: e.outerHTML.slice(0, 150), Body: e === document.body || e === document.documentElement,
		Outline: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2,
		InView: r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth,
	};
})()`

// tabs goes through a page with the Tab key: it comes to every control, and
// people see where it is (WCAG 2.1.1, 2.1.2, 2.4.7).
func (b *tab) tabs(at string) {
	b.t.Helper()
	b.open(at)
	all := eval[int](b, listStops)
	reached := map[int]bool{}
	last := stop{Index: -2}
	for range 2*all + 20 { // some controls are several stops
		b.press(kb.Tab)
		last = eval[stop](b, readStop)
		if last.Body {
			break
		}
		switch {
		case last.Index < 0:
			continue // a box that scrolls
		case !last.Outline:
			b.t.Errorf("%s: nothing shows that %s has the focus", at, last.Element)
		case !last.InView:
			b.t.Errorf("%s: %s has the focus and is out of sight", at, last.Element)
		}
		reached[last.Index] = true
	}
	if !last.Body {
		b.t.Errorf("%s: Tab never leaves the page; it is at %s", at, last.Element)
	}
	for i := range all {
		if !reached[i] {
			b.t.Errorf("%s: Tab does not come to %s", at, eval[string](b, nth(i)))
		}
	}
	b.quiet(at + " by keyboard")
}

// skips takes the link over the navigation (WCAG 2.4.1).
func (b *tab) skips(at string) {
	b.t.Helper()
	b.open(at)
	b.press(kb.Tab)
	if !eval[bool](b, `document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().top >= 0`) {
		b.t.Errorf("%s: the first Tab does not show the link to the content", at)
	}
	b.press(kb.Enter)
	b.until("the skip to the content of "+at, `document.activeElement.matches('main')`)
	if !eval[bool](b, `[...document.querySelectorAll('main *')].some(e => e.tabIndex >= 0)`) {
		return // there is nothing to do on it
	}
	b.press(kb.Tab)
	if !eval[bool](b, `document.activeElement === document.body || !document.activeElement.matches('header *, .skip')`) {
		b.t.Errorf("%s: after the skip, Tab is back in the header", at)
	}
}

func nth(i int) string { return "stops[" + strconv.Itoa(i) + "].outerHTML.slice(0, 150)" }
