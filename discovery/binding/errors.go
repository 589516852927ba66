package binding

import "fmt"

// A MisuseError says that a call cannot be as it was made: a service or group
// that can be none, or whatever the Polo refuses, such as an id that is taken
// or what the user may not do. The same call will fail again. It is the
// PoloException of the original's Python binding, which raises it for its
// local checks and for every reply {"Error": text}.
type MisuseError struct {
	Doing string // what was asked for, such as "publish printer"
	// Reason is the Polo's text, word for word, and one of the original's
	// where that has one. Of local checks it is what the Polo would say.
	Reason string
}

func (e *MisuseError) Error() string { return e.Doing + ": " + e.Reason }

// A TokenError says that a Polo does not take the token of this user: the file
// holds one of another Polo, or the Polo has a new key. A Polo never replaces
// such a file by itself. Without the file a new one is made, and the file is
// read again at each call. It wraps the [*MisuseError] of the refusal.
type TokenError struct {
	File    string // with the token
	Refused *MisuseError
}

func (e *TokenError) Error() string {
	return fmt.Sprintf("%v (the token in %s is not one of this Polo)", e.Refused, e.File)
}

// Unwrap returns the refusal.
func (e *TokenError) Unwrap() error { return e.Refused }

// An InternalError says that the Polo could not be talked to: it does not run,
// the connection was lost, nothing came in time, or what came is no reply. The
// same call may succeed later; of a call that publishes or unpublishes it is
// not known whether it has. It is the PoloInternalException of the original's
// Python binding.
type InternalError struct {
	Doing string // as of MisuseError, or "connect"
	Err   error
}

func (e *InternalError) Error() string { return fmt.Sprintf("%s: %v", e.Doing, e.Err) }

// Unwrap returns the cause.
func (e *InternalError) Unwrap() error { return e.Err }
