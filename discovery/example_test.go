package discovery_test

import (
	"context"
	"fmt"
	"log/slog"

	"co2/discovery"
)

func ExamplePolo() {
	services := discovery.NewServices(slog.Default())
	err := services.Publish(discovery.Service{ID: "co2-relay", Params: map[string]any{"port": 8000}})
	if err != nil {
		fmt.Println(err)
		return
	}
	polo := discovery.NewPolo(discovery.PoloConfig{}, services, slog.Default())
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
