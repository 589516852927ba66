package relay

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"
)

// A Code names a kind of event. Codes are stable: logs, counters and pages
// are searched by them.
type Code string

// The events of a relay.
const (
	SatJoin    Code = "SAT-JOIN"    // registered
	SatRejoin  Code = "SAT-REJOIN"  // registered again under its host id
	SatLeave   Code = "SAT-LEAVE"   // deregistered
	SatState   Code = "SAT-STATE"   // went from one state to another
	SatWayBack Code = "SAT-WAYBACK" // the first call after a registration failed
	SatPause   Code = "SAT-PAUSE"   // an operator paused it
	SatResume  Code = "SAT-RESUME"  // an operator ended the pause
	SatPin     Code = "SAT-PIN"     // an operator ordered that the relay never removes it
	SatUnpin   Code = "SAT-UNPIN"   // an operator took that back
	SatFlap    Code = "SAT-FLAP"    // registers again and again: pings and presence are held
	SatSettle  Code = "SAT-SETTLE"  // has stopped that
	SatRemove  Code = "SAT-REMOVE"  // removed by an operator, or by the relay after --remove-after
	DlvFail    Code = "DLV-FAIL"    // a notify failed
	DlvDrop    Code = "DLV-DROP"    // an outbox gave up messages: the first, then how many, with growing gaps
	DlvOpen    Code = "DLV-OPEN"    // a breaker opened: messages wait
	DlvTry     Code = "DLV-TRY"     // a breaker is half-open: the next message is tried
	DlvClose   Code = "DLV-CLOSE"   // a breaker closed: messages are delivered again
	DumpLoad   Code = "DUMP-LOAD"   // satellites were taken from the dump
	DumpBad    Code = "DUMP-BAD"    // a dump could not be used and was set aside
	DumpFail   Code = "DUMP-FAIL"   // changes cannot be written any more
	DumpOK     Code = "DUMP-OK"     // they can again
	RelayLate  Code = "RELAY-LATE"  // the relay itself was stopped or starved
	LimitSats  Code = "LIMIT-SATS"  // a registration was refused: max_sats
	LimitQueue Code = "LIMIT-QUEUE" // a message was refused: the sender's queue is full
	LimitRoom  Code = "LIMIT-ROOM"  // all outboxes together hold too much, or no more
	LimitData  Code = "LIMIT-DATA"  // a message was refused: its data is too long

	RemovalHold Code = "REMOVAL-HOLD" // many went down at once: none is removed
	RemovalGoes Code = "REMOVAL-GOES" // the hold has ended
)

// words are what codes mean, for people.
var words = map[Code]string{
	SatJoin: "registered", SatRejoin: "registered again", SatLeave: "deregistered", SatState: "state changed",
	SatWayBack: "its first call failed", SatPause: "paused by an operator", SatResume: "pause ended", SatPin: "pinned by an operator",
	SatUnpin: "no longer pinned", SatFlap: "registers again and again", SatSettle: "has settled", SatRemove: "removed",
	DlvFail: "delivery failed", DlvDrop: "messages dropped", DlvOpen: "messages wait", DlvTry: "next message tried", DlvClose: "delivered again",
	DumpLoad: "dump read", DumpBad: "bad dump", DumpFail: "dump not written", DumpOK: "dump written again", RelayLate: "relay was late",
	LimitSats: "registration refused", LimitQueue: "message refused", LimitRoom: "outbox memory", LimitData: "message refused",
	RemovalHold: "removal held", RemovalGoes: "removal goes on",
}

// Words say what c means, in two or three words; empty for a code of others.
func (c Code) Words() string { return words[c] }

// Codes returns all codes, in no order that means anything.
func Codes() []Code {
	return []Code{
		SatJoin, SatRejoin, SatLeave, SatState, SatWayBack, SatPause, SatResume, SatPin, SatUnpin, SatFlap, SatSettle, SatRemove,
		DlvFail, DlvDrop, DlvOpen, DlvTry, DlvClose, DumpLoad, DumpBad, DumpFail, DumpOK, RelayLate,
		LimitSats, LimitQueue, LimitRoom, LimitData, RemovalHold, RemovalGoes,
	}
}

// An Event is something that happened in the relay that people may want to
// know. It never holds a secret or a payload.
type Event struct {
	Code   Code
	Time   time.Time
	HostID string // the satellite concerned; may be empty
	Nick   string
	State  State  // after a SatState, SatPause or SatResume
	Reason string // in words; may be empty
	// Flapping says that the satellite registers again and again, so that
	// others need not hear of it.
	Flapping bool
}

// Events is the one stream of events: each goes to the log, to the counters
// and to every listener. In the log, refusals that repeat are a number. It is
// safe for concurrent use.
type Events struct {
	log  *slog.Logger
	thin thinning

	mu     sync.Mutex
	counts map[Code]int  // guarded by mu
	sinks  []func(Event) // guarded by mu
}

func newEvents(log *slog.Logger) *Events {
	return &Events{log: log, thin: thinning{kept: map[repeated]*repeats{}}, counts: map[Code]int{}}
}

// Listen adds a listener. It is called by whoever causes an event, so it
// must neither block nor call back into the relay.
func (e *Events) Listen(sink func(Event)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sinks = append(e.sinks, sink)
}

// Counts returns how often each event has happened.
func (e *Events) Counts() map[Code]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.counts)
}

func (e *Events) emit(ev Event) {
	if !e.thin.keep(ev) {
		e.write(ev)
	}
	e.tell(ev)
}

// tell is emit for an event that is in the log already.
func (e *Events) tell(ev Event) {
	e.mu.Lock()
	e.counts[ev.Code]++
	sinks := e.sinks
	e.mu.Unlock()
	for _, sink := range sinks {
		sink(ev)
	}
}

func (e *Events) write(ev Event) {
	e.log.LogAttrs(context.Background(), ev.Level(), "event", ev.attrs()...)
}

// Level is how loud an event is in the log. Single failed deliveries are
// quiet: the change of state that follows tells of them.
func (ev Event) Level() slog.Level {
	switch ev.Code {
	case DumpFail, DumpBad:
		return slog.LevelError
	case DumpOK, LimitSats, LimitQueue, LimitData, LimitRoom, DlvDrop, DlvOpen, SatWayBack, SatFlap, SatRemove, RemovalHold, RelayLate:
		return slog.LevelWarn
	case DlvFail:
		return slog.LevelDebug
	case SatState:
		if ev.State != StateUp {
			return slog.LevelWarn
		}
	}
	return slog.LevelInfo
}

func (ev Event) attrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("code", string(ev.Code))}
	for _, a := range []slog.Attr{
		slog.String("satellite", ev.HostID), slog.String("nick", ev.Nick),
		slog.String("state", string(ev.State)), slog.String("reason", ev.Reason),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}
