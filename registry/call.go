package registry

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"co2/methods"
	"co2/methods/wire"
	"co2/registry/door"
)

// xmlType is the media type of every answer that is XML-RPC (H9).
var xmlType = door.Field{Name: "Content-Type", Value: "text/xml; charset=utf-8"}

// calls keeps the room of calls that have been read.
var calls = sync.Pool{New: func() any { return new(wire.Call) }}

// serveCall answers one call: a document in, a document out. What can be
// answered in XML-RPC is. It is a [door.Action].
func (s *Server) serveCall(ctx context.Context, r *door.Request, body []byte, a *door.Answer) {
	charset, _ := checkType(r) // the router has let it in
	a.Fields = append(a.Fields, xmlType)
	s.answer(methods.WithPeer(ctx, s.caller(r)), body, charset, a)
}

// callFromPage makes a call for the reader of a page, who is the peer of ctx:
// with the same access, limits and time as through the door.
func (s *Server) callFromPage(ctx context.Context, doc []byte) []byte {
	var a door.Answer
	s.answer(ctx, doc, "utf-8", &a)
	return a.Body
}

// answer makes the call in body.
func (s *Server) answer(ctx context.Context, body []byte, charset string, a *door.Answer) {
	since := time.Now()
	limited := newCallContext(ctx, s.cfg.CallTimeout)
	defer limited.end()
	ctx = limited
	call := calls.Get().(*wire.Call)
	defer calls.Put(call)
	defer call.Reset()
	err := call.Parse(body, charset, s.cfg.Limits)
	if err == nil {
		a.Call = call.Method
		a.Body, err = s.appendResult(ctx, a.Body, call)
	}
	if err != nil {
		fault := s.faultFor(ctx, a.Call, err)
		a.Body, a.Failed, a.Fault = wire.AppendFault(a.Body[:0], fault), true, fault.Code
	}
	s.ended(ctx, a.Call, a.Failed, a.Fault, since)
}

// appendResult makes a call and appends the document of its result to dst.
func (s *Server) appendResult(ctx context.Context, dst []byte, call *wire.Call) ([]byte, error) {
	result, err := s.dispatch(ctx, call.Method, call)
	if err != nil {
		return dst, err
	}
	dst, err = wire.AppendResponseWithin(dst, s.cfg.MaxAnswer, result)
	if errors.Is(err, wire.ErrTooLong) {
		err = errNoRoom
	}
	return dst, err
}

// dispatch makes a call, whether it came through the door or inside another.
func (s *Server) dispatch(ctx context.Context, name string, args methods.Args) (any, error) {
	s.cfg.Called(methods.Peer(ctx), name)
	return s.table.Call(ctx, name, args)
}

// caller makes out who calls, from the connection alone. What a proxy passes on
// is no operator's: it may be from anybody, and the proxy runs on this host.
func (s *Server) caller(r *door.Request) methods.Caller {
	if !r.Remote.IsValid() {
		return methods.Caller{Access: methods.Public}
	}
	access := s.cfg.Access(r.Remote.Addr())
	if access > methods.Satellite && isForwarded(r) {
		access = methods.Satellite
	}
	return methods.Caller{Addr: r.Remote, Access: access}
}

// isForwarded reports whether r says that a proxy passes it on. What the fields
// tell beside that is not believed.
func isForwarded(r *door.Request) bool {
	const others = "X-Forwarded-"
	return slices.ContainsFunc(r.Fields, func(f door.Field) bool {
		switch n := len(f.Name); {
		case n > len(others):
			return strings.EqualFold(f.Name[:len(others)], others)
		case n == len("Forwarded") || n == len("X-Real-IP"):
			return strings.EqualFold(f.Name, "Forwarded") || strings.EqualFold(f.Name, "X-Real-IP")
		case n == len("Via"):
			return strings.EqualFold(f.Name, "Via")
		}
		return false
	})
}
