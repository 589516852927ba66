package conformance_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"co2/registry/conformance"
)

// unseen are the rules that the suite has no case for, and why.
var unseen = map[string]string{
	"H27": "what a repeated registration does is a matter of the relay",
	"X18": "an echo cannot be given what XML cannot hold",
	"F5":  "no method panics on request",
	"M2":  "registration of methods happens in the program",
	"M4":  "the log is not seen",
	"M9":  "needs callers of several rights",
	"M16": "needs callers of several rights, and the log",
	"M17": "needs methods with effects",
	"L11": "M15 has its cases",
	"L12": "needs a method that takes half a minute",
	"L14": "F3 has its cases",
	"L17": "takes half a minute of not reading",
	"L18": "takes two minutes",
	"L21": "is a matter of the relay",
	"L-A": "a matter of measuring, not of yes and no",
	"L-B": "every heavy case must be followed by a good call on another connection",
	"L-D": "is about lists of many satellites",

	"V-INT-5":    "no method that servers share yields such a value",
	"V-DBL-4":    "no method that servers share yields such a value",
	"V-NIL-3":    "what a method documents is not seen",
	"V-STRUCT-2": "L5 has the cases",
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
	rules := numbered(map[string]int{"H": 28, "X": 19, "S": 14, "F": 6, "M": 17, "L": 21, "V-INT-": 6, "V-BOOL-": 2, "V-STR-": 4,
		"V-DBL-": 5, "V-DT-": 4, "V-B64-": 4, "V-NIL-": 3, "V-EX-": 4, "V-STRUCT-": 2})
	rules = append(rules, "V-ARR-1", "L-A", "L-B", "L-C", "L-D", "14", "validator1")
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
