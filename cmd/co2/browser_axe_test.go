package main_test

import (
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

// scan looks for all of WCAG 2.2 AA and good practice, and says of each rule
// that is broken where that is.
const scan = `axe.run(document, {
	runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}, rules: {'target-size': {enabled: true}}, resultTypes: ['violations'], preload: false,
}).then(r => r.violations.flatMap(v => v.nodes.slice(0, 3).map(n =>
	v.id + ': ' + v.help + '; ' + v.nodes.length + ' like ' + n.html.slice(0, 200) + ' ' + n.failureSummary.replace(/\s+/g, ' ').slice(0, 300))))`

// accessible fails the test for every rule that the page breaks.
func (b *tab) accessible(axe, where string) {
	b.t.Helper()
	if !eval[bool](b, `'axe' in window`) {
		eval[bool](b, axe+`;true`)
	}
	for _, broken := range eval[[]string](b, scan) {
		b.t.Errorf("%s: %s", where, strings.TrimSpace(broken))
	}
}
