package registry

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"co2/methods"
)

// TestCallSatelliteAsksWho holds the last step before a satellite is called to
// the same rule as the pages before it.
func TestCallSatelliteAsksWho(t *testing.T) {
	called := 0
	s, err := New(Config{CallSatellite: func(context.Context, string, []byte) ([]byte, string, error) {
		called++
		return nil, "", nil
	}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	asks := func(ctx context.Context, allowed bool, who string) {
		called = 0
		_, _, err := s.callSatellite(ctx, "192.0.2.7:2004", nil)
		denied, ok := errors.AsType[*methods.DeniedError](err)
		if allowed != (err == nil) || allowed != (called == 1) || allowed == ok || ok && denied.Need != methods.Operator {
			t.Errorf("for %s: %v, and the satellite was called %d times", who, err, called)
		}
	}
	for access := methods.Public; access <= methods.Admin; access++ {
		asks(methods.WithPeer(t.Context(), methods.Caller{Access: access}), access >= methods.Operator, access.String())
	}
	asks(t.Context(), false, "nobody")
}
