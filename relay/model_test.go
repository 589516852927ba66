//go:build !race

// Hundreds of bubbles of testing/synctest crash the race detector of Go 1.26
// itself (golang.org/issue/78156), so the model is compared without it.

package relay_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"co2/relay"
)

// TestModel registers, removes, pauses, relays, crashes and restarts at random, and
// compares the relay with a model of a few lines: nobody gets their own
// message, messages of one sender keep their order at each receiver, no
// notify_pass goes to another, counters are those of co2.md 9.4, and what was
// acknowledged is there whatever happens. make soak runs far more of it.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rapid.SyncTest(rt, func(rt *rapid.T) {
			m := newModel(rt)
			rt.Repeat(rapid.StateMachineActions(m))
			m.Settle(rt)
			m.Check(rt)
		})
	})
}

// A model is what a relay should be, beside the relay. Its methods are the
// actions.
type model struct {
	t     *rapid.T
	cfg   relay.Config
	disk  *disk
	world *world
	lives []*rig // the last one lives
	life  *life
	send  int // messages sent
	told  int // passes given
}

// A modelSat is a satellite as it was acknowledged.
type modelSat struct {
	nick     string
	pass     string
	doubt    *string // pass of a registration under way
	sent     int
	sentAt   time.Time
	received counted // before the present life
	paused   bool    // stays when it registers again
}

// passes are those it may be called with.
func (s *modelSat) passes() []string {
	if s.doubt != nil {
		return []string{s.pass, *s.doubt}
	}
	return []string{s.pass}
}

const (
	passMark  = "secret-of-"
	modelMost = 4 // satellites at once, one less than there are
)

// modelHosts are all that may register: several on one address.
var modelHosts = []string{
	"192.0.2.1:2004", "192.0.2.1:2005", "192.0.2.2:2004", "192.0.2.3:2004", "[2001:db8::1]:2004",
}

func anyHost(rt *rapid.T) string { return rapid.SampledFrom(modelHosts).Draw(rt, "host") }

// anyCaller is mostly at the host's own address.
func anyCaller(rt *rapid.T, host string) netip.Addr {
	if rapid.IntRange(0, 4).Draw(rt, "foreign") == 4 {
		host = anyHost(rt)
	}
	return netip.MustParseAddrPort(host).Addr()
}

func newModel(rt *rapid.T) *model {
	m := &model{
		t:    rt,
		cfg:  relay.Config{MaxSats: modelMost, Rate: rapid.SampledFrom([]float64{-1, 5}).Draw(rt, "rate"), Burst: 3, QueueBytes: 1 << 30},
		disk: new(disk),
		world: &world{
			temper: map[string]temper{}, members: map[string]*modelSat{}, owed: map[string]map[int]bool{},
			latest: map[string]map[string]int{}, id: map[string]map[string]string{},
			removed: map[string]int{},
		},
	}
	rt.Cleanup(func() { time.Sleep(time.Minute) }) // in a bubble no time goes by after the end
	m.begin()
	return m
}

// begin starts a relay on the disk as it is.
func (m *model) begin() {
	time.Sleep(time.Millisecond) // no relay starts in the microsecond in which another ended
	m.life = newLife(m.disk, m.world)
	m.lives = append(m.lives, start(m.t, m.cfg, m.life, m.life))
	synctest.Wait()
}

func (m *model) rig() *rig { return m.lives[len(m.lives)-1] }

// Register registers a satellite, new or again.
func (m *model) Register(rt *rapid.T) {
	m.register(rt, anyHost(rt), m.registration(rt))
}

func (m *model) registration(rt *rapid.T) object {
	m.told++
	p := object{"nick": fmt.Sprintf("nick %d", m.told)}
	if rapid.Bool().Draw(rt, "with pass") {
		p["notify_pass"] = fmt.Sprintf("%s%d", passMark, m.told)
	}
	if rapid.Bool().Draw(rt, "with info") {
		p["message_info"] = true
	}
	return p
}

