package registry_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"co2/methods"
	"co2/registry"
)

func Example() {
	server, err := registry.New(registry.Config{Maintainer: "anna"}, slog.New(slog.DiscardHandler), methods.Method{
		Names:  []string{"example.greet"},
		Doc:    "Returns a greeting.",
		Access: methods.Public,
		Func:   func(context.Context) (string, error) { return "Hello", nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, ln) }()

	// Clients post calls to http://<address>/RPC2, browsers look at http://<address>.

	stop()
	fmt.Println(<-served)
	// Output: <nil>
}
