package discovery

import "errors"

// ErrNoAccount is returned for a user this host does not know.
var ErrNoAccount = errors.New("no such account")

// An Account is a user of this host.
type Account struct {
	UID, GID   uint32
	Name, Home string
	// Privileged says that the user may act on root services: uid 0, or a
	// member of the group marcopolo.
	Privileged bool
}

// Accounts looks users up. Its methods return an error that wraps
// [ErrNoAccount] for an unknown user.
type Accounts interface {
	ByName(name string) (Account, error)
	ByUID(uid uint32) (Account, error)
}
