package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"co2/discovery"
)

// startPolo starts a Polo on loopback, and returns when it answers at addr.
func startPolo(ctx context.Context) (addr netip.AddrPort, done <-chan error, err error) {
	ended := make(chan error, 1)
	store := discovery.NewStore(discovery.StoreConfig{}, nil)
	_, err = store.Publish(discovery.Account{Name: "root", Privileged: true}, discovery.Publication{
		Service: "printer", Params: map[string]any{"port": 9100, "color": true}, Root: true,
	})
	if err == nil {
		addr, err = freePort()
	}
	if err != nil {
		close(ended)
		return addr, ended, err
	}
	heard := make(chan error, 10)
	polo := discovery.NewPolo(discovery.PoloConfig{
		Port: addr.Port(), Limits: discovery.Limits{SourceRate: -1, Rate: -1},
		Changed: func(s discovery.PoloStats) { heard <- s.Unicast.Trouble },
	}, store, nil)
	go func() { ended <- polo.Run(ctx) }()
	return addr, ended, <-heard
}

// freePort is one of UDP that nobody uses now.
func freePort() (netip.AddrPort, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort(), nil
}

func servePolo() error {
	addr, done, err := startPolo(context.Background())
	if err != nil {
		return err
	}
	fmt.Println(addr)
	return <-done
}

func serveEcho() error {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	fmt.Println(conn.LocalAddr())
	buf, answer := make([]byte, discovery.MaxMessage), []byte(poloAnswer)
	for {
		_, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		if _, err := conn.WriteToUDPAddrPort(answer, from); err != nil {
			return err
		}
	}
}
