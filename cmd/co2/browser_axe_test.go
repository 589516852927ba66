package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// needAxe returns the scan of axe-core as a script. It may be missing on a
// person's machine, never in CI.
func needAxe(t *testing.T) string {
	t.Helper()
	const folder = "../../testdata/axe"
	out, err := exec.Command("../../testdata/npm-install", folder).CombinedOutput()
	if err == nil {
		var script []byte
		if script, err = os.ReadFile(folder + "/node_modules/axe-core/axe.min.js"); err == nil {
			return string(script)
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("axe-core is needed in CI: %v\n%s", err, out)
	}
	t.Skipf("no axe-core here: %v\n%s", err, out)
	return ""
}

// scan runs rules of axe-core on the page, and says of each that is broken
// where that is.
const scan = `axe.run(document, {
	runOnly: %s, resultTypes: ['violations'], preload: false,
}).then(r => r.violations.flatMap(v => v.nodes.slice(0, 3).map(n =>
	v.id + ': ' + v.help + '; ' + v.nodes.length + ' like ' + n.html.slice(0, 200) + ' ' + n.failureSummary.replace(/\s+/g, ' ').slice(0, 300))))`

// What is scanned for: all of WCAG 2.2 AA and good practice, and what of it
// may be another in other colours.
const (
	allRules    = `{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}, rules: {'target-size': {enabled: true}}`
	colourRules = `{type: 'rule', values: ['color-contrast', 'link-in-text-block']}`
)

// accessible fails the test for every rule that the page breaks.
func (b *tab) accessible(axe, rules, where string) {
	b.t.Helper()
	if !eval[bool](b, `'axe' in window`) {
		eval[bool](b, axe+`;true`)
	}
	for _, broken := range eval[[]string](b, fmt.Sprintf(scan, rules)) {
		b.t.Errorf("%s: %s", where, strings.TrimSpace(broken))
	}
}
