package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// natsCore is NATS without its persistence, as a program embeds it.
const natsCore = "NATS core"

// serveNATS is a program with an embedded NATS server. Each line on stdin has
// it publish the message of a fan-out.
func serveNATS() error {
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		return err
	}
	ns.Start()
	defer ns.Shutdown()
	if !ns.ReadyForConnections(patience) {
		return fmt.Errorf("the NATS server is not ready after %v", patience)
	}
	publisher, err := nats.Connect(ns.ClientURL(), nats.InProcessServer(ns))
	if err != nil {
		return err
	}
	defer publisher.Close()
	fmt.Printf("NATS at http://%s/\n", ns.Addr())
	data := []byte(messageData())
	return onEachLine(func() error {
		if err := publisher.Publish("notify", data); err != nil {
			return err
		}
		return publisher.Flush()
	})
}

// onEachLine works once for each line of stdin, and says so.
func onEachLine(work func() error) error {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err := work(); err != nil {
			return err
		}
		fmt.Println("done")
	}
	return nil
}

// natsSide starts a server with n subscribers, each on nats.go, or in C with
// nothing but what the protocol needs.
func (b *bench) natsSide(n int, inC bool) (*fan, error) {
	if err := descriptors(n); err != nil {
		return nil, err
	}
	p, err := self(b.start, "nats")
	if err != nil {
		return nil, err
	}
	addr, _, err := p.address()
	if err != nil {
		return nil, err
	}
	subscribers, err := b.subscribers(addr, n, inC)
	if err != nil {
		return nil, err
	}
	b.beside(moduleVersion("github.com/nats-io/nats-server/v2", "nats-server"))
	return &fan{p, tally{subscribers, n}, "notify", func() error { return p.ask("done", "publish") }}, subscribers.want("subscribed")
}

func (b *bench) subscribers(addr string, n int, inC bool) (*process, error) {
	if !inC {
		b.beside(moduleVersion("github.com/nats-io/nats.go", "nats.go"))
		return self(b.start, "subscribers", addr, strconv.Itoa(n))
	}
	program, err := b.build("subscribers")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	return b.start(program, port, strconv.Itoa(n))
}
