package main_test

import (
	"slices"
	"strings"
	"testing"
)

// TestValidator has Python's client call the methods of the XML-RPC validator
// on a relay that serves them, and compute the results for itself.
func TestValidator(t *testing.T) {
	t.Parallel()
	python := needPython(t)
	relay := startRelay(t, "--validator")
	called := strings.Fields(runProgram(t, cleanEnv(t), "", python, clients+"validator.py", relay.url).ok(t).out)
	slices.Sort(called)
	var served []string
	for _, name := range must[[]string](t, relay, "sys.listMethods") {
		if strings.HasPrefix(name, "validator1.") {
			served = append(served, name)
			explained(t, relay, name)
		}
	}
	if len(served) != 8 || !slices.Equal(called, served) {
		t.Errorf("python called %q, the relay lists %q, want the same eight", called, served)
	}
}

// TestNoValidator: the methods are there only when they are asked for.
func TestNoValidator(t *testing.T) {
	t.Parallel()
	for kind, s := range relayAndSatellite(t) {
		if code, says := fault(t, post(t, s, document("validator1.easyStructTest", members()))); code != -32601 {
			t.Errorf("%s: validator1.easyStructTest = fault %d %q, want -32601", kind, code, says)
		}
	}
}
