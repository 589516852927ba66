package main

import (
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/kolo/xmlrpc"
)

// sendClients is a simple program on kolo/xmlrpc: a client for each satellite
// with a transport of its own, and for each call a goroutine.
func sendClients(port string, n int) error {
	urls, err := urlsAt(port, n)
	if err != nil {
		return err
	}
	clients := make([]*xmlrpc.Client, len(urls))
	for i, url := range urls {
		if clients[i], err = xmlrpc.NewClient(url, &http.Transport{}); err != nil {
			return err
		}
	}
	fmt.Println("clients")
	params := notifyParams()
	return onEachLine(func() error {
		errs := make([]error, len(clients))
		var done sync.WaitGroup
		for i, client := range clients {
			done.Go(func() {
				var answer string
				errs[i] = client.Call("notify", params, &answer)
			})
		}
		done.Wait()
		return errors.Join(errs...)
	})
}
