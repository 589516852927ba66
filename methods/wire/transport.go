package wire

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Bounds of an exchange (C5).
const (
	dialTime     = 3 * time.Second
	exchangeTime = 5 * time.Second
	maxHead      = 16 << 10
)

// A DialFunc connects to an address, as [net.Dialer.DialContext] does.
type DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// NewHTTPClient returns a client for servers that nobody vouches for: no
// proxy from the environment, no compression, no redirects, no cookies,
// HTTP/1.1, answer heads of at most 16 KiB, 3 s to connect and 5 s for an
// exchange. Set its Timeout for methods that take longer. dial connects; nil
// means a plain dialler.
func NewHTTPClient(dial DialFunc) *http.Client {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	http1 := new(http.Protocols)
	http1.SetHTTP1(true)
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            boundDial(dial),
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHead,
			TLSHandshakeTimeout:    dialTime,
			IdleConnTimeout:        90 * time.Second,
			Protocols:              http1,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       exchangeTime,
	}
}

// boundDial gives up on a connection after dialTime.
func boundDial(dial DialFunc) DialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, dialTime)
		defer cancel()
		return dial(ctx, network, addr)
	}
}
