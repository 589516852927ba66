package binding

import (
	"net"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// A deafAsker hears nobody until its deadline.
type deafAsker struct{ by time.Time }

func (d *deafAsker) ReadFrom([]byte) (int, discovery.Path, error) {
	time.Sleep(time.Until(d.by))
	return 0, discovery.Path{}, os.ErrDeadlineExceeded
}
func (d *deafAsker) WriteTo(p []byte, _ discovery.Path) (int, error) { return len(p), nil }
func (d *deafAsker) SetReadDeadline(t time.Time) error               { d.by = t; return nil }
func (d *deafAsker) Close() error                                    { return nil }

// A sink is a socket that notes when something is sent.
type sink struct {
	MarcoSocket
	at time.Time
}

func (s *sink) WriteToUDPAddrPort(p []byte, _ netip.AddrPort) (int, error) {
	s.at = time.Now()
	return len(p), nil
}

// A request that waits for others before its query can be made is answered by
// the end of the time it gave, counted from when it came (3.2, D40).
func TestMarcoDoorCountsWaiting(t *testing.T) {
	for _, c := range []struct{ timeout, waited, want time.Duration }{
		{time.Second, 0, time.Second},
		{time.Second, 400 * time.Millisecond, time.Second},
		{0, 400 * time.Millisecond, time.Second}, // the default
		{time.Second, 3 * time.Second, 3*time.Second + time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			door := NewMarcoDoor(MarcoConfig{}, nil)
			request, err := parseMarcoRequest([]byte(`{"Command":"Marco"}`), discovery.Query{
				Timeout: c.timeout, Interfaces: []net.Interface{{Name: "none", Index: 1 << 30}},
				Open: func() (discovery.PacketConn, error) { return new(deafAsker), nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			came, answer := time.Now(), new(sink)
			time.Sleep(c.waited)
			door.answer(t.Context(), answer, request, netip.AddrPort{})
			if got := answer.at.Sub(came); got != c.want {
				t.Errorf("timeout %v, waited %v: answered after %v, want %v", c.timeout, c.waited, got, c.want)
			}
		})
	}
}
