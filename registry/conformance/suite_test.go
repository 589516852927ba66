package conformance_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"co2/registry/conformance"
)

// unseen are the rules that no request shows from outside, and where else
// they are held.
var unseen = map[string]string{
	"H27": "what a repeated registration does is shown by the relay's own tests",
	"X18": "an echo cannot hold what XML cannot; the codec's tests write such strings",
	"F5":  "no method of a server panics on request; the registry's tests have one",
	"M2":  "registration happens in the program; tests of the method table",
	"M4":  "the log is not seen; the registry's tests read it",
	"M9":  "needs roles; the registry's tests have them",
	"M16": "needs limits and logs; the registry's tests",
	"M17": "needs methods with effects; the relay's tests",
	"L11": "M15 has its cases",
	"L12": "needs a method that takes half a minute; the registry's tests have one with a shorter limit",
	"L14": "F3 has its cases",
	"L17": "needs half a minute of not reading; the door's tests use a shorter limit",
	"L18": "takes two minutes; the door's tests use a shorter limit",
	"L21": "is the relay's, and tested there",
}

// TestEveryRule has a case for every rule of the contract, or a reason.
func TestEveryRule(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range conformance.Cases(conformance.CO2) {
		covered[c.Rule] = true
	}
	for _, h := range conformance.AlwaysCases() {
		covered[h.Rule] = true
	}
	rules := numbered(map[string]int{"H": 28, "X": 19, "S": 14, "F": 6, "M": 17, "L": 21, "V-INT-": 4, "V-BOOL-": 2, "V-STR-": 4, "V-DBL-": 3, "V-DT-": 4, "V-B64-": 4, "V-NIL-": 2, "V-EX-": 3})
	rules = append(rules, "V-ARR-1", "V-STRUCT-1", "V-INT-6", "V-DBL-5", "14", "validator1")
	for _, rule := range rules {
		if why := unseen[rule]; covered[rule] == (why != "") {
			t.Errorf("rule %s: a case is %t, and the reason for none is %q; want one of both", rule, covered[rule], why)
		}
	}
}

func numbered(most map[string]int) []string {
	var rules []string
	for _, prefix := range slices.Sorted(maps.Keys(most)) {
		for i := 1; i <= most[prefix]; i++ {
			rules = append(rules, fmt.Sprint(prefix, i))
		}
	}
	return rules
}

// TestNames: a result is found by its name, so no two cases share one.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range conformance.Cases(conformance.CO2) {
		if name := c.Name(); seen[name] || strings.TrimSpace(c.Words) == "" && c.Rule != "14" {
			t.Errorf("the case %q comes twice, or has no words", name)
		}
		seen[c.Name()] = true
		if (c.Do == nil) == (c.Talk == nil) || c.Level < conformance.Spec || c.Level > conformance.CO2 {
			t.Errorf("the case %q has no level, or not just one of Talk and Do", c.Name())
		}
	}
}

func TestParseLevel(t *testing.T) {
	for _, level := range []conformance.Level{conformance.Spec, conformance.Convention, conformance.CO2} {
		if got, err := conformance.ParseLevel(level.String()); got != level || err != nil {
			t.Errorf("ParseLevel(%q) = %v, %v", level, got, err)
		}
	}
	for _, name := range []string{"", "strict"} {
		if got, err := conformance.ParseLevel(name); err == nil {
			t.Errorf("ParseLevel(%q) = %v, want an error", name, got)
		}
	}
}
