//go:build !linux

package binding

import (
	"errors"
	"fmt"
	"net"
	"runtime"
)

func listenUnix(path string) (net.Listener, error) {
	return nil, fmt.Errorf("socket %s: %w", path, errNoPeers)
}

func peerOf(net.Conn) (peer, error) { return peer{}, errNoPeers }

var errNoPeers = errors.New("the Unix door needs to know its peers, which is not available on " + runtime.GOOS)
