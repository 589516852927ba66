package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"testing"

	"co2/methods/wire"
	"co2/registry"
)

// serverPairs compare a whole ping over loopback with a bare net/http handler
// that reads the body and answers the same bytes, over 1 and 64 kept
// connections. "Times as fast" is then what is left of net/http's own speed.
func serverPairs() (pairs []pair, stop func(), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	server, err := registry.New(registry.Config{}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, cancel, err
	}
	ours, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, cancel, err
	}
	canned, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, cancel, err
	}
	go server.Serve(ctx, ours)
	answer, err := wire.AppendResponse(nil, "OK")
	if err != nil {
		return nil, cancel, err
	}
	go http.Serve(canned, cannedHandler(answer))
	call, err := wire.AppendCall(nil, "ping")
	if err != nil {
		return nil, cancel, err
	}
	for _, conns := range []int{1, 64} {
		pairs = append(pairs, pair{
			name: fmt.Sprintf("ping over %d connections", conns), against: "net/http, canned",
			ours:   exchange("http://"+ours.Addr().String()+"/RPC2", call, answer, conns),
			theirs: exchange("http://"+canned.Addr().String()+"/RPC2", call, answer, conns),
		})
	}
	return pairs, func() { cancel(); canned.Close() }, nil
}

func cannedHandler(answer []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		w.Write(answer)
	})
}

// exchange posts call from conns goroutines, each with a kept connection.
func exchange(url string, call, want []byte, conns int) func(b *testing.B) {
	return func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: conns, DisableCompression: true}}
		defer client.CloseIdleConnections()
		b.ReportAllocs()
		b.SetParallelism(max(1, conns/2)) // times GOMAXPROCS
		one := func() error {
			resp, err := client.Post(url, "text/xml", bytes.NewReader(call))
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			if err == nil && !bytes.Equal(got, want) {
				err = fmt.Errorf("got %s", got)
			}
			return err
		}
		if conns == 1 {
			for b.Loop() {
				if err := one(); err != nil {
					b.Fatal(err)
				}
			}
			return
		}
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := one(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
}

func allPairs() ([]pair, func(), error) {
	pairs, err := codecPairs()
	if err != nil {
		return nil, nil, err
	}
	more, stop, err := serverPairs()
	return append(pairs, more...), stop, err
}
