package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"co2/methods/wire"
)

// multicallEntry is one call of a system.multicall.
type multicallEntry struct {
	MethodName string     `xmlrpc:"methodName"`
	Params     []wire.Raw `xmlrpc:"params" optional:"true"`
}

// faultStruct is how a fault looks inside the answer of a multicall (F6).
type faultStruct struct {
	Code   int    `xmlrpc:"faultCode"`
	String string `xmlrpc:"faultString"`
}

type insideMulticall struct{}

var errNested = &wire.Fault{Code: wire.InvalidRequest, String: "system.multicall cannot be called inside system.multicall"}

// multicall makes calls one after another. They share the deadline of the
// request and the room of its answer (xmlrpc.md 7.4).
func (s *Server) multicall(ctx context.Context, entries []wire.Raw) ([]any, error) {
	if ctx.Value(insideMulticall{}) != nil {
		return nil, errNested
	}
	if len(entries) > s.cfg.MaxMulticall {
		return nil, &wire.Fault{Code: wire.LimitExceeded, String: fmt.Sprintf("%d calls in one multicall, this server takes at most %d", len(entries), s.cfg.MaxMulticall)}
	}
	ctx = context.WithValue(ctx, insideMulticall{}, true)
	results := make([]any, len(entries))
	room := s.cfg.MaxAnswer - (len(entries)+1)*faultRoom
	for i, raw := range entries {
		results[i] = s.callEntry(ctx, raw, &room)
	}
	return results, nil
}

// faultRoom is kept free for the answer as a whole and for each entry, so
// that faults find room when the results have used up theirs.
const faultRoom = 512

var errNoRoom = &wire.Fault{Code: wire.LimitExceeded, String: "the answer would be too long"}

// callEntry makes one call and returns what the answer tells of it: an array
// of one result, or the struct of a fault.
func (s *Server) callEntry(ctx context.Context, raw wire.Raw, room *int) any {
	since := time.Now()
	var entry multicallEntry
	err := ctx.Err()
	if err == nil {
		err = raw.Decode(&entry)
	}
	var result wire.Raw
	if err == nil {
		result, err = s.entryResult(ctx, entry, room)
	}
	if err != nil {
		fault := s.faultFor(ctx, entry.MethodName, err)
		s.ended(ctx, entry.MethodName, true, fault.Code, since)
		return faultStruct{fault.Code, fault.String}
	}
	s.ended(ctx, entry.MethodName, false, 0, since)
	return []any{result}
}

// entryResult takes a result out of the room that is left. Once there is
// none, calls are not made.
func (s *Server) entryResult(ctx context.Context, entry multicallEntry, room *int) (wire.Raw, error) {
	if *room <= 0 {
		return wire.Raw{}, errNoRoom
	}
	if entry.MethodName == "system.multicall" { // whatever its params (M14)
		return wire.Raw{}, errNested
	}
	value, err := s.dispatch(ctx, entry.MethodName, wire.RawArgs(entry.Params...))
	if err != nil {
		return wire.Raw{}, err
	}
	result, err := wire.NewRawWithin(*room, value)
	if errors.Is(err, wire.ErrTooLong) {
		*room = 0
		return result, errNoRoom
	}
	*room -= len(result.String())
	return result, err
}
