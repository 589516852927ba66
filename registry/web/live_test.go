package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/registry/web"
)

// A changing network is one that a test changes while it is watched.
type changingNetwork struct {
	*fakeNetwork
	mu       sync.Mutex
	rows     []web.Satellite
	relayed  []web.Message
	watchers map[chan web.Change]bool
	asked    int // for all satellites
}

func changing(n int) *changingNetwork {
	c := crowd(n)
	return &changingNetwork{fakeNetwork: c, rows: c.satellites, relayed: c.messages, watchers: map[chan web.Change]bool{}}
}

func (n *changingNetwork) Satellites() []web.Satellite {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	return append([]web.Satellite(nil), n.rows...)
}

func (n *changingNetwork) Messages(payloads bool) []web.Message {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := append([]web.Message(nil), n.relayed...)
	for i := range list {
		if !payloads {
			list[i].Payload, list[i].HasPayload = "", false
		}
	}
	return list
}

func (n *changingNetwork) Watch() (<-chan web.Change, func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := make(chan web.Change, 64)
	n.watchers[c] = true
	return c, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.watchers, c)
		close(c)
	}
}

func (n *changingNetwork) relay(m web.Message) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.relayed = append([]web.Message{m}, n.relayed[:min(len(n.relayed), 199)]...)
	for c := range n.watchers {
		select {
		case c <- web.Change{Time: m.Time, Message: &m}:
		default:
		}
	}
}

// A listener is a browser's side of a stream.
type listener struct {
	t     *testing.T
	in    *bufio.Reader
	stop  context.CancelFunc
	done  chan int
	lines []string
	id    string
}

// listen opens a stream of the page at an address.
func listen(t *testing.T, h http.Handler, at string, fields ...string) *listener {
	t.Helper()
	return listenFrom(t, h, "192.0.2.1:1234", at, fields...)
}

// listenFrom is listen for a reader who comes from there.
func listenFrom(t *testing.T, h http.Handler, from, at string, fields ...string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, "GET", "/live?at="+url.QueryEscape(at), nil)
	r.RemoteAddr = from
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	out, in := io.Pipe()
	l := &listener{t: t, in: bufio.NewReader(out), stop: cancel, done: make(chan int, 1)}
	go func() {
		w := &pipeWriter{PipeWriter: in, header: http.Header{}, status: 200}
		h.ServeHTTP(w, r)
		in.Close()
		l.done <- w.status
	}()
	return l
}

type pipeWriter struct {
	*io.PipeWriter
	header http.Header
	status int
}

func (w *pipeWriter) Header() http.Header    { return w.header }
func (w *pipeWriter) WriteHeader(status int) { w.status = status }
func (w *pipeWriter) FlushError() error      { return nil }

// A liveEvent is what an event says.
type liveEvent struct {
	kind   string
	Now    time.Time
	Assets string
	Lines  []any
	Points map[string][][3]*float64
}

// next reads an event and makes the lines of the page from it.
func (l *listener) next() liveEvent {
	l.t.Helper()
	var ev liveEvent
	for {
		line, err := l.in.ReadString('\n')
		if err != nil {
			l.t.Fatalf("the stream ends in %q, %v", line, err)
		}
		line = strings.TrimSuffix(line, "\n")
		if kind, ok := strings.CutPrefix(line, "event: "); ok {
			ev.kind = kind
		} else if id, ok := strings.CutPrefix(line, "id: "); ok {
			l.id = id
		} else if data, ok := strings.CutPrefix(line, "data: "); ok && ev.kind != "beat" {
			if err := json.Unmarshal([]byte(data), &ev); err != nil {
				l.t.Fatalf("event %s: %v", data, err)
			}
		} else if line == "" && ev.kind != "" {
			break
		}
	}
	if ev.kind == "beat" {
		return ev
	}
	var lines []string
	for _, one := range ev.Lines {
		switch one := one.(type) {
		case string:
			lines = append(lines, one)
		case []any:
			start, n := int(one[0].(float64)), int(one[1].(float64))
			lines = append(lines, l.lines[start:start+n]...)
		}
	}
	l.lines = lines
	return ev
}

