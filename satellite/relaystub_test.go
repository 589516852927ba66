package satellite_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"co2/methods/wire"
)

// A relayStub is a relay at the other end of a satellite's HTTP client, without
// a network, so that it works in a bubble where time costs nothing.
type relayStub struct {
	mu     sync.Mutex
	away   bool                       // guarded by mu: nobody answers
	known  map[string]float64         // guarded by mu: ctimes by host id
	faults map[string][]string        // guarded by mu: fault texts to come, by method
	slow   time.Duration              // guarded by mu: before each answer
	late   map[string][]time.Duration // guarded by mu: delays to come, by method
	calls  []stubCall                 // guarded by mu
	ctime  float64                    // guarded by mu: the latest
	answer func(method string) any
}

// A stubCall is one call that came.
type stubCall struct {
	method string
	at     time.Time
	params map[string]any
}

func newRelayStub() *relayStub {
	return &relayStub{known: map[string]float64{}, faults: map[string][]string{}, late: map[string][]time.Duration{}}
}

var errAway = errors.New("connection refused")

// RoundTrip implements [http.RoundTripper].
func (r *relayStub) RoundTrip(req *http.Request) (*http.Response, error) {
	doc, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	call, err := wire.ParseCall(doc, "", wire.Limits{})
	if err != nil {
		return nil, err
	}
	params := map[string]any{}
	if err := call.Decode(0, &params); err != nil {
		return nil, err
	}
	result, slow, err := r.take(call.Method, params)
	select { // the relay does its work whether or not the caller waits
	case <-time.After(slow):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	if errors.Is(err, errAway) {
		return nil, err
	}
	return response(req, result, err)
}

func response(req *http.Request, result any, err error) (*http.Response, error) {
	var answer []byte
	if f, fault := errors.AsType[*wire.Fault](err); fault {
		answer = wire.AppendFault(nil, *f)
	} else if answer, err = wire.AppendResponse(nil, result); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"text/xml"}},
		ContentLength: int64(len(answer)), Body: io.NopCloser(bytes.NewReader(answer)), Request: req,
	}, nil
}

func (r *relayStub) take(method string, params map[string]any) (result any, slow time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, stubCall{method, time.Now(), params})
	slow = r.slow
	if delays := r.late[method]; len(delays) > 0 {
		r.late[method] = delays[1:]
		slow += delays[0]
	}
	if r.away {
		return nil, slow, errAway
	}
	if texts := r.faults[method]; len(texts) > 0 {
		r.faults[method] = texts[1:]
		return nil, slow, &wire.Fault{Code: 1, String: texts[0]}
	}
	if r.answer != nil {
		if result := r.answer(method); result != nil {
			return result, slow, nil
		}
	}
	result, err = r.serveLocked(method, params)
	return result, slow, err
}

func (r *relayStub) serveLocked(method string, params map[string]any) (any, error) {
	if method == "relay.register" {
		id := fmt.Sprintf("10.0.0.5:%v", params["port"])
		r.ctime++
		r.known[id] = r.ctime
		return id, nil
	}
	id, _ := params["host_id"].(string)
	ctime, known := r.known[id]
	switch {
	case !known:
		return nil, &wire.Fault{Code: 1, String: "registry.Co2RegistryError:" + id + " is not registered"}
	case method == "relay.get_satellite_ctime":
		return ctime, nil
	case method == "relay.deregister":
		delete(r.known, id)
	}
	return "OK", nil
}

// set changes the stub under its lock.
func (r *relayStub) set(change func(*relayStub)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

// forget makes the relay lose its memory.
func (r *relayStub) forget() { r.set(func(r *relayStub) { clear(r.known) }) }

// came returns the calls of a method.
func (r *relayStub) came(method string) []stubCall {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.calls), func(c stubCall) bool { return c.method != method })
}

// wantCalls wants n calls of a method to have come.
func (r *relayStub) wantCalls(t *testing.T, method string, n int) {
	t.Helper()
	if got := len(r.came(method)); got != n {
		t.Errorf("%s was called %d times, want %d", method, got, n)
	}
}
