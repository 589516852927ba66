// Package binding has the local doors of MarcoPolo's daemons, and the way
// through the Polo's.
//
// At the doors of a [Door], programs of a host publish and remove services, in
// JSON: at a TLS door on 127.0.0.1, where those written for the original's
// bindings look for it, and at a Unix socket, which knows its users without a
// token. A Go program calls [Dial]. Through a [MarcoDoor], programs ask for
// nodes and services.
//
// All exported functions and methods may be called concurrently, except that a
// door is run once.
package binding