// patch reads the next event that is no beat, which is to be a patch.
func (l *listener) patch() {
	l.t.Helper()
	ev := l.next()
	for ev.kind == "beat" {
		ev = l.next()
	}
	if ev.kind != "patch" {
		l.t.Fatalf("event %q, want a patch", ev.kind)
	}
}

func (l *listener) end() int {
	l.stop()
	go io.Copy(io.Discard, l.in)
	return <-l.done
}

// main is the main part of a page as it is loaded, without what scripts fill in.
func mainOf(page string) string {
	_, page, _ = strings.Cut(page, `<main id="main" tabindex="-1">`)
	page, _, _ = strings.Cut(page, "</main>")
	return strings.TrimSpace(page)
}

// A stream begins with the page, and then tells what differs. What it makes is
// the page as a reload would show it, but for ages and drawings.
func TestLivePages(t *testing.T) {
	for _, at := range []string{"/", "/satellites", "/satellites?q=sat&rows=25", "/satellites/192.0.2.2:2004", "/messages", "/events?q=sat", "/discovery", "/?span=1h"} {
		t.Run(at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				net := changing(60)
				s := relaySite(0)
				s.Network = net
				h := web.Handler(s)
				l := listen(t, h, at)
				first := l.next()
				if first.kind != "page" || first.Assets == "" || len(l.lines) < 3 {
					t.Fatalf("the first event is %q of %d lines, want the page", first.kind, len(l.lines))
				}
				same := func() {
					t.Helper()
					want := mainOf(get(h, "GET", at).Body.String())
					for i, line := range strings.Split(want, "\n") {
						if strings.Contains(line, `class="age"`) || strings.Contains(line, `class="drawing"`) {
							continue
						}
						if i >= len(l.lines) || l.lines[i] != line {
							t.Fatalf("line %d is not as a reload shows it:\n%s", i, line)
						}
					}
				}
				same()
				net.mu.Lock()
				net.rows[2].State, net.rows[2].Reason, net.rows[5].Nick = web.StateDown, evil, "renamed"
				net.mu.Unlock()
				if at == "/" || strings.HasPrefix(at, "/satellites") && !strings.Contains(at, ":") {
					if ev := l.next(); ev.kind != "patch" {
						t.Errorf("the second event is %q, want a patch", ev.kind)
					}
					same()
				}
				if status := l.end(); status != 200 {
					t.Errorf("status %d, want 200", status)
				}
				synctest.Wait()
				if len(net.watchers) > 0 {
					t.Error("the network is still watched when nobody looks")
				}
			})
		})
	}
}

// Messages show within a quarter of a second, in small patches; their payloads
// go to operators that asked for them alone.
func TestLiveMessages(t *testing.T) {
	for _, tt := range []struct {
		at       string
		operator bool
		want     bool
	}{
		{"/messages", true, false}, {"/messages?payloads=1", true, true}, {"/messages?payloads=1", false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			net := changing(3)
			s := relaySite(0)
			s.Network, s.Operator = net, func(*http.Request) bool { return tt.operator }
			l := listen(t, web.Handler(s), tt.at)
			defer l.end()
			l.next()
			began := time.Now()
			net.relay(web.Message{ID: "new-one", Time: now, Sender: "192.0.2.1:2004", Key: evil, Payload: `{"secret":1}`, HasPayload: true})
			ev := l.next()
			if took := time.Since(began); ev.kind != "patch" || took > 300*time.Millisecond {
				t.Errorf("%q after %v, want a patch within 250 ms", ev.kind, took)
			}
			page := strings.Join(l.lines, "\n")
			if !strings.Contains(page, "new-one") || strings.Contains(page, "<script>") {
				t.Error("the new message is not there as text")
			}
			if got := strings.Contains(page, "{&#34;secret"); got != tt.want {
				t.Errorf("%s by an operator (%v) shows payloads: %v", tt.at, tt.operator, got)
			}
			if text, _ := json.Marshal(ev.Lines); len(text) > 4096 {
				t.Errorf("one new message is a patch of %d octets", len(text))
			}
		})
	}
}

