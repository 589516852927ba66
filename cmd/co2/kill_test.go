package main_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"co2/methods/wire"
)

// TestKilledAmidRegistrations kills a relay with kill -9 in the midst of
// registrations and removals, starts it again on the same folder, and so on:
// what was answered must be there, what was under way may be or not.
// SOAK_KILLS says how often; make soak has it done a thousand times.
func TestKilledAmidRegistrations(t *testing.T) {
	t.Parallel()
	kills := 30
	if s := os.Getenv("SOAK_KILLS"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	state, groups := t.TempDir(), make([]*group, 8)
	for i := range groups {
		groups[i] = newGroup(t, 8)
	}
	var marks marks
	for i := range kills + 1 {
		ok := t.Run(fmt.Sprintf("kill %d", i+1), func(t *testing.T) {
			relay := &server{state: state, listen: "127.0.0.1:0", extra: []string{"--ping-interval", "0"}}
			if i > 0 && rand.IntN(8) == 0 {
				killStarting(t, relay, &marks)
			}
			began := time.Now()
			relay.serve(t)
			marks.restarts = append(marks.restarts, time.Since(began))
			marks.check(t, relay, groups)
			if i < kills {
				marks.killAmid(t, relay, groups)
			}
		})
		if !ok {
			break
		}
	}
	marks.log(t)
	if marks.acknowledged == 0 {
		t.Error("nothing was acknowledged, so nothing could get lost")
	}
}

// killStarting kills a relay while it starts.
func killStarting(t *testing.T, relay *server, m *marks) {
	t.Helper()
	p := start(t, "serve", "--listen", relay.listen, "--state", relay.state, "--no-polo")
	<-time.After(time.Duration(rand.IntN(20)) * time.Millisecond) // to meet it anywhere
	p.kill()
	m.kills++
}

// A group is a few satellites that one goroutine registers and removes.
type group struct {
	ears   []*ear
	nick   map[string]string // by host id, as far as the relay answered
	doubt  string            // host id whose change was under way at the kill
	wished string            // its nick then; empty: to be removed
	serial int
	took   []time.Duration // of acknowledged changes
	err    error           // a fault, where none should be
}

func newGroup(t *testing.T, satellites int) *group {
	g := &group{nick: map[string]string{}}
	for range satellites {
		e := listen(t, nil)
		e.hostID = fmt.Sprintf("127.0.0.1:%d", e.port)
		g.ears = append(g.ears, e)
	}
	return g
}

// churn makes changes until a call fails for the relay is gone.
func (g *group) churn(ctx context.Context, relay string) {
	client := wire.Client{URL: relay + "/RPC2", HTTP: wire.NewHTTPClient(nil)}
	defer client.HTTP.CloseIdleConnections()
	for {
		e := g.ears[rand.IntN(len(g.ears))]
		began := time.Now()
		wished, err := g.change(ctx, &client, e)
		var fault *wire.Fault
		switch {
		case errors.As(err, &fault):
			g.err = fault
			return
		case err != nil:
			g.doubt, g.wished = e.hostID, wished
			return
		}
		g.took = append(g.took, time.Since(began))
		g.know(e.hostID, wished)
	}
}

// change removes a satellite that is registered, or registers one, which may
// be registered already, with a nick that was never there before.
func (g *group) change(ctx context.Context, client *wire.Client, e *ear) (wished string, err error) {
	if g.nick[e.hostID] != "" && rand.IntN(3) == 0 {
		return "", client.Call(ctx, "relay.deregister", nil, structure{"host_id": e.hostID})
	}
	g.serial++
	wished = fmt.Sprintf("%d of %s", g.serial, e.hostID)
	return wished, client.Call(ctx, "relay.register", nil, structure{"port": e.port, "nick": wished})
}

func (g *group) know(hostID, nick string) {
	if nick == "" {
		delete(g.nick, hostID)
	} else {
		g.nick[hostID] = nick
	}
}

// settle compares what the relay knows with what it answered before.
func (g *group) settle(t *testing.T, nickNow map[string]string) (lost, back int) {
	for _, e := range g.ears {
		now, before := nickNow[e.hostID], g.nick[e.hostID]
		switch {
		case now == before:
		case e.hostID == g.doubt && now == g.wished:
			g.know(e.hostID, now)
		case before == "":
			back++
			t.Errorf("%s is registered as %q, though its removal was acknowledged", e.hostID, now)
		default:
			lost++
			t.Errorf("%s is registered as %q, acknowledged was %q", e.hostID, now, before)
		}
	}
	g.doubt = ""
	return lost, back
}

// marks are the figures of all kills.
type marks struct {
	kills, acknowledged, doubtful, lost, back int

	restarts, took []time.Duration
	churned        time.Duration // until the kills
}

// killAmid kills the relay while all groups make changes.
func (m *marks) killAmid(t *testing.T, relay *server, groups []*group) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	var all sync.WaitGroup
	for _, g := range groups {
		all.Go(func() { g.churn(ctx, relay.url) })
	}
	<-time.After(time.Duration(rand.IntN(100_000)) * time.Microsecond) // to meet it anywhere
	m.churned += time.Since(began)
	relay.kill()
	all.Wait()
	m.kills++
	for _, g := range groups {
		if g.err != nil {
			t.Errorf("a change was refused: %v", g.err)
		}
		if g.doubt != "" {
			m.doubtful++
		}
		m.acknowledged += len(g.took)
		m.took, g.took = append(m.took, g.took...), nil
	}
}

// check asks a relay that was started again what it knows.
func (m *marks) check(t *testing.T, relay *server, groups []*group) {
	t.Helper()
	nickNow := map[string]string{}
	for _, id := range must[[]string](t, relay, "relay.get_satellites") {
		nickNow[id] = must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": id})["nick"].(string)
	}
	if bad := relay.err.String(); strings.Contains(bad, "DUMP-BAD") {
		t.Errorf("the dump was damaged: %s", bad)
	}
	for _, g := range groups {
		lost, back := g.settle(t, nickNow)
		m.lost, m.back = m.lost+lost, m.back+back
	}
}

// log tells the figures, one a line, for .ci/soak to read.
func (m *marks) log(t *testing.T) {
	at := func(all []time.Duration, percent int) string {
		if len(all) == 0 {
			return "never"
		}
		return slices.Sorted(slices.Values(all))[(len(all)-1)*percent/100].Round(10 * time.Microsecond).String()
	}
	t.Logf("soak: kills\t%d", m.kills)
	t.Logf("soak: acknowledged changes\t%d", m.acknowledged)
	t.Logf("soak: of these a second\t%.0f", float64(m.acknowledged)/m.churned.Seconds())
	t.Logf("soak: changes under way at a kill\t%d", m.doubtful)
	t.Logf("soak: lost registrations\t%d", m.lost)
	t.Logf("soak: removals that came back\t%d", m.back)
	t.Logf("soak: from start to listening, median\t%s", at(m.restarts, 50))
	t.Logf("soak: from start to listening, 99 of 100\t%s", at(m.restarts, 99))
	t.Logf("soak: acknowledgement, median\t%s", at(m.took, 50))
	t.Logf("soak: acknowledgement, 99 of 100\t%s", at(m.took, 99))
}
