package registry_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"

	"co2/methods"
)

// The methods that tests put beside the built-in ones.

func giveNothing(context.Context) (string, error) { return "", nil }

func peerOf(ctx context.Context) (string, error) {
	c := methods.Peer(ctx)
	return fmt.Sprintf("%s %s", c.Addr.Addr(), c.Access), nil
}

func everybody(a methods.Access) func(netip.Addr) methods.Access {
	return func(netip.Addr) methods.Access { return a }
}

type nested struct {
	Entries []entryParams `xmlrpc:"entries" doc:"what there is"`
	Note    string        `xmlrpc:"note" optional:"true" doc:"a remark"`
}

type entryParams struct {
	Name string `xmlrpc:"name" doc:"its name"`
}

func countEntries(_ context.Context, p nested) (int, error) { return len(p.Entries), nil }

var errSecret = errors.New("open /etc/co2/secret: goroutine *registry.Server\n\x1b[31m")

// failing are methods that fail in every way.
func failing() []methods.Method {
	text := func(s string) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return "", &methods.RegistryError{Text: s} }
	}
	return []methods.Method{
		public("fail.error", func(context.Context) (string, error) { return "", errSecret }),
		public("fail.panic", func(context.Context) (string, error) { panic(errSecret) }),
		public("fail.nil", func(context.Context) (string, error) { var e *entryParams; return e.Name, nil }),
		public("fail.nan", func(context.Context) (float64, error) { return math.NaN(), nil }),
		public("fail.inner", func(context.Context) (string, error) { return "", context.DeadlineExceeded }),
		public("fail.wrapped", func(context.Context) (string, error) {
			return "", fmt.Errorf("open /etc/co2: %w", &methods.RegistryError{Text: "no such host id"})
		}),
		public("fail.long", text(strings.Repeat("ü", 600))),
		public("fail.lines", text("one\r\ntwo\x00\x1b[31m\x7f\u0085\u009b\u2028three\xff")),
		public("fail.late", func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() }),
	}
}
