package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"co2/registry"
	"co2/registry/door"
	"co2/relay"
	"co2/relay/courier"
)

// serveRelay is a relay with the parts of co2 serve, in this program so that
// it can count its goroutines: see tellGoroutines.
func serveRelay(state string) (err error) {
	log := slog.New(slog.DiscardHandler)
	dump, err := relay.OpenDump(state, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dump.Close()) }()
	carrier := courier.New(courier.Config{})
	defer carrier.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	r, err := relay.New(ctx, relay.Config{MaxSats: -1, Rate: -1, PingInterval: -1}, dump, carrier, log)
	if err != nil {
		return err
	}
	server, err := registry.New(registry.Config{Kind: "relay", Door: door.Config{IdleTimeout: time.Hour}}, log, r.Methods()...)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.Listens(netip.MustParseAddrPort(ln.Addr().String()))
	var services sync.WaitGroup
	services.Go(func() { server.Serve(ctx, ln) })
	services.Go(func() { r.Run(ctx) })
	fmt.Printf("relay at http://%s/\n", ln.Addr())
	tellGoroutines(os.Stdin, os.Stdout)
	stop()
	services.Wait()
	return nil
}
