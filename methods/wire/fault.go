package wire

import (
	"fmt"

	"co2/methods"
)

// Fault codes (xmlrpc.md section 6). Those below -32000 are the ones of the
// fault code interoperability convention (20010516) and this project's
// additions inside its reserved range.
const (
	ParseError          = -32700 // not well-formed (X6, X7, X9)
	UnsupportedEncoding = -32701 // X3
	InvalidCharacter    = -32702 // octets that the encoding does not know (X4)
	InvalidRequest      = -32600 // well-formed, but not XML-RPC
	MethodNotFound      = -32601
	InvalidParams       = -32602
	InternalError       = -32603
	ApplicationError    = -32500
	SystemError         = -32400
	TransportError      = -32300
	LimitExceeded       = -32001
	Busy                = -32002
	DeadlineExceeded    = -32003
	NotPermitted        = -32004
	Application         = 1 // co2's own errors
)

// A Fault is the answer to a call that failed. A *Fault is an error and a
// [methods.Faulter], so that a fault of one server can travel on to the caller
// of another.
type Fault struct {
	Code   int    `xmlrpc:"faultCode" doc:"number of the fault"`
	String string `xmlrpc:"faultString" doc:"one line for people, at most 512 octets"`
}

func (f *Fault) Error() string { return fmt.Sprintf("fault %d: %s", f.Code, f.String) }

// Fault implements [methods.Faulter].
func (f *Fault) Fault() (code int, text string) { return f.Code, f.String }

// A SyntaxError says why a document is not a call or an answer and where. It
// is a [methods.Faulter]; the code is one of [ParseError],
// [UnsupportedEncoding], [InvalidCharacter], [InvalidRequest] and
// [LimitExceeded].
type SyntaxError struct {
	Code   int
	Line   int // from 1, ended by LF, CR or CR LF; 0 if the fault has no place
	Column int // from 1, in characters and not octets, a byte order mark left out
	Text   string

	foreign bool // the document is something else altogether, such as an HTML page
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Text)
}

// Fault implements [methods.Faulter].
func (e *SyntaxError) Fault() (code int, text string) { return e.Code, e.Error() }

var (
	_ methods.Faulter = (*Fault)(nil)
	_ methods.Faulter = (*SyntaxError)(nil)
)
