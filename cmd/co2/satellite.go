package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"co2/methods/wire"
	"co2/satellite"
)

// satelliteCmd is co2 satellite: it prints what the network says.
type satelliteCmd struct {
	toRelay
	Listen   string       `arg:"--listen,env:CO2_SATELLITE_LISTEN" placeholder:"ADDR" help:"address the relay calls, and this satellite calls from [default: the local address of the way to the relay, port 2004 or a free one]"`
	Nick     string       `arg:"--nick,env:CO2_NICK" placeholder:"NAME" help:"name for people [default: the host id]"`
	Dialect  wire.Dialect `arg:"--dialect,env:CO2_DIALECT" placeholder:"WORDS" help:"have messages spelled for readers that cannot read everything: nil-omit or nil-empty, i8-string, date-basic, number-plain, latin1 or ascii; or the name of a peer: python, tcl, frontier [default: as sent]"`
	Presence bool         `arg:"--presence,env:CO2_PRESENCE" help:"also print who joins, leaves, goes down and comes up, and that the relay stops: lines with \"event\":true"`
	Queue    string       `arg:"--queue,env:CO2_SATELLITE_QUEUE" placeholder:"WORD" help:"what the relay gives up when too many messages wait for this satellite: drop-oldest, drop-newest or newest-per-key [default: as the relay is set]"`
	logged
	Verbose bool `arg:"-v,--verbose,env:CO2_VERBOSE" help:"log every failed call"`
}

// messageLine is one message as it is printed.
type messageLine struct {
	Sender string   `json:"sender"`
	Event  bool     `json:"event,omitempty"` // from the relay itself
	Data   wire.Raw `json:"data"`
	Time   string   `json:"time"`
}

func (c *satelliteCmd) run(ctx context.Context, t terminal) error {
	log, thin := c.events(t.err, orDebug(slog.LevelInfo, c.Verbose))
	defer thin.tell(context.WithoutCancel(ctx))
	signal.Ignore(syscall.SIGPIPE) // when nobody reads any more it still deregisters
	ctx, leave := untilHangUp(ctx)
	defer leave()
	notes := newNotes(ctx, t.err)
	if !c.LogFormat.isText(t.err) {
		notes.log = log
	}
	relay, err := c.waitForRelay(ctx, terminal{t.in, t.out, notes})
	if err != nil || ctx.Err() != nil {
		return err
	}
	out := newLines(t.out)
	node, err := satellite.New(satellite.Config{
		Relay: relay, Listen: c.Listen, Nick: c.Nick, Dialect: c.Dialect, Presence: c.Presence, Queue: c.Queue,
		Receive: func(m satellite.Message) {
			out.print(messageLine{m.Sender, m.Event, m.Data, m.Received.UTC().Format(time.RFC3339Nano)})
			if out.failed != nil {
				leave()
			}
		},
		State: notes.state, Silence: silence, Log: log,
	})
	if err != nil {
		return &usageError{err}
	}
	notes.node = node
	var telling sync.WaitGroup
	telling.Go(func() { thin.Run(ctx) })
	err = node.Run(ctx)
	notes.checks.Wait()
	leave()
	telling.Wait()
	return errors.Join(err, out.failed)
}

// untilHangUp returns a context that ends with SIGHUP too: with its terminal
// goes whoever read its messages, and it is to deregister as at any end. Who
// started it with nohup wants it to go on.
func untilHangUp(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, leave := context.WithCancel(ctx)
	if signal.Ignored(syscall.SIGHUP) {
		return ctx, leave
	}
	hups := make(chan os.Signal, 1)
	signal.Notify(hups, syscall.SIGHUP) // up to the end of the program: one that comes late must not keep it from deregistering
	go func() {
		select {
		case <-hups:
			leave()
		case <-ctx.Done():
		}
	}()
	return ctx, leave
}

// silence is how long the relay may say nothing before it is asked. Most ping
// every 30 s, more or less by a tenth.
const silence = 40 * time.Second

// lookAgain is how long a satellite waits before it looks for a relay again.
const lookAgain = 5 * time.Second

// waitForRelay is url for a satellite: as one with a relay's name does, it
// waits for a relay to start. Once found it stays with that one.
func (c *satelliteCmd) waitForRelay(ctx context.Context, t terminal) (string, error) {
	for told := false; ; told = true {
		url, err := c.url(ctx, t)
		none, ok := errors.AsType[*noRelayError](err)
		if ctx.Err() != nil {
			return "", nil
		}
		if !ok {
			return url, err
		}
		if !told {
			fmt.Fprintln(t.err, printable(none.Error())+"\nlooking again until there is one")
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookAgain):
		}
	}
}

