package discovery_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"co2/discovery"
)

// BenchmarkRequestFor answers requests over loopback, beside a socket that
// sends as many octets back to whoever sends it as many. What is allocated is
// all there is, for the asker allocates nothing. `make bench` measures the same
// with processes of their own.
func BenchmarkRequestFor(b *testing.B) {
	b.Run("polo", func(b *testing.B) { benchmarkAsking(b, poloAt) })
	b.Run("echo", func(b *testing.B) { benchmarkAsking(b, echoAt) })
}

// TestAnswersAllocateLittle holds an answer to at most 4 allocations.
func TestAnswersAllocateLittle(t *testing.T) {
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(poloAt(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	buf := make([]byte, discovery.MaxMessage)
	allocs := testing.AllocsPerRun(1000, func() {
		conn.Write(printerRequest)
		if n, err := conn.Read(buf); err != nil || string(buf[:n]) != string(printerAnswer) {
			t.Fatalf("answer %q, %v, want %q", buf[:n], err, printerAnswer)
		}
	})
	t.Logf("%v allocations an answer", allocs)
	if allocs > 4 {
		t.Errorf("%v allocations an answer, want at most 4", allocs)
	}
}

// printerRequest and printerAnswer are the datagrams of the benchmark.
var (
	printerRequest = []byte(requestFor("printer"))
	printerAnswer  = []byte(`{"Command": "OK", "Params": {"color": true, "port": 9100}}`)
)

func benchmarkAsking(b *testing.B, serve func(testing.TB) netip.AddrPort) {
	to := serve(b)
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, discovery.MaxMessage)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(printerRequest); err != nil {
			b.Fatal(err)
		}
		if n, err := conn.Read(buf); err != nil || n != len(printerAnswer) {
			b.Fatalf("answer %q, %v, want %q", buf[:n], err, printerAnswer)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "answers/s")
}

func poloAt(b testing.TB) netip.AddrPort {
	port, ready := freePort(b), make(chan struct{}, 10)
	runPolo(b, discovery.PoloConfig{
		Port: port, Limits: discovery.Limits{SourceRate: -1, Rate: -1},
		Changed: func(discovery.PoloStats) { ready <- struct{}{} },
	})
	<-ready
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
}

func echoAt(b testing.TB) netip.AddrPort {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, discovery.MaxMessage)
		for {
			_, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			conn.WriteToUDPAddrPort(printerAnswer, from)
		}
	}()
	b.Cleanup(func() { conn.Close(); <-done })
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}
