package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"co2/registry/web"
)

// The discovery page tells what the relay's Polo is asked, where it hears, and
// what it offers; without a Polo, why there is none.
func TestDiscoveryOfRelay(t *testing.T) {
	free, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := netip.MustParseAddrPort(free.LocalAddr().String()).Port()
	free.Close()
	state := t.TempDir()
	at := netip.MustParseAddrPort("127.0.0.1:2003")
	p, err := newRelayPolo(at, "http", port, filepath.Join(state, "socket"), state, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, halt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.polo.Run(ctx) }()
	defer func() {
		halt()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	}()
	n := &network{polo: p}
	conn, err := net.Dial("udp4", fmt.Sprint("127.0.0.1:", port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for began := time.Now(); n.Discovery().Answered == 0; {
		if time.Since(began) > time.Minute {
			t.Fatalf("Discovery = %+v, want an answer to Marco", n.Discovery())
		}
		fmt.Fprint(conn, `{"Command": "Marco"}`) // an error says that it does not listen yet
		conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		conn.Read(make([]byte, 2048))
	}
	d := n.Discovery()
	if d.Off != "" || d.Port != int(port) || d.Marco == 0 || d.Unicast.Marco != d.Marco || d.Sources == 0 {
		t.Errorf("Discovery = %+v, want Marcos by unicast at port %d", d, port)
	}
	if len(d.Groups) == 0 || d.Groups[0].Address == "" || len(d.Unicast.Interfaces) == 0 || d.Unicast.Interfaces[0].Address != "127.0.0.1" {
		t.Errorf("groups, unicast = %+v, %+v, want where they are heard", d.Groups, d.Unicast)
	}
	if len(d.Services) != 1 || d.Services[0].ID != poloService || fmt.Sprint(d.Services[0].Params[1]) != "{port 2003 }" {
		t.Errorf("services = %+v, want the relay at port 2003", d.Services)
	}
	if want := fmt.Sprint("co2 find --polo-port ", port); !d.Host || len(d.Networks) > 0 || d.Find != want || !strings.Contains(d.LocalOnly, "127.0.0.1 alone; co2 serve --lan") {
		t.Errorf("found on this host: %v, on %q, not elsewhere because %q, by %q; want this host alone, which --lan would change, by %s", d.Host, d.Networks, d.LocalOnly, d.Find, want)
	}
	none := &network{noPolo: "it is switched off"}
	if got := none.Discovery(); fmt.Sprint(got) != fmt.Sprint(web.Discovery{Off: "it is switched off"}) {
		t.Errorf("Discovery without a Polo = %+v", got)
	}
}