// lines prints values as lines of JSON.
type lines struct {
	enc    *json.Encoder
	failed error
}

func newLines(w io.Writer) *lines {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &lines{enc: enc}
}

func (l *lines) print(v any) {
	if err := l.enc.Encode(v); err != nil && l.failed == nil {
		l.failed = fmt.Errorf("print: %w", err)
	}
}

// notes tell how the satellite fares: the person at the terminal in sentences,
// a program in lines of the log that hold them.
type notes struct {
	ctx    context.Context
	node   *satellite.Node
	log    *slog.Logger // nil: a person reads
	checks sync.WaitGroup

	mu   sync.Mutex
	w    io.Writer // guarded by mu
	away bool      // of state, which hears one thing at a time: the relay could not be asked
}

func newNotes(ctx context.Context, w io.Writer) *notes { return &notes{ctx: ctx, w: w} }

func (n *notes) notef(level slog.Level, code, format string, args ...any) {
	text := printable(fmt.Sprintf(format, args...))
	if n.log != nil {
		n.log.Log(context.WithoutCancel(n.ctx), level, text, "code", code)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	fmt.Fprintln(n.w, text)
}

// Write notes what is said where a relay is looked for.
func (n *notes) Write(text []byte) (int, error) {
	n.notef(slog.LevelInfo, "NODE-LOOK", "%s", bytes.TrimSpace(text))
	return len(text), nil
}

func (n *notes) state(s satellite.Status) {
	relay, wasAway := n.node.Control().URL(), n.away
	n.away = s.Err != nil
	switch {
	case n.away && wasAway: // told already
	case n.away && s.HostID == "":
		n.notef(slog.LevelWarn, "NODE-AWAY", "cannot register with %s: %v; trying again in %v, and on until it works", relay, withNextStep(notReached(relay, s.Err)), s.Retry)
	case n.away:
		n.notef(slog.LevelWarn, "NODE-AWAY", "%s does not answer, no message will arrive until it does: %v; asking again in %v, and on", relay, s.Err, s.Retry)
	case s.Known:
		n.notef(slog.LevelInfo, "NODE-BACK", "%s answers again and still knows %s", relay, s.HostID)
	default:
		n.notef(slog.LevelInfo, "NODE-JOIN", "registered with %s as %s, listening on port %d", relay, s.HostID, s.Listen)
		n.checks.Go(func() { n.wayBack(s.HostID) })
	}
}

// firstPingWithin is how long the first ping may take: a relay pings at once,
// or within 10 s after it was started anew, and waits 5 s for the answer.
const firstPingWithin = 16 * time.Second

// wayBack tells whether the relay reaches this satellite: it reads its own
// properties until the relay's first ping has ended.
func (n *notes) wayBack(hostID string) {
	ctx, cancel := context.WithTimeout(n.ctx, firstPingWithin)
	defer cancel()
	p, err := n.node.FirstPing(ctx)
	switch {
	case n.ctx.Err() != nil:
	case err != nil:
		n.notef(slog.LevelInfo, "NODE-UNSURE", "cannot tell whether the relay reaches %s: %v", hostID, err)
	case p.Paused:
		why := ""
		if p.PauseReason != "" {
			why = " (" + p.PauseReason + ")"
		}
		n.notef(slog.LevelWarn, "NODE-PAUSED", "an operator of the relay has paused this satellite%s, no message will arrive until: co2 resume %s", why, hostID)
	case p.Flapping:
		n.notef(slog.LevelWarn, "NODE-FLAP", "this satellite has registered too often of late, the relay does not ping it for some minutes; is another one listening on its address?")
	case !p.Reached():
		n.notef(slog.LevelWarn, "NODE-UNREACHED", "THE RELAY CANNOT REACH THIS SATELLITE, no message will arrive\n"+
			"  it tried   %s\n  and found  %s\n  your call came from %s\n"+
			"  The relay calls the address your call came from. On this host, listen on that address or leave --listen out;\n  behind NAT or in a container it leads elsewhere: forward the port.",
			p.CalledAddress, p.LastError, p.SeenAddress)
	case p.PingCurrent < 0:
		n.notef(slog.LevelInfo, "NODE-REACHED", "the relay reaches it")
	default:
		n.notef(slog.LevelInfo, "NODE-REACHED", "the relay reaches it: ping %.1f ms", p.PingCurrent)
	}
}
