package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"co2/methods"
)

// A Site is what the pages show. The functions are called at each request and
// must be safe for concurrent use.
type Site struct {
	Kind       string // what the server is, for headings: "relay", "satellite"
	Version    string // of co2
	Properties func() []Property
	Methods    func() []Method
	Network    Network // nil: a server without a network, a satellite's: only / and /methods
	// Operator reports whether the reader may see payloads and what is
	// switched off. Nil: nobody may.
	Operator func(*http.Request) bool
	// Address is the URL that calls go to, as the reader of r reaches it. It
	// ends in /RPC2.
	Address func(r *http.Request) string
	// Call calls a method of this server: it takes the document of a call and
	// returns that of its answer, as for XML-RPC. Who calls is in ctx, see
	// methods.Peer. Nil: the pages make no calls.
	Call func(ctx context.Context, call []byte) []byte
	// CallSatellite does the same at a satellite, in a bounded time and with an
	// answer of bounded size, for operators alone; the answer comes with the
	// charset of its media type. Nil: the pages make no such calls.
	CallSatellite func(ctx context.Context, hostID string, call []byte) (answer []byte, charset string, err error)
	Now           func() time.Time // wall clock [time.Now]
}

func (s Site) operator(r *http.Request) bool { return s.Operator != nil && s.Operator(r) }

func (s Site) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// A Property is one system property.
type Property struct{ Name, Value, Doc string }

// A Method is one method with all its names.
type Method struct {
	Name, Signature, Help, Access string
	Aliases                       []string
	// Params are the arguments, none, one or several; Result is the result.
	// Both are shared: read only.
	Params []methods.Shape
	Untold bool // which Params it takes is not known
	Result methods.Shape
}

// Brief is what the help begins with: what the method does. The rest is on its
// page.
func (m Method) Brief() string {
	brief, _, _ := strings.Cut(m.Help, "\n\n")
	return brief
}
