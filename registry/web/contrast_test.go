package web_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestContrasts reckons the colours of the style sheet: text has 4.5:1 on
// every ground it stands on, what else has to be seen 3:1 (WCAG 2.2, 1.4.3
// and 1.4.11), in the light and in the dark.
func TestContrasts(t *testing.T) {
	b, err := os.ReadFile("assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(b), "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("the style sheet has no dark colours")
	}
	pairs := []struct {
		least   float64
		ink, on []string
	}{
		{4.5, []string{"text", "soft", "link", "up", "new", "suspect", "stuck", "down", "paused"}, []string{"bg", "card"}},
		{4.5, []string{"text", "up", "new", "suspect", "stuck", "down", "paused"}, []string{"well-bg", "warn-bg", "bad-bg", "empty-bg"}},
		{3, []string{"edge", "focus", "first", "second"}, []string{"bg", "card"}},
		{3, []string{"focus"}, []string{"well-bg", "warn-bg", "bad-bg", "empty-bg"}},
	}
	for name, css := range map[string]string{"light": light, "dark": dark} {
		colours := variables(css)
		for _, p := range pairs {
			for _, ink := range p.ink {
				for _, on := range p.on {
					if got := contrast(t, colours, ink, on); got < p.least {
						t.Errorf("%s: --%s on --%s has a contrast of %.2f, want %.1f", name, ink, on, got, p.least)
					}
				}
			}
		}
	}
	for _, use := range regexp.MustCompile(`(?:color|background|border[a-z-]*|outline|stroke|fill): [^;]*#[0-9a-f]{3,8}`).FindAllString(string(b), -1) {
		t.Errorf("a colour without a name is not reckoned: %s", use)
	}
}

var variable = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)

func variables(css string) map[string]string {
	css, _, _ = strings.Cut(css, "* {")
	vars := map[string]string{}
	for _, m := range variable.FindAllStringSubmatch(css, -1) {
		vars[m[1]] = m[2]
	}
	return vars
}

// contrast is the contrast ratio of WCAG 2.
func contrast(t *testing.T, colours map[string]string, a, b string) float64 {
	la, lb := luminance(t, colours[a], a), luminance(t, colours[b], b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t *testing.T, colour, name string) float64 {
	v, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatal(fmt.Errorf("colour --%s: %w", name, err))
	}
	part := func(shift int) float64 {
		c := float64(v>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}
