package main

import (
	"strings"
	"testing"

	"co2/relay"
)

// Every event of a relay has words for what to do, out of the guide.
func TestEventCodesAreExplained(t *testing.T) {
	explained := map[string]bool{}
	for _, c := range (*network)(nil).Codes() {
		if c.Of == "" || c.Level == "" || c.What == "" || c.Do == "" || strings.ContainsAny(c.Of+c.Level+c.What+c.Do, "|[]") {
			t.Errorf("%+v lacks something, or holds Markdown", c)
		}
		explained[c.Name] = true
	}
	for _, code := range relay.Codes() {
		if !explained[string(code)] {
			t.Errorf("%s is not explained", code)
		}
	}
	if len(explained) < 80 {
		t.Errorf("%d codes are explained, want those of all tables", len(explained))
	}
}
