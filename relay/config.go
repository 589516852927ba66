package relay

import (
	"math"
	"time"
)

// A Config tunes a relay. Zero values mean the defaults in brackets.
type Config struct {
	MaxSats       int            // satellites registered at once [10,000]; negative: unlimited
	Rate          float64        // messages a second from one satellite [100]; negative: unlimited
	Burst         int            // messages from one satellite before the rate holds [200]
	Queue         int            // messages of one sender waiting for the rate [1,000]
	QueueBytes    int            // the same in octets [16 MiB]
	Outbox        int            // messages waiting for one receiver [1,000]
	OutboxBytes   int            // the same in octets [16 MiB]
	OutboxMemory  int            // octets of the messages in all outboxes, each counted once [256 MiB]
	QueuePolicy   QueuePolicy    // what a full outbox gives up, unless its satellite asked for something else [DropOldest]
	MaxData       int            // octets of one message's data [1 MiB]
	NotifyTimeout time.Duration  // for one notify [5 s]
	PingTimeout   time.Duration  // for one ping [5 s]
	PingInterval  time.Duration  // between pings of one satellite [30 s]; negative: only the first
	AnyAddress    bool           // take messages for a host id from any address (NAT, several interfaces)
	Grace         time.Duration  // for deliveries under way when the relay stops [5 s]
	Host          func() HostUse // the limits of the process, for relay.get_limits [not known]
	Now           func() time.Time
	// What becomes of satellites that are down.
	RemoveAfter    time.Duration // after so long they are removed [never]
	MassDown       float64       // part of all satellites that, going down at once, holds removal [0.15]; negative: nothing does
	MassDownLeast  int           // and no fewer than these [3]
	MassDownWindow time.Duration // what counts as at once [2 ping intervals and a ping's time-out, at least 1 min]

	// AcceptWithoutDisk takes registrations and removals that the store cannot
	// write, and writes them as soon as it can [they are refused].
	AcceptWithoutDisk bool

	// Bus joins this node to others; it gets what delivers to this node's
	// satellites [one node alone].
	Bus func(deliver func(*Message)) Bus
}

// maxSatellites is how "unlimited" is answered, so that the test num < max of
// old callers holds (co2.md 9.1).
const maxSatellites = math.MaxInt32

func (c Config) withDefaults() Config {
	setDefault(&c.MaxSats, 10_000)
	setDefault(&c.Rate, 100)
	setDefault(&c.Burst, 200)
	setDefault(&c.Queue, 1000)
	setDefault(&c.QueueBytes, 16<<20)
	setDefault(&c.Outbox, 1000)
	setDefault(&c.OutboxBytes, 16<<20)
	setDefault(&c.OutboxMemory, 256<<20)
	setDefault(&c.QueuePolicy, DropOldest)
	setDefault(&c.MaxData, 1<<20)
	setDefault(&c.NotifyTimeout, 5*time.Second)
	setDefault(&c.PingTimeout, 5*time.Second)
	setDefault(&c.PingInterval, 30*time.Second)
	setDefault(&c.Grace, 5*time.Second)
	setDefault(&c.MassDown, 0.15)
	setDefault(&c.MassDownLeast, 3)
	setDefault(&c.MassDownWindow, max(time.Minute, 2*c.PingInterval+c.PingTimeout))
	if c.MaxSats < 0 || c.MaxSats > maxSatellites {
		c.MaxSats = maxSatellites
	}
	c.Burst = max(c.Burst, 1) // a bucket that holds nothing lets nothing out
	if c.Rate < 0 {
		c.Rate = math.MaxFloat64 // rate.Inf
	}
	if c.Host == nil {
		c.Host = unknownHost
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Bus == nil {
		c.Bus = func(deliver func(*Message)) Bus { return localBus{deliver} }
	}
	return c
}

func setDefault[T int | float64 | time.Duration | QueuePolicy](v *T, d T) {
	if *v == *new(T) {
		*v = d
	}
}
