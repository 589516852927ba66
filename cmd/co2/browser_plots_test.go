package main_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	protocol "github.com/chromedp/cdproto/page"
)

// A drawnPlot is a plot as it is seen, its places in px from its figure.
type drawnPlot struct {
	Title               string
	Legend              []string // without values
	Left, Top           float64  // of the drawing
	Width, Height, Foot float64  // of the drawing, and where all of the picture ends
	Scale               []string // what stands beside the drawing, from the top
}

// The figures of a page, drawn without scripts and with them. Of scripts we hear
// what they write into a canvas.
const (
	readPictures = `readPlots('.drawing', '.xs', f => [...f.querySelectorAll('.ys span')].map(e => e.innerText))`
	readCanvases = `readPlots('.u-over', '.interactive', f => written.get(f.querySelector('canvas')))`
	readPlots    = `function readPlots(drawing, foot, scale) {
		return [...document.querySelectorAll('figure.plot[data-series]')].map(f => {
			const from = f.getBoundingClientRect(), at = f.querySelector(drawing).getBoundingClientRect();
			return {
				Title: f.querySelector('figcaption b').innerText, Legend: [...f.querySelectorAll('.key')].map(k => k.innerText.trim().split(/\s/)[0]),
				Left: at.left - from.left, Top: at.top - from.top, Width: at.width, Height: at.height, Foot: f.querySelector(foot).getBoundingClientRect().bottom - from.top,
				Scale: scale(f),
			};
		});
	}`
	// hearCanvases keeps the labels of each canvas's latest drawing: the times
	// below are left out.
	hearCanvases = `window.written = new Map();
		const {clearRect, fillText} = CanvasRenderingContext2D.prototype;
		CanvasRenderingContext2D.prototype.clearRect = function (...at) { written.set(this.canvas, []); return clearRect.apply(this, at); };
		CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
			if (!/:\d\d/.test(text)) (written.get(this.canvas) ?? written.set(this.canvas, []).get(this.canvas)).unshift(text);
			return fillText.call(this, text, ...at);
		};`
)

// drawsAlike compares the plots that scripts draw with the pictures in whose
// place they come: size, units and words are the same.
func drawsAlike(b *tab, at string) {
	b.t.Helper()
	b.scripts(false)
	b.open(at)
	pictures := eval[[]drawnPlot](b, readPlots+readPictures)
	b.scripts(true)
	b.open(at)
	b.until("the plots of "+at, `[...document.querySelectorAll('figure.plot[data-series]')].every(f => written.get(f.querySelector('canvas'))?.length)`)
	canvases := eval[[]drawnPlot](b, readPlots+readCanvases)
	if len(pictures) == 0 || len(canvases) != len(pictures) {
		b.t.Fatalf("%s: %d plots are drawn with scripts and %d without", at, len(canvases), len(pictures))
	}
	for i, picture := range pictures {
		canvas := canvases[i]
		for name, pair := range map[string][2]float64{
			"left edge": {canvas.Left, picture.Left}, "top": {canvas.Top, picture.Top}, "width": {canvas.Width, picture.Width},
			"height": {canvas.Height, picture.Height}, "foot": {canvas.Foot, picture.Foot},
		} {
			if math.Abs(pair[0]-pair[1]) > 1.5 {
				b.t.Errorf("%s, %s: the %s is at %v px with scripts and at %v without", at, picture.Title, name, pair[0], pair[1])
			}
		}
		if canvas.Title != picture.Title || !slices.Equal(canvas.Legend, picture.Legend) {
			b.t.Errorf("%s: with scripts it is %q of %q, without them %q of %q", at, canvas.Title, canvas.Legend, picture.Title, picture.Legend)
		}
		if got, want := units(canvas.Scale), units(picture.Scale); len(canvas.Scale) != 3 || !slices.Equal(got, want) {
			b.t.Errorf("%s, %s: with scripts the scale says %q, without them %q", at, picture.Title, canvas.Scale, picture.Scale)
		}
	}
	b.quiet("plots of " + at)
}

// units are labels without their numbers.
func units(labels []string) []string {
	var list []string
	for _, label := range labels {
		list = append(list, strings.TrimLeft(label, "0123456789.,–\u00a0 "))
	}
	return list
}

// hearsCanvases is to come before the pages that drawsAlike opens.
func hearsCanvases(b *tab) {
	b.t.Helper()
	command(b, protocol.AddScriptToEvaluateOnNewDocument, protocol.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf("{%s}", hearCanvases)})
}
