package relay

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"co2/methods"
)

// A KeyError is what relay.deregister says of a host id it does not know.
type KeyError struct{ HostID string }

func (e *KeyError) Error() string { return clip(e.HostID) + " is not registered" }

// Fault implements methods.Faulter.
func (e *KeyError) Fault() (int, string) { return 1, "exceptions.KeyError:" + e.Error() }

// A StoreError says that a change could not be made durable, so was not made.
// Callers learn that much; the cause, which names files, is for the log.
type StoreError struct{ Err error }

func (e *StoreError) Error() string { return fmt.Sprintf("store the change: %v", e.Err) }

// Unwrap returns the cause.
func (e *StoreError) Unwrap() error { return e.Err }

// Fault implements methods.Faulter with the code for a failed resource of the
// relay (xmlrpc.md section 6). It tells the cause if that names no file.
func (e *StoreError) Fault() (int, string) {
	why := ""
	if no, ok := errors.AsType[syscall.Errno](e.Err); ok {
		why = " (" + no.Error() + ")"
	}
	return -32400, "the relay cannot write its dump" + why + ", so nothing was changed; messages are relayed as before; try again in 5 s or later, and if it lasts tell the relay's maintainer"
}

// errClosing answers calls that come while the relay shuts down.
var errClosing = &busyError{"the relay is shutting down; try again when it is back"}

type busyError struct{ text string }

func (e *busyError) Error() string        { return e.text }
func (e *busyError) Fault() (int, string) { return -32002, e.text }

// ErrStateLocked means that another relay uses the state folder.
var ErrStateLocked = errors.New("the state folder is in use by another relay")

func notRegistered(hostID string) error {
	return &methods.RegistryError{Text: clip(hostID) + " is not registered"}
}

// clip shortens and quotes text of a caller for use in an error text. Host
// ids as the relay makes them come through as they are.
func clip(s string) string {
	const most = 64
	short := s
	if r := []rune(s); len(r) > most {
		short = string(r[:most]) + "…"
	}
	if quoted := strconv.Quote(short); short == "" || strings.Contains(short, " ") || quoted != `"`+short+`"` {
		return quoted
	}
	return short
}
