package main_test

import (
	"fmt"
	"testing"

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
