package main_test

import (
	"fmt"
	"testing"

	protocol "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// staysLive looks on while satellites join and messages are sent: the pages
// show it, and are never loaded again.
func staysLive(t *testing.T, b *tab, r *server) {
	t.Helper()
	b.open("/satellites")
	b.stays()
	listen(t, nil).register(t, r, "nick", text("early"))
	b.until("the row of a satellite that joined", rowSays("early"))
	anna := listen(t, nil).register(t, r, "nick", text("late"))
	b.until("the row of a second one", rowSays("late"))
	b.stayed("/satellites")

	b.open("/messages?payloads=1")
	b.stays()
	anna.send(t, r, text("one "+"&lt;x-evil&gt;"))
	b.until("the message sent", rowSays("one <x-evil>"))
	b.do(chromedp.Click(chromedp.CSS(`#live button`)))
	b.until("the pause", `document.querySelector('#live button').getAttribute('aria-pressed') === 'true'`)
	anna.send(t, r, text("two"))
	b.until("the count of what is held back", `/\d/.test(document.querySelector('#live').innerText)`)
	if eval[bool](b, rowSays("two")) {
		t.Error("/messages shows a message while it is paused")
	}
	b.do(chromedp.Click(chromedp.CSS(`#live button`)))
	b.until("the message sent meanwhile", rowSays("two"))
	b.stayed("/messages")

	b.open("/")
	b.stays()
	listen(t, nil).register(t, r, "nick", text("last"))
	b.until("the event of a satellite that joined", rowSays("last"))
	b.stayed("/")
	b.quiet("live pages")
}

// stays marks the page, so that loading it again is seen.
func (b *tab) stays() {
	b.t.Helper()
	eval[bool](b, `window.same = true`)
	b.until("the stream of events", `!!document.querySelector('#live') && document.querySelector('#live').dataset.mood !== 'wait'`)
}

func (b *tab) stayed(where string) {
	b.t.Helper()
	if !eval[bool](b, `window.same === true`) {
		b.t.Errorf("%s was loaded again", where)
	}
}

// rowSays is true if a row of a table has these words.
func rowSays(words string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('tbody tr')].some(row => row.innerText.includes(%q))`, words)
}

// inBackground makes a page believe that nobody looks, as long as window.seen
// is not set, and counts its streams.
const inBackground = `
Object.defineProperty(Document.prototype, 'hidden', { get: () => !window.seen });
window.streams = 0;
window.EventSource = class extends EventSource { constructor(...args) { super(...args); window.streams++; } };`

// listensOnceSeen opens a page that nobody looks at: it takes no stream, of
// which a browser has few, until somebody does.
func listensOnceSeen(t *testing.T, b *tab) {
	t.Helper()
	command(b, protocol.AddScriptToEvaluateOnNewDocument, protocol.AddScriptToEvaluateOnNewDocumentParams{Source: inBackground})
	b.open("/")
	b.until("the line about being live", `!!document.querySelector('#live')`)
	eval[bool](b, `dispatchEvent(new Event('online'))`)
	if n := eval[int](b, `window.streams`); n != 0 {
		t.Errorf("a page that nobody looks at has taken %d streams", n)
	}
	eval[bool](b, `window.seen = true, document.dispatchEvent(new Event('visibilitychange'))`)
	b.until("the stream of a page that is looked at", `window.streams === 1 && document.querySelector('#live').dataset.mood === 'live'`)
	b.quiet("a page in the background")
}

// growsStale looks on while the relay stops: the page says since when it is not
// up to date, and its figures show it.
func growsStale(t *testing.T, b *tab, r *server) {
	t.Helper()
	listen(t, nil).register(t, r, "nick", text("anna"))
	b.open("/")
	b.until("the stream", `document.querySelector('#live')?.dataset.mood === 'live'`)
	b.until("the age of the dump", `/ago/.test(document.querySelector('#f-dump').innerText)`)
	if eval[string](b, `getComputedStyle(document.querySelector('main')).filter`) != "none" {
		t.Error("a live page looks stale")
	}
	r.stop()
	b.until("the loss of the stream", `document.querySelector('#live').dataset.mood === 'lost'`)
	b.until("figures that look stale", `getComputedStyle(document.querySelector('main')).filter !== 'none' && getComputedStyle(document.querySelector('#f-in')).opacity < 1`)
	b.until("since when", `/^As of \d\d:\d\d:\d\d, not up to date/.test(document.querySelector('#live [role=status]').innerText)`)
	b.until("an age that goes on", `!/^just now|^[01] s ago/.test(document.querySelector('#f-dump').innerText)`)
	b.complaints() // of the connection that was lost
}