func (m *model) register(rt *rapid.T, host string, p object) {
	m.announce(host, p)
	m.registered(rt, host, p, m.tryRegister(host, p))
}

// announce tells the world of a registration under way: the relay may call
// before its answer is read.
func (m *model) announce(host string, p object) {
	pass, _ := p["notify_pass"].(string)
	m.world.mu.Lock()
	defer m.world.mu.Unlock()
	if s := m.world.members[host]; s != nil {
		s.doubt = &pass
	} else {
		m.world.members[host] = &modelSat{pass: pass, nick: notThere}
	}
}

// notThere is the nick of a satellite whose registration is under way.
const notThere = ""

func (m *model) tryRegister(host string, p object) error {
	at := netip.MustParseAddrPort(host)
	p = maps.Clone(p)
	p["port"] = int(at.Port())
	id, err := m.rig().call(at.Addr().String(), "relay.register", p)
	if err == nil && id != host {
		m.world.wrong("relay.register of %s = %v", host, id)
	}
	return err
}

// registered takes the answer to a registration into the model.
func (m *model) registered(rt *rapid.T, host string, p object, err error) {
	m.world.mu.Lock()
	defer m.world.mu.Unlock()
	s := m.world.members[host]
	again := s.nick != notThere
	s.doubt = nil
	switch {
	case err == nil:
		pass, _ := p["notify_pass"].(string)
		*s = modelSat{nick: p["nick"].(string), pass: pass, paused: s.paused}
		return
	case !m.disk.full.Load() && (again || m.countLocked() < modelMost):
		rt.Fatalf("relay.register of %s = %v", host, faultOf(err))
	}
	if !again {
		delete(m.world.members, host)
	}
}

// countLocked is how many satellites are acknowledged.
func (m *model) countLocked() (n int) {
	for _, s := range m.world.members {
		if s.nick != notThere {
			n++
		}
	}
	return n
}

// RegisterTogether registers several at once, which may share a write.
func (m *model) RegisterTogether(rt *rapid.T) {
	hosts := rapid.SliceOfNDistinct(rapid.SampledFrom(modelHosts), 2, modelMost, rapid.ID).Draw(rt, "hosts")
	params, errs := make([]object, len(hosts)), make([]error, len(hosts))
	for i, host := range hosts {
		params[i] = m.registration(rt)
		m.announce(host, params[i])
	}
	var all sync.WaitGroup
	for i, host := range hosts {
		all.Go(func() { errs[i] = m.tryRegister(host, params[i]) })
	}
	all.Wait()
	for _, good := range []bool{true, false} { // those refused for want of room come last
		for i, host := range hosts {
			if (errs[i] == nil) == good {
				m.registered(rt, host, params[i], errs[i])
			}
		}
	}
}

// Deregister removes a satellite, from its own address or from another.
func (m *model) Deregister(rt *rapid.T) {
	host := anyHost(rt)
	from := anyCaller(rt, host)
	_, err := m.rig().call(from.String(), "relay.deregister", object{"host_id": host})
	m.world.mu.Lock()
	defer m.world.mu.Unlock()
	allowed := m.world.members[host] != nil && from == netip.MustParseAddrPort(host).Addr() && !m.disk.full.Load()
	if (err == nil) != allowed {
		rt.Fatalf("relay.deregister of %s from %s = %v", host, from, faultOf(err))
	}
	if err == nil {
		delete(m.world.members, host)
		delete(m.world.owed, host)
		m.world.removed[host]++
	}
}

// Pause orders a pause, or the end of one.
func (m *model) Pause(rt *rapid.T) {
	m.order(rt, rapid.SampledFrom([]string{"pause", "resume"}).Draw(rt, "order"), anyHost(rt))
}

