package web

import "time"

// A State says how a satellite is.
type State string

// The states of a satellite.
const (
	StateNew     State = "new"     // no call to it has ended yet
	StateUp      State = "up"      // it answered the latest call
	StateSuspect State = "suspect" // it did not
	StateDown    State = "down"    // several pings failed in a row
	StatePaused  State = "paused"  // an operator ordered that it be left alone
	// StateStuck and StateFlapping stand in the place of a better one.
	StateStuck    State = "stuck"    // it may answer, but takes no messages: its breaker is not closed
	StateFlapping State = "flapping" // it registers again and again
)

// States are all states, those that want attention first.
func States() []State {
	return []State{StateDown, StateStuck, StateSuspect, StateFlapping, StateNew, StatePaused, StateUp}
}

// A Satellite is one row of the satellites page. All its texts may come from
// strangers.
type Satellite struct {
	HostID, Nick, URL string // URL leads to the satellite's own pages
	State             State
	Reason            string // why it is in this state; empty: nothing is wrong
	StateSince        time.Time
	Answers           string // its state in relay.get_satellite_props, which knows neither stuck nor flapping; empty: not known
	Registered        time.Time
	LastSeen          time.Time // it called, or answered a call
	Ping              Ping
	Waiting           int // messages in its outbox
	Sent              int // messages accepted from it
	Received          int // messages it took
	Failed            int // calls of its notify that failed
	Dropped           int // messages its outbox gave up
	SentAt            time.Time
	ReceivedAt        time.Time // of the latest good one
	Plugins           []string
	Paused            bool // by an operator
	Pinned            bool // by an operator: the relay never removes it
	Flapping          bool // it registers again and again
	Breaker           BreakerState
	Removal           string // when, or why not, the relay removes it, in words; empty: it is not about to
	shared            bool   // others have its nick too
}

// A Ping is ping times in milliseconds, negative where there is none yet.
type Ping struct {
	Now, Min, Avg, Max float64
	Count              int // pings made
	Fails              int // of these, failed
}

// A BreakerState says whether messages are delivered to a satellite.
type BreakerState string

// The states of a breaker.
const (
	BreakerClosed   BreakerState = "closed"    // they are
	BreakerOpen     BreakerState = "open"      // they wait
	BreakerHalfOpen BreakerState = "half-open" // the next one is tried
)

// Details are all that is known of one satellite.
type Details struct {
	Satellite
	States        []StateChange // oldest first; the latest one holds now
	Deliveries    []Delivery    // the latest, newest first, at most 50
	Events        []Event       // of this satellite, newest first
	BreakerSince  time.Time
	BreakerReason string        // why it is not closed
	BreakerRetry  time.Duration // until a message is tried again, at least
	QueueBytes    int           // octets in its outbox
	QueuePolicy   string        // what the outbox gives up when full, in the words of relay.register
	Dialect       string        // how its notify is spelled; empty: as sent
	WayBack       string        // how the first call after its registration went; empty: none has ended
	CalledAddress string        // where it is called
	SeenAddress   string        // where it registered from
	Limits        []Limit       // those that hold for it
	Recorded      bool          // its history is kept second by second, not only the latest pings and outcomes
}

// A StateChange is the moment a satellite entered a state.
type StateChange struct {
	Time   time.Time
	State  State
	Reason string
}

// A Delivery is one call of a satellite's notify that has ended.
type Delivery struct {
	Time      time.Time // when it ended
	MessageID string
	Sender    string        // host id; empty: the relay itself, or not kept
	Took      time.Duration // the call alone
	Outcome   Outcome
	Reason    string // why it failed; empty: it did not
}

// An Outcome says what became of a message for one satellite.
type Outcome string

// The outcomes.
const (
	OutcomeDelivered Outcome = "delivered"
	OutcomeFailed    Outcome = "failed"    // the satellite did not take it
	OutcomeAbandoned Outcome = "abandoned" // the relay could not make the call
	OutcomeRetry     Outcome = "retry"     // it is tried again
)

// A Limit is one bound and how much of it is used.
type Limit struct {
	Name  string
	Used  float64
	Limit float64 // negative: there is none
	Unit  string
}
