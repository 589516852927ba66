// Package methods ties dotted method names to Go functions.
//
// A program lists its methods as [Method] literals: names, words, access and
// function side by side. A [Table] compiles each once by reflection, refuses
// what it could not serve, and from then on dispatches calls and answers every
// introspection question from the same list, so that what a server advertises
// is what it runs.
//
// The package knows nothing of the wire. Params reach it as [Args], results
// leave it as Go values, and errors that a caller may see are [Faulter]s.
// A Table is safe for concurrent use; literals are read once and not kept.
package methods

import "context"

// A Method is one entry of a table as a program writes it down.
type Method struct {
	// Names are the dotted names it answers to, the principal one first. At
	// least one; each matches [A-Za-z0-9_]+(\.[A-Za-z0-9_]+)* in at most 255
	// octets (xmlrpc.md M2).
	Names []string
	// Unlisted are names that are answered but never listed: misprints of
	// published documents that old callers may have copied.
	Unlisted []string
	// Doc says what the method does and returns. Required.
	Doc string
	// Access says who may call it. Required.
	Access Access
	// Params says what happens when a call carries other params than Func
	// takes. The zero value is the strict rule.
	Params ParamRule
	// Func is the function: func(context.Context) (R, error) or
	// func(context.Context, P) (R, error). P is a struct whose fields carry
	// `xmlrpc` and `doc` tags, or any other type with an XML-RPC spelling.
	Func any
}

// A ParamRule widens what params a method tolerates. Every co2 method takes
// one argument, a struct (co2.md 2.2); the exceptions are here.
type ParamRule uint8

const (
	// OneStruct is the zero rule. A Func with P needs exactly one param; a
	// Func without takes none, or one struct whose members are ignored.
	OneStruct ParamRule = iota
	// MayOmit lets the one param be left out; Func then gets P's zero value.
	MayOmit
	// Positional takes several params: the fields of P, a struct, in order. Those
	// at its end that are optional may be left out. co2 has no such method; the
	// validator suite of XML-RPC does.
	Positional
	// IgnoreOne ignores one param of any type: ping.
	IgnoreOne
	// IgnoreAll ignores whatever comes: the lists of method names (xmlrpc.md M5).
	IgnoreAll
)

// Under returns name below each namespace: Under("ping", "", "web") is
// ["ping" "web.ping"]. The empty namespace is co2's "top", no prefix.
func Under(name string, namespaces ...string) []string {
	names := make([]string, len(namespaces))
	for i, ns := range namespaces {
		names[i] = name
		if ns != "" {
			names[i] = ns + "." + name
		}
	}
	return names
}

// Args are the params of one call, as the table sees them. They are read by
// one goroutine and only while the call runs.
type Args interface {
	// Decode stores param i (from 0) in the value into points to. It reports a
	// *ParamError when the param is missing or does not fit, and any other
	// error when the params cannot be read at all; that one wins over the
	// caller's own idea of what is wrong.
	Decode(i int, into any) error
	// Len is the number of params. It reads all of them, so it reports an
	// error when they cannot be read.
	Len() (int, error)
}

// Access is who may call a method.
type Access uint8

const (
	// Public methods answer everybody who reaches the door.
	Public Access = iota + 1
	// Satellite methods act for a satellite; which one its params say, and
	// whether the caller may is decided where satellites are known.
	Satellite
	// Operator methods look behind the curtain or act on satellites of others.
	Operator
	// Admin methods change the server itself.
	Admin
)

// String is the word for a used in help and pages.
func (a Access) String() string {
	switch a {
	case Public:
		return "public"
	case Satellite:
		return "satellite"
	case Operator:
		return "operator"
	case Admin:
		return "admin"
	}
	return "nobody"
}

// allows reports whether a caller whose highest access is held may call a
// method that wants a. Each level includes those before it.
func (a Access) allows(held Access) bool { return held >= a && a >= Public }

type peerKey struct{}

// WithPeer returns ctx with the caller a server has made out. It travels
// beside the params and never inside: params can be forged.
func WithPeer(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, peerKey{}, c)
}

// Peer returns the caller of the running method. Without one it is the zero
// Caller, who may call nothing but is also nobody's address.
func Peer(ctx context.Context) Caller {
	c, _ := ctx.Value(peerKey{}).(Caller)
	return c
}