// All watchers of a page share its making; each page is made once a second.
func TestLiveIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := changing(10)
		s := relaySite(0)
		s.Network = net
		h := web.Handler(s)
		var listeners []*listener
		for range 50 {
			l := listen(t, h, "/satellites")
			l.next()
			listeners = append(listeners, l)
		}
		net.mu.Lock()
		net.asked = 0
		net.mu.Unlock()
		const rounds = 5
		for i := range rounds {
			net.mu.Lock()
			net.rows[4].Sent += 1000 + i
			net.mu.Unlock()
			for _, l := range listeners {
				l.next()
			}
		}
		net.mu.Lock()
		if net.asked > rounds+1 {
			t.Errorf("%d changes seen by %d watchers made the page %d times", rounds, len(listeners), net.asked)
		}
		net.mu.Unlock()
		for _, l := range listeners {
			l.end()
		}
	})
}

// Who comes back with the version it has gets nothing twice; with another one
// it gets the whole page.
func TestLiveResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := changing(3)
		s := relaySite(0)
		s.Network = net
		h := web.Handler(s)
		stays := listen(t, h, "/messages")
		stays.next()
		same := listen(t, h, "/messages", "Last-Event-ID", stays.id)
		other := listen(t, h, "/messages", "Last-Event-ID", "another-7")
		same.lines = stays.lines
		if ev := other.next(); ev.kind != "page" {
			t.Errorf("with another id the first event is %q, want the page", ev.kind)
		}
		net.relay(web.Message{ID: "new-one", Time: now})
		if ev := same.next(); ev.kind != "patch" || !strings.Contains(strings.Join(same.lines, ""), "new-one") {
			t.Errorf("with the same id the first event is %q, want a patch", ev.kind)
		}
		for _, l := range []*listener{stays, same, other} {
			l.end()
		}
	})
}

// A quiet stream says each 15 seconds that it is alive, and an idle page sends
// nothing else.
func TestLiveBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := relaySite(0)
		s.Network = changing(3)
		l := listen(t, web.Handler(s), "/satellites")
		defer l.end()
		l.next()
		began := time.Now()
		for i := range 3 {
			if ev := l.next(); ev.kind != "beat" || time.Since(began) != time.Duration(i+1)*15*time.Second {
				t.Errorf("%q after %v, want a beat each 15 s", ev.kind, time.Since(began))
			}
		}
	})
}

// A watcher that does not keep up is sent away, and delays nobody.
func TestLiveSlowWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := changing(3)
		s := relaySite(0)
		s.Network = net
		h := web.Handler(s)
		slow, fast := listen(t, h, "/messages"), listen(t, h, "/messages")
		slow.next()
		fast.next()
		for i := range 40 {
			net.relay(web.Message{ID: fmt.Sprint("m", i), Time: now})
			if ev := fast.next(); ev.kind != "patch" {
				t.Fatalf("event %q, want a patch", ev.kind)
			}
		}
		for {
			if _, err := slow.in.ReadString('\n'); err != nil {
				break
			}
		}
		if status := <-slow.done; status != 200 {
			t.Errorf("the slow one ends with %d", status)
		}
		fast.end()
	})
}

// As many different pages are kept up to date as streams flow. A stream that
// may not flow costs no page.
func TestLiveRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := changing(3)
		s := relaySite(0)
		s.Network = net
		h := web.Handler(s)
		var open []*listener
		for i := range 256 {
			l := listen(t, h, fmt.Sprintf("/satellites?q=%d", i))
			l.next()
			open = append(open, l)
		}
		net.mu.Lock()
		asked := net.asked
		net.mu.Unlock()
		h.ServeHTTP(&fullWriter{httptest.NewRecorder()}, httptest.NewRequest("GET", "/live?at=/satellites?q=x", nil))
		net.mu.Lock()
		if net.asked != asked {
			t.Error("a stream that may not flow has a page made")
		}
		net.mu.Unlock()
		for _, l := range open {
			l.end()
		}
	})
}

// A fullWriter lets no stream flow.
type fullWriter struct{ *httptest.ResponseRecorder }

func (w *fullWriter) FlushError() error { return errors.New("full") }

