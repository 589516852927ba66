package main_test

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// copies takes programs and documents from the page of a method by their
// buttons, and pastes them.
func copies(b *tab) {
	b.t.Helper()
	b.open("/methods/system.methodHelp")
	b.fill("method_name", "ping")
	b.press(kb.Enter)
	b.until("the answer of system.methodHelp", answerSays("this server is alive"))
	buttons := eval[[]string](b, `[...document.querySelectorAll('main details')].forEach(d => d.open = true), [...document.querySelectorAll('main .copying button')].map(e => e.textContent)`)
	if len(buttons) != 2+len(runners) {
		b.t.Fatalf("the buttons to copy are %q, want one for both documents and each of %d programs", buttons, len(runners))
	}
	for _, way := range []string{"the browser's clipboard", "a page that may not write there"} {
		for _, words := range buttons {
			what := strings.TrimPrefix(words, "Copy ")
			b.click(words)
			b.until("the word that "+what+" is copied", fmt.Sprintf(`document.activeElement.textContent === %q && document.activeElement.parentElement.querySelector('[role=status]').innerText === %q`, words, "Copied "+what+"."))
			if n := eval[int](b, `[...document.querySelectorAll('main .copying [role=status]')].filter(e => e.innerText !== '').length`); n != 1 {
				b.t.Errorf("%d buttons say that they have copied, want the last", n)
			}
			want := eval[string](b, fmt.Sprintf(`(e => e.value ?? e.textContent)([...document.querySelectorAll('[data-copy]')].find(e => e.dataset.copy === %q))`, what))
			if got := b.pasted(); got != want || want == "" {
				b.t.Errorf("%s, by %s: %q is pasted, want %q", what, way, got, want)
			}
		}
		eval[bool](b, `delete Navigator.prototype.clipboard; navigator.clipboard === undefined`)
	}
	eval[bool](b, `document.querySelector('main .copying button').focus(); document.execCommand = () => false; true`)
	b.press(kb.Enter)
	b.until("the way out", `document.activeElement.parentElement.innerText.includes('It is selected: copy it with the keyboard.')`)
	b.quiet("copying")

	b.scripts(false)
	b.open("/methods/system.methodHelp")
	if eval[bool](b, `!!document.querySelector('.copying')`) {
		b.t.Error("without scripts there are buttons that can do nothing")
	}
	b.scripts(true)
}

// pasted is what the clipboard has.
func (b *tab) pasted() string {
	b.t.Helper()
	eval[bool](b, `(() => { const e = document.createElement('textarea'); e.id = 'pasted'; document.body.append(e); e.focus(); return true; })()`)
	command(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "rawKeyDown", Key: "v", Commands: []string{"paste"}})
	return eval[string](b, `(() => { const e = document.getElementById('pasted'), text = e.value; e.remove(); return text; })()`)
}
