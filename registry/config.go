package registry

import (
	"context"
	"net/netip"
	"time"

	"co2/methods"
	"co2/methods/wire"
	"co2/registry/door"
	"co2/registry/web"
)

// Version is the version of co2 that servers tell.
const Version = "1.0.0-dev"

// A Config tunes a server. Zero values mean the defaults in brackets.
type Config struct {
	Kind            string          // "relay" or "satellite" ["server"]
	Maintainer      string          // who runs it
	MaintainerEmail string          // and where to reach them
	Plugins         func() []string // names of the loaded plugins [none]
	Network         web.Network     // what the pages of a relay show [none]
	// CallSatellite calls a satellite of the network for an operator who looks
	// at its methods: it takes the document of a call, and returns that of the
	// answer and the charset it came with [the pages make no such calls].
	CallSatellite func(ctx context.Context, hostID string, call []byte) (answer []byte, charset string, err error)
	Paths         []string // paths that take calls beside / and /RPC2
	Hosts         []string // host names by which browsers may come, beside IP addresses and localhost
	Origins       []string // whose pages may make calls beside our own: scheme://host[:port]
	Access        func(netip.Addr) methods.Access
	Called        func(c methods.Caller, method string) // hears of each call before it runs, also of those inside others [nobody]
	Ended         func(Ended)                           // hears of each call that has ended, those of a system.multicall too; by many at once, it must be quick [nobody]
	NoWeb         bool                                  // no pages but those of Extras; calls are answered as ever
	Extras        map[string]Extra                      // further pages, by their exact path, such as /healthz
	Door          door.Config                           // limits, time-outs and TLS of connections
	Limits        wire.Limits                           // of documents
	MaxAnswer     int                                   // octets of an answer [16 MiB]
	MaxMulticall  int                                   // entries of one system.multicall [1,000]
	CallTimeout   time.Duration                         // for one call [30 s]
	Now           func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Kind == "" {
		c.Kind = "server"
	}
	if c.Plugins == nil {
		c.Plugins = func() []string { return nil }
	}
	if c.Access == nil {
		c.Access = methods.AccessFrom
	}
	if c.Called == nil {
		c.Called = func(methods.Caller, string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	setDefault(&c.MaxAnswer, 16<<20)
	setDefault(&c.MaxMulticall, 1000)
	setDefault(&c.CallTimeout, 30*time.Second)
	return c
}

func setDefault[T int | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}
