package main_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"co2/methods/wire"
)

// evil is what strangers say: it would set a mark, or make an element that no
// page of ours has.
const (
	evilNick   = `<x-evil>"'><img src=x onerror=__evil=1>&amp;`
	evilPlugin = `</td><script>window.__evil=2</script><x-evil>`
	evilText   = `</code></textarea></script><script>window.__evil=3</script><svg onload="window.__evil=4"><x-evil onclick='x'>`
	evilHelp   = `</p></pre></title><iframe srcdoc="<script>parent.__evil=5</script>"></iframe><x-evil>{{.}}</details>`
	evilName   = `x"><x-evil><script>window.__evil=6</script>`
)

// stranger is a satellite that tells markup of itself, whatever it is asked. It
// has told what its relay knows of it: nick, plugins, methods, and faults.
func stranger(t *testing.T, r *server) *ear {
	t.Helper()
	tells := map[string]any{
		"sys.listMethods": []any{"ping", evilName, "fails"},
		"sys.methodHelp":  evilHelp,
		"sys.methodSignature": structure{
			"params": []any{structure{"name": evilName, "type": "struct", "doc": evilHelp, "members": []any{
				structure{"name": evilText, "type": "string", "doc": evilHelp}, structure{"name": "list", "type": "array", "doc": evilHelp, "item": structure{"type": "string"}},
			}}},
			"result": structure{"type": "struct", "doc": evilHelp, "members": []any{structure{"name": evilText, "type": evilName, "doc": evilHelp}}},
		},
		"ping":   "OK",
		evilName: structure{evilName: evilText, "list": []any{evilHelp}},
	}
	answer := func(call []byte) []byte {
		c, err := wire.ParseCall(call, "", wire.Limits{})
		if err != nil {
			t.Errorf("the relay calls a stranger by %q: %v", call, err)
		}
		if told, ok := tells[c.Method]; ok {
			doc, err := wire.AppendResponse(nil, told)
			if err != nil {
				t.Error(err)
			}
			return doc
		}
		return wire.AppendFault(nil, wire.Fault{Code: 7, String: evilText})
	}
	hs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		w.Write(answer(call))
	}))
	t.Cleanup(hs.Close)
	at, err := url.Parse(hs.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(at.Port())
	if err != nil {
		t.Fatal(err)
	}
	return (&ear{port: port}).register(t, r, "nick", cdata(evilNick), "plugins", "<value><array><data>"+cdata(evilPlugin)+"</data></array></value>")
}

// cdata is a string with markup as a value.
func cdata(s string) string { return text("<![CDATA[" + s + "]]>") }

// publishMarkup has the relay's host offer a service with markup in its params.
func publishMarkup(t *testing.T, r *server) {
	t.Helper()
	client := wire.Client{URL: r.url + "/RPC2"}
	var id string
	if err := client.Call(context.WithoutCancel(t.Context()), "polo.publish", &id, structure{"service": "stranger", "params": structure{"about": evilText}}); err != nil {
		t.Fatal(err)
	}
}

