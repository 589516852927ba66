package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"co2/relay"
)

// crowd is a store of so many satellites.
type crowd int

func (n crowd) Load(context.Context) (list []relay.Record, err error) {
	for i := range int(n) {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}), 2004)
		list = append(list, relay.Record{Registration: relay.Registration{
			HostID: at.String(), Nick: fmt.Sprint("nick ", i), Seen: at.Addr(), Registered: time.Now(),
			Callback: relay.Callback{Scheme: "http", Addr: at, Path: "/RPC2"},
		}})
	}
	return list, nil
}

func (crowd) Commit(context.Context, relay.Change) error { return nil }
func (crowd) Close() error                               { return nil }

// BenchmarkPageData tells what the data of a page of 10,000 satellites cost.
func BenchmarkPageData(b *testing.B) {
	log := slog.New(slog.DiscardHandler)
	r, err := relay.New(b.Context(), relay.Config{}, crowd(10_000), new(audience), log)
	if err != nil {
		b.Fatal(err)
	}
	dump, err := relay.OpenDump(b.TempDir(), log)
	if err != nil {
		b.Fatal(err)
	}
	defer dump.Close()
	n := newNetwork(r, dump)
	for _, c := range []struct {
		what string
		get  func()
	}{
		{"overview", func() { n.Overview() }},
		{"satellites", func() { n.Satellites() }},
		{"satellite", func() { n.Satellite("127.1.0.1:2004") }},
		{"series", func() { n.Series("", "in", time.Hour) }},
		{"samples", func() {
			for range r.Samples() {
			}
		}},
	} {
		b.Run(c.what, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.get()
			}
		})
	}
}
