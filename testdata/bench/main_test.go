package main

import (
	"fmt"
	"os"
	"testing"
)

// TestMain lets the test program be what the bench starts of itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "-be" {
		if err := be(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// startedBench is a bench that can start things.
func startedBench(t *testing.T) *bench {
	b, err := newBench(settings{rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.close)
	return b
}
