package satellite_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"co2/satellite"
)

// A program becomes a satellite in ten lines. The relay here is one of the
// example's own; most programs join one that runs already.
func Example() {
	url, stopRelay := exampleRelay()
	defer stopRelay()

	ctx, cancel := context.WithCancel(context.Background())
	node, err := satellite.New(satellite.Config{
		Relay:   url,
		Nick:    "bob",
		Receive: func(m satellite.Message) { fmt.Println("bob hears", m.Data); cancel() },
	})
	if err != nil {
		log.Fatal(err)
	}
	go sendOnce(ctx, url, node)
	if err := node.Run(ctx); err != nil { // registers, stays registered, deregisters
		log.Fatal(err)
	}
	// Output: bob hears <value><struct><member><name>tempo</name><value><int>120</int></value></member></struct></value>
}

// sendOnce is another satellite, anna, that sends when bob is there.
func sendOnce(ctx context.Context, url string, bob *satellite.Node) {
	if _, err := bob.FirstPing(ctx); err != nil {
		log.Fatal(err)
	}
	anna, err := satellite.New(satellite.Config{Relay: url, Nick: "anna", AnyPort: true})
	if err != nil {
		log.Fatal(err)
	}
	go anna.Run(ctx)
	if err := anna.Send(ctx, map[string]any{"tempo": 120}); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

func exampleRelay() (url string, stop func()) {
	dir, err := os.MkdirTemp("", "co2-example")
	if err != nil {
		log.Fatal(err)
	}
	url, stopRelay, err := startRelay(dir)
	if err != nil {
		log.Fatal(err)
	}
	return url, func() {
		stopRelay()
		os.RemoveAll(dir)
	}
}
