package main

import (
	"context"
	"testing"
	"time"
)

// TestPoloIsAsked keeps the asker from counting what is no answer.
func TestPoloIsAsked(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	addr, done, err := startPolo(ctx)
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAsker(addr.String(), 32)
	if err != nil {
		t.Fatal(err)
	}
	defer a.conn.Close()
	answers, spent, err := a.until(time.Now())
	if err != nil || answers != 32 || spent <= 0 {
		t.Errorf("until = %d answers in %v, %v, want 32", answers, spent, err)
	}
}

// TestAskerWantsAnAnswer asks where nobody listens.
func TestAskerWantsAnAnswer(t *testing.T) {
	addr, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAsker(addr.String(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer a.conn.Close()
	if _, _, err := a.until(time.Now()); err == nil {
		t.Errorf("until = %v where nobody answers, want an error", err)
	}
}
