package relay_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"

	"co2/methods"
	"co2/relay"
)

// A relay needs a place for its state and a carrier of its calls; in a
// program that is courier.New. Its methods go into a table.
func Example() {
	dir, err := os.MkdirTemp("", "co2")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	log := slog.New(slog.DiscardHandler)
	dump, err := relay.OpenDump(dir, log)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dump.Close()

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	r, err := relay.New(ctx, relay.Config{}, dump, new(carrier), log)
	if err != nil {
		fmt.Println(err)
		return
	}
	var table methods.Table
	if err := table.Register("relay", r.Methods()...); err != nil {
		fmt.Println(err)
		return
	}
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }()

	caller := methods.Caller{Addr: netip.MustParseAddrPort("192.0.2.7:51234"), Access: methods.Satellite}
	id, err := table.Call(methods.WithPeer(ctx, caller), "relay.register", methods.Plain(map[string]any{"port": 2004, "nick": "anna"}))
	fmt.Println(id, err)
	for _, s := range r.Directory().Satellites() {
		fmt.Println(s.Nick, s.Callback.URL())
	}
	stop()
	fmt.Println(<-ended)
	// Output:
	// 192.0.2.7:2004 <nil>
	// anna http://192.0.2.7:2004/RPC2
	// <nil>
}