// order gives an order as an operator does.
func (m *model) order(rt *rapid.T, order, host string) {
	m.world.mu.Lock()
	s, pause := m.world.members[host], order == "pause"
	if s != nil && !pause && !m.disk.full.Load() {
		s.paused = false // it may be called before the answer is read
	}
	allowed := s != nil && (!m.disk.full.Load() || s.paused == pause)
	m.world.mu.Unlock()
	_, err := m.rig().call("127.0.0.1", "relay."+order, object{"host_id": host})
	if (err == nil) != allowed {
		rt.Fatalf("relay.%s of %s = %v", order, host, faultOf(err))
	}
	m.world.mu.Lock()
	defer m.world.mu.Unlock()
	if err == nil {
		s.paused = pause
	}
}

// Relay sends a few messages.
func (m *model) Relay(rt *rapid.T) {
	host := anyHost(rt)
	from := anyCaller(rt, host)
	for range rapid.IntRange(1, 5).Draw(rt, "messages") {
		m.relayOne(rt, host, from)
	}
}

func (m *model) relayOne(rt *rapid.T, host string, from netip.Addr) {
	m.world.mu.Lock()
	sender := m.world.members[host]
	allowed := sender != nil && from == netip.MustParseAddrPort(host).Addr()
	if allowed {
		m.send++
		sender.sent++
		sender.sentAt = time.Now()
		for other := range m.world.members {
			if other != host {
				inner(m.world.owed, other)[m.send] = true
			}
		}
	}
	m.world.mu.Unlock()
	_, err := m.rig().call(from.String(), "relay.relay", object{"host_id": host, "data": m.send, "notify_pass": passMark + "forged"})
	if (err == nil) != allowed {
		rt.Fatalf("relay.relay as %s from %s = %v", host, from, faultOf(err))
	}
}

// Temper changes how a satellite takes calls.
func (m *model) Temper(rt *rapid.T) {
	m.world.mu.Lock()
	defer m.world.mu.Unlock()
	m.world.temper[anyHost(rt)] = rapid.SampledFrom([]temper{kind, slow, rough}).Draw(rt, "temper")
}

// Wait lets time go by.
func (m *model) Wait(rt *rapid.T) {
	time.Sleep(rapid.SampledFrom([]time.Duration{time.Millisecond, 700 * time.Millisecond, 5 * time.Second, 2 * time.Minute}).Draw(rt, "time"))
}

// FillDisk makes the disk full, or frees it.
func (m *model) FillDisk(*rapid.T) {
	synctest.Wait()
	m.disk.full.Store(!m.disk.full.Load())
}

// Crash ends the relay as kill -9 does, and starts another.
func (m *model) Crash(*rapid.T) {
	m.cutOff()
	m.again()
}

// cutOff keeps the relay from disk and network, and lets it end unheard.
func (m *model) cutOff() {
	m.life.end()
	m.rig().halt()
}

// CrashInRegister crashes while a registration is being written: it comes
// back if it was on disk, and only then.
func (m *model) CrashInRegister(rt *rapid.T) {
	if m.disk.full.Load() {
		rt.Skip()
	}
	host, p := anyHost(rt), m.registration(rt)
	written := rapid.Bool().Draw(rt, "written")
	m.announce(host, p)
	m.life.doom(map[bool]doom{false: beforeWrite, true: afterWrite}[written])
	err := m.tryRegister(host, p)
	if err == nil {
		rt.Fatalf("relay.register of %s, not acknowledged by the store, = nil", host)
	}
	if _, there := m.disk.records[host]; there && written && m.disk.record(host).Nick == p["nick"] {
		err = nil
	}
	m.cutOff()
	m.crashRegistered(host, p, err == nil)
	m.again()
}

// crashRegistered takes a registration into the model that nobody was told of.
func (m *model) crashRegistered(host string, p object, there bool) {
	m.world.mu.Lock()
	defer m.world.mu.Unlock()
	s := m.world.members[host]
	s.doubt = nil
	pass, _ := p["notify_pass"].(string)
	switch {
	case there:
		*s = modelSat{nick: p["nick"].(string), pass: pass, paused: s.paused}
	case s.nick == notThere:
		delete(m.world.members, host)
	}
}

