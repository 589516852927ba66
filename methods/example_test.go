package methods_test

import (
	"context"
	"fmt"
	"net/netip"

	"co2/methods"
)

// greetParams are the keys of the one struct that greet takes.
type greetParams struct {
	Name  string `xmlrpc:"name" doc:"whom to greet"`
	Times int    `xmlrpc:"times" optional:"true" doc:"how often"`
}

func greet(ctx context.Context, p greetParams) (string, error) {
	return fmt.Sprintf("Hello %s, %d times, from %s", p.Name, p.Times, methods.Peer(ctx).Addr.Addr()), nil
}

func Example() {
	var table methods.Table
	err := table.Register("example", methods.Method{
		Names:  methods.Under("greet", "", "web"),
		Doc:    "Returns a greeting.",
		Access: methods.Public,
		Func:   greet,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	caller := methods.Caller{Addr: netip.MustParseAddrPort("192.0.2.7:40000"), Access: methods.Public}
	ctx := methods.WithPeer(context.Background(), caller)

	fmt.Println(table.Names())
	fmt.Println(table.Call(ctx, "greet", methods.Plain(map[string]any{"name": "Anna", "times": 2})))
	fmt.Println(table.Call(ctx, "web.greet", methods.Plain(map[string]any{"times": 2})))
	// Output:
	// [greet web.greet]
	// Hello Anna, 2 times, from 192.0.2.7 <nil>
	// <nil> key "name": got nothing, want string
}
