package main_test

import (
	"context"
	"flag"
	"math"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	protocol "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "renew the pictures of the pages in this folder")

// TestScreenshots makes the pictures of docs/images from a relay with
// satellites that behave and some that do not (make screenshots).
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("make screenshots asks for them")
	}
	browser := startBrowser(t)
	relay := startRelayWithPolo(t, "--ping-interval", "1s", "--mass-down", "0")
	c := newBand(t)
	c.join(relay)
	b := openTab(t, browser, relay.url)
	moody := "/satellites/" + c.all[len(c.all)-1].hostID
	b.open(moody) // from now on the relay keeps all of it
	c.play(t.Context(), relay, 90*time.Second)

	b.picture("overview.png", "/", 1000)
	b.picture("satellite.png", moody, 1000)
	b.open("/methods/relay.get_satellite_props")
	b.fill("host_id", c.all[1].hostID)
	b.do(chromedp.Click(chromedp.CSS(`main form p button[value=call]`)))
	b.until("the answer", answerSays("nick"))
	eval[bool](b, `document.activeElement.blur(); scrollTo(0, 0); true`)
	b.shot("call.png", eval[float64](b, `document.querySelector('#call').getBoundingClientRect().top - 16`), 1000)
}

// A band is a crowd with names, of which some behave.
type band struct {
	*crowd
	nicks []string
}

func newBand(t *testing.T) band {
	t.Helper()
	reset := &badManner{name: "resets", talk: breakOff}
	broken := &badManner{name: "refuses", talk: unavailable}
	b := band{newCrowd(t, 9, 0, reset, broken, moody()),
		[]string{"conductor", "anna", "bob", "lights", "score-display", "looper", "pd-patch", "mixer", "room-2", "eve", "old-laptop", "projector"}}
	for i, took := range []time.Duration{0, 2, 4, 9, 14, 6, 35, 3, 80} {
		b.all[i].slow = took * time.Millisecond
	}
	return b
}

// moody answers well for a while, then takes long, then breaks off, and again.
func moody() manner {
	var calls atomic.Int64
	return &badManner{name: "is moody", talk: func(c net.Conn) {
		switch n := calls.Add(1) % 60; {
		case n > 55:
			breakOff(c)
		case n > 40:
			<-time.After(time.Duration(n) * 5 * time.Millisecond)
			say(c, goodAnswer)
		default:
			<-time.After(time.Duration(10+n%7) * time.Millisecond)
			say(c, goodAnswer)
		}
	}}
}

func (b band) join(relay *server) {
	b.t.Helper()
	for i, m := range b.all {
		client := m.client(relay)
		var id string
		if err := client.Call(b.t.Context(), "relay.register", &id, structure{"port": m.port, "nick": b.nicks[i], "plugins": []any{"tempo", "cues"}[:1+i%2]}); err != nil {
			b.t.Fatal(err)
		}
		client.HTTP.CloseIdleConnections()
	}
	run(b.t, "pause", "--relay", relay.url, b.all[8].hostID).ok(b.t)
}

// play sends messages for a while, now more and now fewer.
func (b band) play(ctx context.Context, relay *server, long time.Duration) {
	b.t.Helper()
	client := b.all[0].client(relay)
	defer client.HTTP.CloseIdleConnections()
	beat := time.NewTicker(20 * time.Millisecond)
	defer beat.Stop()
	began, due := time.Now(), 0.0
	for now := range beat.C {
		played := now.Sub(began)
		if played > long {
			return
		}
		for due += 0.02 * (14 + 10*math.Sin(played.Seconds()/3)); due >= 1; due-- {
			var answer string
			if err := client.Call(ctx, "relay.relay", &answer, structure{
				"host_id": b.all[0].hostID, "data": structure{"tempo": 120, "bar": int(played.Seconds())}, "key": "tempo",
			}); err != nil {
				b.t.Fatal(err)
			}
		}
	}
}

// picture takes a picture of the top of a page.
func (b *tab) picture(name, at string, height float64) {
	b.t.Helper()
	b.open(at)
	b.until("the plots of "+at, `!document.querySelector('#live') || !!document.querySelector('.plot canvas')`)
	b.shot(name, 0, height)
}

// shot takes a picture of the page as it is, from so far below its top.
func (b *tab) shot(name string, top, height float64) {
	b.t.Helper()
	taken := command(b, protocol.CaptureScreenshot, protocol.CaptureScreenshotParams{
		Format: protocol.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true),
		Clip: &protocol.Viewport{Y: top, Width: 1280, Height: height, Scale: 1},
	})
	b.quiet(name)
	if err := os.WriteFile(filepath.Join(*screenshots, name), taken.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
