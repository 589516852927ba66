package main_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// actsOnSatellites does to a satellite what operators can do, on its page: each
// action is asked for, confirmed, told of, and done.
func actsOnSatellites(t *testing.T, b *tab, r *server, nick string) {
	t.Helper()
	sat := listen(t, nil).register(t, r, "nick", text(nick))
	page := "/satellites/" + sat.hostID
	props := func() structure {
		return must[structure](t, r, "relay.get_satellite_props", structure{"host_id": sat.hostID})
	}
	eventually(t, "its first ping", func() bool { return props()["state"] == "up" })

	// confirm follows the link to an action, and does what its page asks for.
	confirm := func(action, asked, done string) {
		t.Helper()
		b.open(page)
		b.click(action)
		b.until("the question before "+action, heading(action))
		if !eval[bool](b, fmt.Sprintf(`document.querySelector('main').innerText.includes(%q)`, asked)) {
			t.Errorf("the page of %s does not say %q, but\n%s", action, asked, eval[string](b, `document.body.innerText`))
		}
		if asked := props(); asked["nick"] != nick {
			t.Fatalf("%s: the satellite is %v before it was confirmed", action, asked)
		}
		if eval[bool](b, `!!document.querySelector('#reason')`) {
			b.do(chromedp.SendKeys(chromedp.CSS("#reason"), "because <b>"))
		}
		b.click(action)
		b.until("the word that it was done: "+action, doneSays(done))
	}

	pings := props()["ping_count"]
	confirm("Ping now", "pings it now", "is being pinged")
	eventually(t, "another ping", func() bool { return props()["ping_count"] != pings })

	confirm("Pause", "messages wait for it", "The satellite is paused")
	if got := props(); got["paused"] != true || got["pause_reason"] != "because <b>" || got["state"] != "paused" {
		t.Errorf("after the pause the satellite is %v", got)
	}
	confirm("Resume", "Its pause ends", "no longer paused")
	if got := props(); got["paused"] != false {
		t.Errorf("after the end of its pause the satellite is %v", got)
	}
	confirm("Pin", "never removes it", "is pinned")
	if got := props(); got["pinned"] != true {
		t.Errorf("after it was pinned the satellite is %v", got)
	}
	confirm("Unpin", "may remove it again", "no longer pinned")
	if got := props(); got["pinned"] != false {
		t.Errorf("after it was unpinned the satellite is %v", got)
	}

	b.open(page)
	b.click("Remove")
	b.until("the question before Remove", heading("Remove"))
	b.click("Leave it as it is")
	b.until("the page of the satellite that was left", heading(nick))
	if got := props(); got["nick"] != nick {
		t.Errorf("the satellite that was left is %v", got)
	}
	confirm("Remove", "It leaves the network", "The satellite was removed")
	if !eval[bool](b, `location.pathname === '/satellites'`) {
		t.Errorf("after the removal the page is %s", eval[string](b, `location.pathname`))
	}
	if got := must[[]string](t, r, "relay.get_satellites"); len(got) != 0 {
		t.Errorf("after the removal there are %v", got)
	}
	b.quiet("actions on a satellite")
}

// heading is true on the page of that title.
func heading(title string) string {
	return fmt.Sprintf(`document.readyState === 'complete' && document.querySelector('h1')?.innerText === %q`, title)
}

// doneSays is true where it is told what was done.
func doneSays(words string) string {
	return fmt.Sprintf(`document.readyState === 'complete' && (document.querySelector('p.done[role=status]')?.innerText ?? '').includes(%q)`, words)
}
