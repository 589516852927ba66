// Package wire reads and writes XML-RPC: calls, answers, faults and the values
// in them. It is tolerant of what real peers send, strict about what is
// malformed, and writes one canonical form (xmlrpc.md sections 3 to 6).
//
// A server gets a [Call] from [ParseCall], decodes its params into Go values
// and answers with [AppendResponse] or [AppendFault]. A [Client] does the
// opposite. A value that is only passed on travels as a [Raw].
//
// Nothing that is decoded refers to the octets it came from. A server may keep
// its buffers, and Calls too: [Call.Parse] reads into the room of the last one.
//
// Functions and values may be used by many goroutines at once, a Call by one.
package wire
