package discovery

import (
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrNoAccount is returned for a user this host does not know.
var ErrNoAccount = errors.New("no such account")

// privilegedGroup is the group whose members may act on root services; the
// original fixes its name.
const privilegedGroup = "marcopolo"

// An Account is a user of this host.
type Account struct {
	UID, GID   uint32
	Name, Home string
	// Privileged says that the user may act on root services: uid 0, or a
	// member of the group marcopolo.
	Privileged bool
}

// Accounts looks users up. Its methods return an error that wraps
// [ErrNoAccount] for an unknown user, and may be called concurrently.
type Accounts interface {
	ByName(name string) (Account, error)
	ByUID(uid uint32) (Account, error)
}

// How long an answer about an account counts, and how many are kept.
const (
	accountFresh = time.Minute
	maxAccounts  = 1024
)

// systemAccounts asks the system, which may ask a server, and remembers the
// answers, also that there is no such user.
type systemAccounts struct {
	byName, byUID answers
}

// SystemAccounts returns the accounts of this host. It remembers what it is
// told for a minute.
func SystemAccounts() Accounts { return &systemAccounts{} }

// ByName implements [Accounts].
func (s *systemAccounts) ByName(name string) (Account, error) {
	if name == "" || len(name) > 255 || strings.ContainsAny(name, ":/\n\x00") {
		return Account{}, fmt.Errorf("user %.60q: %w", name, ErrNoAccount)
	}
	return s.byName.get(name, func() (Account, error) {
		u, err := user.Lookup(name)
		if err == nil && u.Username != name {
			err = ErrNoAccount // found by another spelling
		}
		return account(u, err)
	})
}

// ByUID implements [Accounts].
func (s *systemAccounts) ByUID(uid uint32) (Account, error) {
	id := strconv.FormatUint(uint64(uid), 10)
	return s.byUID.get(id, func() (Account, error) { return account(user.LookupId(id)) })
}

func account(u *user.User, err error) (Account, error) {
	var noName user.UnknownUserError
	var noID user.UnknownUserIdError
	switch {
	case errors.As(err, &noName) || errors.As(err, &noID):
		return Account{}, fmt.Errorf("%w: %w", ErrNoAccount, err)
	case err != nil:
		return Account{}, fmt.Errorf("look up account: %w", err)
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return Account{}, fmt.Errorf("user %.60q: %w: %w", u.Username, ErrNoAccount, err) // no unix system
	}
	return Account{
		UID: uint32(uid), GID: uint32(gid), Name: u.Username, Home: u.HomeDir,
		Privileged: uid == 0 || isMember(u, privilegedGroup),
	}, nil
}

func isMember(u *user.User, group string) bool {
	g, err := user.LookupGroup(group)
	if err != nil {
		return false
	}
	ids, err := u.GroupIds()
	return err == nil && slices.Contains(ids, g.Gid)
}

// answers are remembered lookups by what was asked for. Others may look up
// something else at the same time.
type answers struct {
	mu    sync.Mutex
	known map[string]answer // guarded by mu
}

type answer struct {
	account Account
	err     error
	until   time.Time
}

func (a *answers) get(key string, ask func() (Account, error)) (Account, error) {
	a.mu.Lock()
	known, ok := a.known[key]
	a.mu.Unlock()
	if now := time.Now(); ok && now.Before(known.until) {
		return known.account, known.err
	}
	account, err := ask()
	if err == nil || errors.Is(err, ErrNoAccount) {
		a.put(key, answer{account, err, time.Now().Add(accountFresh)})
	}
	return account, err
}

// put makes room, if need be, by forgetting what is old, or anything.
func (a *answers) put(key string, known answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = make(map[string]answer)
	}
	if len(a.known) >= maxAccounts {
		now := time.Now()
		maps.DeleteFunc(a.known, func(_ string, old answer) bool { return !now.Before(old.until) })
	}
	for old := range a.known {
		if len(a.known) < maxAccounts {
			break
		}
		delete(a.known, old)
	}
	a.known[key] = known
}