// Restart ends the relay in good order, and starts another.
func (m *model) Restart(rt *rapid.T) {
	if m.disk.full.Load() {
		rt.Skip()
	}
	if err := m.rig().stop(); err != nil {
		rt.Fatalf("Run = %v", err)
	}
	for _, s := range m.rig().relay.Directory().Satellites() {
		if kept := m.disk.record(s.HostID).Traffic; kept != s.Traffic {
			rt.Fatalf("the store keeps %+v of %s after an orderly end, want %+v", kept, s.HostID, s.Traffic)
		}
	}
	m.cutOff() // with what is still under way
	m.again()
}

// again starts a relay on what the last one left. Messages do not outlive it,
// counters are those of the store.
func (m *model) again() {
	m.world.mu.Lock()
	clear(m.world.owed)
	for host, s := range m.world.members {
		kept := m.disk.record(host).Traffic
		s.sent, s.sentAt = kept.SendCount, kept.SendTime
		s.received = counted{kept.RecvCount, kept.RecvFails, kept.RecvTime}
	}
	m.world.mu.Unlock()
	m.begin()
}

// Settle makes all kind and gives them time: then each has been called with
// every message that was accepted while it was registered.
func (m *model) Settle(rt *rapid.T) {
	synctest.Wait()
	m.disk.full.Store(false)
	m.world.mu.Lock()
	clear(m.world.temper)
	hosts := slices.Sorted(maps.Keys(m.world.members))
	m.world.mu.Unlock()
	for _, host := range hosts {
		m.order(rt, "resume", host)
	}
	time.Sleep(20 * time.Minute)
	m.world.mu.Lock()
	defer m.world.mu.Unlock()
	for host, owed := range m.world.owed {
		if len(owed) > 0 {
			rt.Fatalf("%s was never called with messages %v", host, slices.Sorted(maps.Keys(owed)))
		}
	}
}

// Check compares the relay with the model.
func (m *model) Check(rt *rapid.T) {
	synctest.Wait()
	m.world.mu.Lock()
	errs, members := m.world.errs, maps.Clone(m.world.members)
	m.world.mu.Unlock()
	for _, err := range errs {
		rt.Fatalf("%s", err)
	}
	ids := m.rig().ids()
	slices.Sort(ids)
	if want := slices.Sorted(maps.Keys(members)); !slices.Equal(ids, want) {
		rt.Fatalf("satellites are %q, acknowledged were %q", ids, want)
	}
	if kept := m.disk.ids(); !slices.Equal(kept, ids) {
		rt.Fatalf("the store holds %q, the relay %q", kept, ids)
	}
	for host, s := range members {
		m.compare(rt, host, s)
	}
}

func (m *model) compare(rt *rapid.T, host string, s *modelSat) {
	answer, err := m.rig().call("192.0.2.9", "relay.get_satellite_props_raw", object{"host_id": host})
	if err != nil {
		rt.Fatalf("relay.get_satellite_props_raw of %s = %v", host, faultOf(err))
	}
	now := m.life.counted(m.rig().find(host))
	want := s.received
	want.calls, want.fails = want.calls+now.calls, want.fails+now.fails
	if !now.lastGood.IsZero() {
		want.lastGood = now.lastGood
	}
	var props object
	if err := raw(m.t, answer).Decode(&props); err != nil {
		rt.Fatalf("properties of %s: %v", host, err)
	}
	for key, want := range map[string]any{
		"host_id": host, "nick": s.nick, "send_count": s.sent, "send_time": seconds(s.sentAt),
		"recv_count": want.calls, "recv_fails": want.fails, "recv_time": seconds(want.lastGood),
	} {
		if got := props[key]; fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("%s of %s = %v, want %v", key, host, got, want)
		}
	}
	if (props["state"] == "paused") != s.paused {
		rt.Fatalf("%s is %v, want paused: %v", host, props["state"], s.paused)
	}
}

// seconds is how a time is told raw; never is 0.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}
