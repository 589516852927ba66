package main

import (
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/kolo/xmlrpc"
)

// sendClients is a simple program on kolo/xmlrpc: a client for each satellite,
// made as its documentation says, and a goroutine for each call. Its clients
// share Go's default transport, which keeps a hundred connections.
func sendClients(port string, n int) error {
	return callClients(port, n, "clients", func() http.RoundTripper { return nil })
}

// sendKept is the same program with a transport for each client, so that all
// connections are kept.
func sendKept(port string, n int) error {
	return callClients(port, n, "kept", func() http.RoundTripper { return new(http.Transport) })
}

func callClients(port string, n int, name string, transport func() http.RoundTripper) error {
	urls, err := urlsAt(port, n)
	if err != nil {
		return err
	}
	clients := make([]*xmlrpc.Client, len(urls))
	for i, url := range urls {
		if clients[i], err = xmlrpc.NewClient(url, transport()); err != nil {
			return err
		}
	}
	fmt.Println(name)
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
