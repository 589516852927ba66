package main_test

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// callsByForm makes calls with the forms of the methods' pages, as a person
// does, and reads their answers.
func (w *towns) callsByForm(b *tab) {
	b.open("/methods/system.methodHelp")
	b.fill("method_name", "relay.register")
	b.press(kb.Enter)
	b.until("the answer of system.methodHelp", answerSays("Registers the calling satellite"))

	b.open("/methods/system.methodHelp")
	b.fill("method_name", "no.such")
	b.press(kb.Enter)
	b.until("the fault of system.methodHelp", answerSays("Fault -32601"))

	b.open("/methods/relay.relay")
	b.fill("host_id", w.satellite.hostID)
	b.fill("data", evilText)
	b.do(chromedp.Click(chromedp.CSS(`main form p button[value=call]`)))
	b.until("the answer of relay.relay", answerSays("OK"))
	wantMessage(b.t, w.satellite.hostID, quoted(evilText), w.bob)
	b.lifeless("the answer of relay.relay")
	b.quiet("calls by forms")
	w.mendsForms(b)
}

// mendsForms makes mistakes with a form, and finds where to mend them: the
// links of the answer lead to the field, and what is new has the focus.
func (w *towns) mendsForms(b *tab) {
	b.t.Helper()
	focus := func(id string) string {
		return fmt.Sprintf(`document.readyState === 'complete' && document.activeElement.id === %q`, id)
	}
	b.open("/methods/relay.relay")
	b.fill("host_id", w.satellite.hostID)
	data := eval[string](b, `[...document.querySelectorAll('main label')].find(l => l.querySelector('code')?.innerText === 'data').htmlFor.slice(2)`)
	b.fill("data", `{"a": 1}`)
	b.do(chromedp.SetValue(chromedp.CSS(fmt.Sprintf("[id=%q]", "t."+data)), "struct"))
	b.do(chromedp.Click(chromedp.CSS(`main form p button[value=call]`)))
	b.until("why relay.relay was not called", answerSays("The call was not made"))
	b.do(chromedp.Click(chromedp.CSS(`section[aria-labelledby=answer] [role=alert] a`)))
	b.until("the way to the field", focus("t."+data))
	b.click("Add a row to data")
	b.until("the focus on the new row", focus("k."+data+".1"))
	b.click("Remove row 2")
	b.until("the focus on the row before", focus("k."+data+".0"))
	b.do(chromedp.SetValue(chromedp.CSS(fmt.Sprintf("[id=%q]", "t."+data)), "string"))
	b.click("Change the type of data")
	b.until("the focus on the text", focus("v."+data))
	if text := eval[string](b, `document.activeElement.value`); text != `{"a": 1}` {
		b.t.Errorf("with its type changed back the field holds %q", text)
	}
	b.quiet("mending a form")
}

// callsAtOnce looks whether the form of a method is in sight when its page opens,
// however much there is to say of its result.
func callsAtOnce(b *tab) {
	b.t.Helper()
	const at = "/methods/relay.get_satellite_props" // no result has more members
	for _, width := range []int64{1280, 320} {
		b.dress("light", width)
		b.open(at)
		if !eval[bool](b, `document.querySelector('main form [id^="v."]').getBoundingClientRect().bottom <= innerHeight`) {
			b.t.Errorf("%s, %d px: the form is out of sight", at, width)
		}
	}
	b.dress("light", 1280)
	b.quiet(at)
}

// fill types into the field with a label.
func (b *tab) fill(label, text string) {
	b.t.Helper()
	id := eval[string](b, fmt.Sprintf(`[...document.querySelectorAll('main label')].find(l => l.htmlFor.startsWith('v.') && l.querySelector('code')?.innerText === %q).htmlFor`, label))
	b.do(chromedp.SendKeys(chromedp.CSS(fmt.Sprintf("[id=%q]", id)), text))
}

// answerSays is true once a call was answered with these words in it.
func answerSays(words string) string {
	return fmt.Sprintf(`document.readyState === 'complete' && (document.querySelector('section[aria-labelledby=answer]')?.innerText ?? '').includes(%q)`, words)
}