// showsMarkup looks for what a stranger said, on every page that has it: it is
// there as text, and nothing else came of it.
func showsMarkup(t *testing.T, b *tab, r *server) {
	t.Helper()
	evil := stranger(t, r)
	publishMarkup(t, r)
	evil.send(t, r, cdata(evilText))
	run(t, "send", "--relay", r.url, "--nick", "anna", "tempo:=120").ok(t)
	eventually(t, "a fault with markup", func() bool {
		return must[structure](t, r, "relay.get_satellite_props", structure{"host_id": evil.hostID})["recv_fails"] != int64(0)
	})
	sat := "/satellites/" + evil.hostID
	method := sat + "/methods/" + url.PathEscape(evilName)
	pages := []struct {
		path  string
		words []string
	}{
		{"/", []string{evilNick}},
		{"/satellites", []string{evilNick, evilPlugin}},
		{"/satellites?q=" + "%3Cx-evil%3E", []string{evilNick}},
		{sat, []string{evilNick, evilPlugin, evilText}},
		{sat + "/pause", []string{evilNick}},
		{sat + "/methods", []string{evilNick, evilName}},
		{method, []string{evilNick, evilName, evilHelp, evilText}},
		{"/events", []string{evilNick}},
		{"/messages", []string{evilNick, "anna"}},
		{"/messages?payloads=1", []string{evilNick, strings.Trim(quoted(evilText), `"`)}},
		{"/discovery", []string{evilText}},
		{"/methods", []string{"polo.publish"}},
		{"/methods/ping", []string{"this server is alive"}},
	}
	for _, page := range pages {
		b.open(page.path)
		b.until("the first word of the stream", `(document.querySelector('#live')?.dataset.mood ?? 'live') === 'live'`)
		b.says(page.path, page.words...)
		b.lifeless(page.path)
		b.quiet(page.path)
	}
	b.visit("/satellites/" + url.PathEscape(evilName))
	b.says("the page of nobody", evilName)
	b.lifeless("the page of nobody")
	b.complaints() // that there is none

	b.open(method)
	b.fill(evilText, evilText)
	b.click("Call " + evilName)
	b.until("the answer of a stranger", `!!document.querySelector('section[aria-labelledby=answer] .answer')`)
	b.says("the answer of a stranger", evilName, evilText, evilHelp)
	b.lifeless("the answer of a stranger")
	b.open(sat + "/methods/fails")
	b.fill(evilText, evilText)
	b.click("Call fails")
	b.until("the fault of a stranger", answerSays("Fault 7"))
	b.says("the fault of a stranger", evilText, strings.Trim(quoted(evilText), `"`)) // this in programs
	b.lifeless("the fault of a stranger")
	b.quiet("calls to a stranger")
}

// staysText gives the script that keeps pages up to date what it would get if
// the relay escaped nothing: it makes no more than text of it.
func staysText(b *tab) {
	b.t.Helper()
	b.open("/")
	const lines = `<h1>seen</h1><x-evil>a</x-evil><img src=x onerror=__evil=7><script>window.__evil=8</script><svg onload="__evil=9"><p onclick="x">b</p>` +
		`<iframe srcdoc="<script>parent.__evil=10</script>"></iframe><a href="javascript:window.__evil=11">c</a><form action="javascript:1"><button formaction="javascript:1">d</button></form>`
	came := eval[string](b, fmt.Sprintf(`import(document.querySelector('script[type=module]').src.replace('co2.js', 'morph.js')).then(({update}) => {
		const fresh = new DOMParser().parseFromString('<main>' + %q + '</main>', 'text/html').querySelector('main');
		update(document.querySelector('main'), fresh, true);
		return document.querySelector('main h1').innerText + ' ' + %s; // before the stream puts it right
	})`, lines, life))
	if came != "seen undefined 0" {
		b.t.Errorf("of the heading and markup that the script is given came %q, want the heading", came)
	}
	b.quiet("the script that is given markup")
}

// says fails the test if the page lacks words, also where they are folded.
func (b *tab) says(where string, words ...string) {
	b.t.Helper()
	said := eval[string](b, `document.querySelectorAll('details').forEach(d => d.open = true), document.body.innerText + [...document.querySelectorAll('textarea, input')].map(e => '\n' + e.value).join('')`)
	for _, w := range words {
		if !strings.Contains(said, w) {
			b.t.Errorf("%s does not say %q, but\n%s", where, w, said)
		}
	}
}

// life is what came of strangers' markup: the mark that scripts of theirs set, and
// how many elements there are that no page of ours has.
const life = `(String(window.__evil) + ' ' + document.querySelectorAll('x-evil, img, iframe, main script, [onerror], [onload], [onclick], [srcdoc], ' +
	'[href^="javascript:"], [action^="javascript:"], [formaction^="javascript:"]').length)`

// lifeless fails the test if a stranger's markup is more than text.
func (b *tab) lifeless(where string) {
	b.t.Helper()
	if came := eval[string](b, life); came != "undefined 0" {
		b.t.Errorf("%s: a stranger's markup came to life: %s", where, came)
	}
}
