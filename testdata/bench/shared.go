package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"co2/methods/wire"
)

// sharedWorkers is how many calls at once the shared transport makes.
const sharedWorkers = 64

// urlsAt are the satellites of the sink on a port.
func urlsAt(port string, n int) (urls []string, err error) {
	at, err := strconv.ParseUint(port, 10, 16)
	for i := range n {
		urls = append(urls, "http://"+addressOf(i, uint16(at)).String()+"/RPC2")
	}
	return urls, err
}

// notifyParams is a notify as a program would give it to a client.
func notifyParams() map[string]any {
	return map[string]any{"host_id": "127.0.0.1:2003", "data": messageData(), "notify_pass": "pass000000000001"}
}

// sendShared is a program that calls all satellites through one
// http.Transport, a few at once. The document is encoded once for all.
func sendShared(port string, n int) error {
	urls, err := urlsAt(port, n)
	if err != nil {
		return err
	}
	doc, err := wire.AppendCall(nil, "notify", notifyParams())
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1, DisableCompression: true}}
	fmt.Println("shared")
	return onEachLine(func() error {
		return workers(sharedWorkers, urls, func(url string) error { return postAndRead(client, url, doc) })
	})
}

func postAndRead(client *http.Client, url string, doc []byte) error {
	answer, err := client.Post(url, "text/xml", bytes.NewReader(doc))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// workers has n goroutines work through a list, and returns one of the errors.
func workers[T any](n int, list []T, work func(T) error) error {
	next := make(chan T)
	errs := make([]error, n)
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			for one := range next {
				if err := work(one); err != nil {
					errs[i] = err
				}
			}
		})
	}
	for _, one := range list {
		next <- one
	}
	close(next)
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// programSide is this program in a role that calls n satellites of a sink.
func (b *bench) programSide(role string, n int) (*fan, error) {
	s, err := b.sink(n)
	if err != nil {
		return nil, err
	}
	p, err := self(b.start, role, strconv.Itoa(int(s.port)), strconv.Itoa(n))
	if err != nil {
		return nil, err
	}
	if err := p.want(role); err != nil {
		return nil, err
	}
	return &fan{p, s.tally, "notify", func() error { return p.ask("done", "send") }}, nil
}