// Who looks at many pages that take long to make waits for them; another
// address does not.
func TestLiveSharesOfAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := changing(3)
		s := relaySite(0)
		s.Network = &slowNetwork{net, 20 * time.Millisecond}
		h := web.Handler(s)
		var many []*listener
		for i := range 128 {
			l := listenFrom(t, h, fmt.Sprintf("[2001:db8::%x]:4000", i+1), fmt.Sprintf("/satellites?q=sat&rows=25&page=%d", i+1))
			defer l.end()
			l.next()
			many = append(many, l)
		}
		other := listenFrom(t, h, "192.0.2.9:4000", "/satellites")
		shared := listenFrom(t, h, "192.0.2.10:4000", "/satellites?q=sat&rows=25&page=2")
		defer other.end()
		defer shared.end()
		other.next()
		shared.next()
		changed := func() {
			net.mu.Lock()
			net.rows[2].Sent++
			net.mu.Unlock()
		}
		began := time.Now()
		for range 10 {
			changed()
			for _, l := range []*listener{other, shared} {
				l.patch()
			}
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("10 changes took %v to reach who looks at one page", took)
		}
		began = time.Now()
		net.mu.Lock()
		net.rows[2].Nick = "sat-renamed"
		net.mu.Unlock()
		for _, l := range many {
			for !strings.Contains(strings.Join(l.lines, ""), "sat-renamed") {
				l.next()
			}
		}
		if took := time.Since(began); took > 10*time.Minute {
			t.Errorf("a change took %v to reach the last of many pages of one address", took)
		}
	})
}

// A slowNetwork takes its time.
type slowNetwork struct {
	*changingNetwork
	takes time.Duration
}

func (n *slowNetwork) Satellites() []web.Satellite {
	time.Sleep(n.takes)
	return n.changingNetwork.Satellites()
}

// Addresses that are no page, and pages of other sites, are refused.
func TestLiveRefuses(t *testing.T) {
	s := relaySite(3)
	h := web.Handler(s)
	for _, target := range []string{
		"/live", "/live?at=", "/live?at=/methods", "/live?at=/live", "/live?at=http://192.0.2.1/", "/live?at=//192.0.2.1/", "/live?at=/&x=1", "/live?at=/&at=/events",
		"/live?at=/satellites/", "/live?at=/satellites/x/y", "/live?at=/assets/x/y", "/live?at=%zz", "/live?at=/series",
		"/series", "/series?name=in", "/series?seconds=600", "/series?name=nope&seconds=600", "/series?name=in&name=in&seconds=1", "/series?name=in&seconds=-1",
		"/series?name=in&seconds=21601", "/series?name=in&seconds=x", "/series?name=in&seconds=1&seconds=2", "/series?name=in&seconds=1&more=1",
	} {
		if w := get(h, "GET", target); w.Code != 400 || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("GET %s = %d %q, want 400", target, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/live?at=/", "/series?name=in&seconds=600"} {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 400 {
			t.Errorf("GET %s from another site = %d, want 400", target, w.Code)
		}
	}
	none := site()
	none.Network = nil
	for _, target := range []string{"/live?at=/", "/series?name=in&seconds=600"} {
		if w := get(web.Handler(none), "GET", target); w.Code != 404 {
			t.Errorf("GET %s of a satellite = %d, want 404", target, w.Code)
		}
	}
}

// The points of plots, as numbers; what was not measured is null.
func TestSeries(t *testing.T) {
	h := web.Handler(relaySite(3))
	w := get(h, "GET", "/series?host=192.0.2.0:2004&name=ping&name=waiting&seconds=600")
	var answer struct {
		Now    time.Time
		Series []struct {
			Name, Unit string
			Step       float64
			Points     [][3]*float64
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("GET /series = %d, %v: %s", w.Code, err, w.Body)
	}
	ping := answer.Series[0]
	if len(answer.Series) != 2 || ping.Name != "ping" || ping.Unit != "ms" || ping.Step != 10 || len(ping.Points) != 60 || !answer.Now.Equal(now) {
		t.Fatalf("series %+v", answer)
	}
	if p := ping.Points[20]; *p[0] != float64(now.Add(-400*time.Second).Unix()) || p[1] != nil || p[2] != nil {
		t.Errorf("a failed ping is %v, want nulls at its time", p)
	}
	if p := ping.Points[0]; p[1] == nil || *p[2] < *p[1] {
		t.Errorf("a ping is %v, want a value and the greatest", p)
	}
}
