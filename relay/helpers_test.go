package relay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"co2/methods"
	"co2/methods/wire"
	"co2/relay"
)

// A call is one delivery that a carrier was given, and when.
type call struct {
	relay.Delivery
	at time.Time
}

// A carrier is a relay.Carrier that keeps what it is given. Each delivery
// ends with what answer says, when it says it.
type carrier struct {
	answer func(relay.Delivery) relay.Outcome // nil: delivered in 1 ms

	mu       sync.Mutex
	calls    []call         // guarded by mu
	batches  int            // guarded by mu
	underWay map[string]int // guarded by mu; calls at once by host id
	worst    int            // guarded by mu; most calls at once to one satellite
}

var good = relay.Outcome{Verdict: relay.Delivered, Took: time.Millisecond}

func dead(reason string) relay.Outcome { return relay.Outcome{Verdict: relay.Dead, Reason: reason} }

func (c *carrier) Send(batch []relay.Delivery, done func(relay.Delivery, relay.Outcome)) {
	c.begin(batch)
	for _, d := range batch {
		go func() {
			o := good
			if c.answer != nil {
				o = c.answer(d)
			}
			c.end(d)
			done(d, o)
		}()
	}
}

func (c *carrier) Forget(relay.Callback) {}

func (c *carrier) begin(batch []relay.Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.underWay == nil {
		c.underWay = map[string]int{}
	}
	c.batches++
	for _, d := range batch {
		c.calls = append(c.calls, call{d, time.Now()})
		c.underWay[d.HostID]++
		c.worst = max(c.worst, c.underWay[d.HostID])
	}
}

func (c *carrier) end(d relay.Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.underWay[d.HostID]--
}

// to returns the calls of a method to one satellite, or to all for "".
func (c *carrier) to(hostID, method string) []call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []call
	for _, d := range c.calls {
		if d.Method == method && (hostID == "" || hostID == d.HostID) {
			list = append(list, d)
		}
	}
	return list
}

// notified returns the data of all notifies to one satellite.
func (c *carrier) notified(t *testing.T, hostID string) []any {
	t.Helper()
	list := []any{}
	for _, d := range c.to(hostID, "notify") {
		list = append(list, notifyStruct(t, d.Delivery)["data"])
	}
	return list
}

// notifyStruct is the param of a notify, by our own codec.
func notifyStruct(t *testing.T, d relay.Delivery) map[string]any {
	t.Helper()
	parsed, err := wire.ParseCall(d.Document(), "", wire.Limits{})
	if err != nil {
		t.Fatalf("ParseCall(%s) = %v", d.Document(), err)
	}
	var p map[string]any
	if n, err := parsed.Len(); parsed.Method != "notify" || n != 1 || err != nil {
		t.Fatalf("notify is a call of %q with %d params, %v; want notify with 1", parsed.Method, n, err)
	}
	if err := parsed.Decode(0, &p); err != nil {
		t.Fatalf("Decode of notify = %v", err)
	}
	return p
}

// A store is a relay.Store in memory. Its commit may block or fail.
type store struct {
	commit func(relay.Change) error // nil: succeeds at once

	mu      sync.Mutex
	records map[string]relay.Record // guarded by mu
	changes []relay.Change          // guarded by mu; committed ones
}

func (s *store) Load(context.Context) ([]relay.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.records), func(a, b relay.Record) int {
		return a.Registered.Compare(b.Registered)
	}), nil
}

func (s *store) Commit(_ context.Context, c relay.Change) error {
	if s.commit != nil {
		if err := s.commit(c); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.records == nil {
		s.records = map[string]relay.Record{}
	}
	for _, r := range c.Put {
		s.records[r.HostID] = r
	}
	for _, id := range c.Remove {
		delete(s.records, id)
	}
	s.changes = append(s.changes, c)
	return nil
}

func (s *store) Close() error { return nil }

func (s *store) commits() []relay.Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.changes)
}

func (s *store) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.records))
}

func (s *store) record(id string) relay.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records[id]
}

// A rig is a relay with its methods in a table, as registry has them.
type rig struct {
	t     tester
	relay *relay.Relay
	table methods.Table
	log   *logBuffer
	halt  context.CancelFunc
	ended chan error

	mu     sync.Mutex
	events []relay.Event // guarded by mu
}

// A tester is what a rig needs of *testing.T, and of *rapid.T.
type tester interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

// newRig makes a relay that does not run yet.
func newRig(t tester, cfg relay.Config, c relay.Carrier, s relay.Store) *rig {
	t.Helper()
	r := &rig{t: t, log: new(logBuffer), ended: make(chan error, 1)}
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if r.relay, err = relay.New(t.Context(), cfg, s, c, log); err != nil {
		t.Fatalf("New = %v", err)
	}
	r.relay.Events().Listen(func(e relay.Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, e)
	})
	if err := r.table.Register("relay", r.relay.Methods()...); err != nil {
		t.Fatalf("Register methods = %v", err)
	}
	return r
}

