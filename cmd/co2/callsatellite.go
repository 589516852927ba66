package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"co2/methods/wire"
	"co2/registry"
	"co2/relay"
)

// Bounds of calls to satellites that operators make on the pages.
const (
	handCalls   = 8 // at once
	handTime    = 10 * time.Second
	mostOfHands = 1 << 20 // octets of an answer
)

var errManyHands = errors.New("too many calls to satellites at once; try again")

// A handCaller calls satellites for operators who look at their methods.
type handCaller struct {
	relay  *relay.Relay
	http   *http.Client
	places chan struct{}
}

func newHandCaller(r *relay.Relay) *handCaller {
	c := &handCaller{r, wire.NewHTTPClient(nil), make(chan struct{}, handCalls)}
	c.http.Timeout = handTime
	return c
}

// call makes one exchange with a satellite, at the address it registered and
// nowhere else.
func (c *handCaller) call(ctx context.Context, hostID string, call []byte) (answer []byte, charset string, err error) {
	select {
	case c.places <- struct{}{}:
		defer func() { <-c.places }()
	default:
		return nil, "", errManyHands
	}
	to, err := c.relay.Callable(hostID)
	if err != nil {
		return nil, "", err
	}
	client := wire.Client{URL: to.URL(), HTTP: c.http, MaxAnswer: mostOfHands, UserAgent: "co2/" + registry.Version}
	return client.Post(ctx, call)
}
