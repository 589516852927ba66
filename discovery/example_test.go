package discovery_test

import (
	"context"
	"fmt"
	"log/slog"

	"co2/discovery"
)

func ExamplePolo() {
	store := discovery.NewStore(discovery.StoreConfig{}, slog.Default())
	_, err := store.Publish(discovery.Account{Privileged: true}, discovery.Publication{
		Service: "co2-relay", Params: map[string]any{"port": 8000}, Root: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	polo := discovery.NewPolo(discovery.PoloConfig{}, store, slog.Default())
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	polo.Run(ctx) // blocks until stop is called elsewhere
}

func ExampleFind() {
	nodes, err := discovery.Find(context.Background(), discovery.Query{Service: "co2-relay"})
	if err != nil {
		fmt.Println(err)
	}
	for _, node := range nodes {
		fmt.Println(node.Addr, node.Params["port"])
	}
}