// start makes a relay and runs it until stop or the end of the test.
func start(t tester, cfg relay.Config, c relay.Carrier, s relay.Store) *rig {
	t.Helper()
	r := newRig(t, cfg, c, s)
	r.run()
	return r
}

// run runs the relay of newRig until stop or the end of the test.
func (r *rig) run() {
	ctx, halt := context.WithCancel(context.Background())
	r.halt = halt
	go func() { r.ended <- r.relay.Run(ctx) }()
	r.t.Cleanup(func() { r.stop() })
}

// stop ends Run and returns its error.
func (r *rig) stop() error {
	r.halt()
	err := <-r.ended
	r.ended <- err // for the next stop
	return err
}

func peer(ctx context.Context, ip string) context.Context {
	var c methods.Caller
	if ip != "" {
		c.Addr = netip.AddrPortFrom(netip.MustParseAddr(ip), 40000)
		c.Access = methods.AccessFrom(c.Addr.Addr())
	}
	return methods.WithPeer(ctx, c)
}

// object is a struct of XML-RPC.
type object = map[string]any

// call calls a method with params that went through the codec.
func (r *rig) call(ip, method string, params ...any) (any, error) {
	r.t.Helper()
	raws := make([]wire.Raw, len(params))
	for i, p := range params {
		raw, err := wire.NewRaw(p)
		if err != nil {
			r.t.Fatalf("NewRaw(%v) = %v", p, err)
		}
		raws[i] = raw
	}
	return r.table.Call(peer(context.Background(), ip), method, wire.RawArgs(raws...))
}

// register registers ip:port and returns the host id.
func (r *rig) register(ip string, port int, more object) string {
	r.t.Helper()
	p := object{"port": port}
	maps.Copy(p, more)
	id, err := r.call(ip, "relay.register", p)
	if err != nil {
		r.t.Fatalf("Call(relay.register) from %s = %v", ip, err)
	}
	return id.(string)
}

// send relays data as hostID from its address.
func (r *rig) send(hostID string, data any) {
	r.t.Helper()
	if err := r.trySend(hostID, data, nil); err != nil {
		r.t.Fatalf("Call(relay.relay) as %s = %v", hostID, err)
	}
}

func (r *rig) trySend(hostID string, data any, more object) error {
	r.t.Helper()
	p := object{"host_id": hostID, "data": data}
	maps.Copy(p, more)
	result, err := r.call(netip.MustParseAddrPort(hostID).Addr().String(), "relay.relay", p)
	if err == nil && result != "OK" {
		r.t.Errorf("Call(relay.relay) = %v, want OK", result)
	}
	return err
}

func (r *rig) deregister(hostID string) {
	r.t.Helper()
	result, err := r.call(netip.MustParseAddrPort(hostID).Addr().String(), "relay.deregister", object{"host_id": hostID})
	if result != "OK" || err != nil {
		r.t.Fatalf("Call(relay.deregister) = %v, %v, want OK", result, err)
	}
}

func (r *rig) find(hostID string) relay.Satellite {
	r.t.Helper()
	s, ok := r.relay.Directory().Find(hostID)
	if !ok {
		r.t.Fatalf("Find(%q) = nothing", hostID)
	}
	return s
}

func (r *rig) ids() []string {
	ids := []string{}
	for _, s := range r.relay.Directory().Satellites() {
		ids = append(ids, s.HostID)
	}
	return ids
}

// saw returns the events with a code.
func (r *rig) saw(code relay.Code) []relay.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []relay.Event
	for _, e := range r.events {
		if e.Code == code {
			list = append(list, e)
		}
	}
	return list
}

// faultOf spells an error as its caller sees it: code and text.
func faultOf(err error) string {
	if err == nil {
		return "no fault"
	}
	if f, ok := errors.AsType[methods.Faulter](err); ok {
		code, text := f.Fault()
		return fmt.Sprintf("%d %s", code, text)
	}
	return "not for callers: " + err.Error()
}

func wantFault(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := faultOf(err); got != want {
		t.Errorf("%s = %s\nwant %s", what, got, want)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func equalList(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s = %s, want %s", what, g, w)
	}
}

// upTo is the ints below n, as notified returns them.
func upTo(n int) []any {
	list := []any{}
	for i := range n {
		list = append(list, i)
	}
	return list
}

// A logBuffer is a log that several goroutines write.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *logBuffer) has(text string) bool { return strings.Contains(b.String(), text) }

// A clock is a wall clock that tests set.
type clock struct {
	mu   sync.Mutex
	time time.Time // guarded by mu
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(by)
}
