package main_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	protocol "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A tab shows pages of one server, and hears what is wrong with them.
type tab struct {
	t      *testing.T
	ctx    context.Context
	server string // URL without path: no other is to be asked for anything
	mu     sync.Mutex
	wrongs []string // guarded by mu
}

// openTab opens an empty tab for the pages of a server.
func openTab(t *testing.T, browser context.Context, server string) *tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(browser)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx, server: server}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	command(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.dress("light", 1280)
	return b
}

// hear takes an event of the browser down if it is an error.
func (b *tab) hear(event any) {
	switch ev := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeAssert || ev.Type == runtime.ConsoleAPICalledTypeWarning {
			b.wrong("console: %s", said(ev.Args))
		}
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if thrown := ev.ExceptionDetails.Exception; thrown != nil {
			text += " " + thrown.Description
		}
		b.wrong("exception: %s", text)
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError || ev.Entry.Level == log.EntryLevelWarning {
			b.wrong("%s: %s %s", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if !b.ours(ev.Request.URL) {
			b.wrong("it asks for %s", ev.Request.URL)
		}
	}
}

// ours reports whether a URL is of the server, or of no server at all.
func (b *tab) ours(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "data" || u.Scheme == "about" || u.Scheme+"://"+u.Host == b.server)
}

func said(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		words = append(words, strings.Trim(string(arg.Value), `"`)+arg.Description)
	}
	return strings.Join(words, " ")
}

func (b *tab) wrong(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrongs = append(b.wrongs, fmt.Sprintf(format, args...))
}

// complaints returns what was wrong since it was last asked.
func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.wrongs
	b.wrongs = nil
	return list
}

// quiet fails the test if anything was wrong.
func (b *tab) quiet(where string) {
	b.t.Helper()
	for _, wrong := range b.complaints() {
		b.t.Errorf("%s: %s", where, wrong)
	}
}

// open goes to a page, which has to be there, and waits until it is loaded.
func (b *tab) open(path string) {
	b.t.Helper()
	ctx, cancel := b.soon()
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.NavigateResponse(b.server+path))
	switch {
	case err != nil:
		b.t.Fatalf("open %s: %v", path, err)
	case answer.Status != http.StatusOK:
		b.t.Fatalf("open %s: HTTP %d", path, answer.Status)
	}
}

// visit goes to an address, whatever is there.
func (b *tab) visit(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.server + path))
}

// soon bounds how long the browser may take for one thing.
func (b *tab) soon() (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, 3*patience)
}

// dress sets colours, "light" or "dark", and width in px.
func (b *tab) dress(colours string, width int64) {
	b.t.Helper()
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}},
	})
	command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1})
}

// scripts lets the scripts of pages run or not, from the next page on.
func (b *tab) scripts(on bool) {
	b.t.Helper()
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// unguarded takes the policy of the pages away, so that what strangers slip in
// would run.
func (b *tab) unguarded() {
	b.t.Helper()
	command(b, protocol.SetBypassCSP, protocol.SetBypassCSPParams{Enabled: true})
}

// press types keys, one after the other.
func (b *tab) press(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := b.soon()
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// click presses the link or button of the main part that says words. It does not
// hold on to the element: live pages may put another in its place.
func (b *tab) click(words string) {
	b.t.Helper()
	at := eval[[]float64](b, fmt.Sprintf(`(() => {
		const found = [...document.querySelectorAll('main a, main button, main summary')].filter(e => e.checkVisibility() && e.tabIndex >= 0 && e.textContent.trim() === %q);
		if (found.length !== 1) return [found.length];
		found[0].scrollIntoView({block: 'center', behavior: 'instant'});
		const r = found[0].getBoundingClientRect();
		return [r.x + r.width / 2, r.y + r.height / 2];
	})()`, words))
	if len(at) != 2 {
		b.t.Fatalf("%v links and buttons say %q, want one; the page says\n%s", at[0], words, eval[string](b, `document.body.innerText`))
	}
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

// command gives the browser an order.
func command[P, R any](b *tab, order cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := b.soon()
	defer cancel()
	result, err := chromedp.Call(ctx, order, params)
	if err != nil {
		b.t.Fatalf("%s: %v", order.Method, err)
	}
	return result
}

// eval returns what an expression comes to on the page; of a promise, what is
// promised.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := b.soon()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.200s: %v", expression, err)
	}
	return value
}

// until waits until an expression is true on the page, or on the one that comes
// next.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(3 * patience); time.Now().Before(deadline); <-tick.C {
		ctx, cancel := b.soon()
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression, chromedp.EvalAwaitPromise))
		cancel()
		switch {
		case err != nil && !strings.Contains(err.Error(), "navigated"): // the page was left meanwhile
			b.t.Fatalf("%.200s: %v", expression, err)
		case is:
			return
		}
	}
	b.t.Fatalf("%s did not come to pass; the page says\n%s", what, eval[string](b, `document.body.innerText`))
}
