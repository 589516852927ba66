package discovery

import (
	"errors"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Bounds on the work and memory that requests for users' services cause. Names
// that had no services share lookRate; those that had, which nobody can invent,
// have one of their own, so that the former cannot crowd out the latter.
const (
	maxHomes  = 1024
	homeFresh = time.Second // for how long a home is not looked at again
	lookRate  = 8           // homes a second
	lookBurst = 16
	// lookPatience is how long a request waits for accounts and homes. Those
	// that hang, at most one look each, keep nobody else waiting.
	lookPatience = 500 * time.Millisecond
)

// homes are the users' services, as far as they are known.
type homes struct {
	cfg StoreConfig
	ids userIDs
	log *thriftyLog

	strangers, known *rate.Limiter

	mu     sync.Mutex
	byName map[string]*home // guarded by mu
	epoch  epoch            // guarded by mu; of the latest reload
}

// An epoch is the time between two reloads.
type epoch struct {
	number int
	groups []netip.Addr // configured
}

// A home is the shelf of one user, or of a name that is no user's. What is
// guarded by the shelf's mu stays so.
type home struct {
	shelf

	looked time.Time // guarded by shelf.mu; when its files were last looked at
	epoch  int       // guarded by shelf.mu; number of that of homes, at that time
	gone   bool      // guarded by shelf.mu; forgotten: must not be changed

	used time.Time // guarded by homes.mu
}

func newHomes(cfg StoreConfig, ids userIDs, log *thriftyLog) *homes {
	if !filepath.IsLocal(cfg.UserDir) {
		log.warn("the folder of users' services must be below their homes; they have none", "code", "POLO-HOMES", "folder", cfg.UserDir)
		cfg.Accounts = nil
	}
	return &homes{
		cfg: cfg, ids: ids, log: log, byName: make(map[string]*home), epoch: epoch{groups: cfg.Groups},
		strangers: rate.NewLimiter(lookRate, lookBurst), known: rate.NewLimiter(lookRate, lookBurst),
	}
}

func (s *homes) reload(groups []netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch = epoch{s.epoch.number + 1, groups}
}

// look returns what a user offers, nil for nothing.
func (s *homes) look(user string) *view {
	if s.cfg.Accounts == nil {
		return nil
	}
	h, now := s.get(user, func() bool { return s.strangers.Allow() })
	if h == nil {
		return nil
	}
	if !h.mu.TryLock() {
		return h.view.Load() // somebody is at it
	}
	if !s.due(h, now) {
		h.mu.Unlock()
		return h.view.Load()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer h.mu.Unlock()
		s.refresh(h, now)
	}()
	patience := time.NewTimer(lookPatience)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C: // of a server that hangs; it goes on without us
	}
	return h.view.Load()
}

// due reports whether a home may be looked at now. It is called with h.mu held.
func (s *homes) due(h *home, now epoch) bool {
	switch {
	case h.looked.IsZero():
		return true // it was paid for when it was made
	case h.epoch == now.number && time.Since(h.looked) < homeFresh:
		return false
	case len(h.view.Load().items) == 0:
		return s.strangers.Allow()
	}
	return s.known.Allow()
}

// get returns the home of a name and the present epoch. If it is not known yet
// and may is true, or nil, it makes one, in place of another if need be.
func (s *homes) get(user string, may func() bool) (*home, epoch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.byName[user]
	if h == nil {
		if may != nil && !may() || len(s.byName) >= maxHomes && !s.forgetLocked() {
			return nil, epoch{}
		}
		h = &home{}
		h.shelf = shelf{
			log: s.log, owner: user, groups: s.epoch.groups, capacity: maxUserServices,
			usable: func(id string) error {
				if s.ids.byDefault && !s.ids.finds(user, id) {
					return errors.New("could never be found, for user and id do not have the form of a user's service")
				}
				return nil
			},
		}
		h.start()
		s.byName[user] = h
	}
	h.used = time.Now()
	return h, s.epoch
}

// forgetLocked drops the home that was not used for longest of those that can
// be had again by reading, at best one without services.
func (s *homes) forgetLocked() bool {
	for _, bare := range []bool{true, false} {
		var oldest *home
		for _, h := range s.byName {
			if (oldest == nil || h.used.Before(oldest.used)) && h.forgettable(bare) {
				oldest = h
			}
		}
		if oldest != nil && oldest.mu.TryLock() {
			oldest.gone = true
			delete(s.byName, oldest.owner)
			oldest.mu.Unlock()
			return true
		}
	}
	return false
}

// forgettable reports whether a home has only what its files say, or, if bare,
// nothing.
func (h *home) forgettable(bare bool) bool {
	if !h.mu.TryLock() {
		return false
	}
	defer h.mu.Unlock()
	return len(h.dynamic) == 0 && len(h.hidden) == 0 && (!bare || len(h.static.items) == 0)
}

// refresh looks the user up and at the files. It is called with h.mu held.
func (s *homes) refresh(h *home, now epoch) {
	account, err := s.cfg.Accounts.ByName(h.owner)
	switch {
	case err == nil && account.Name == h.owner:
		s.settle(h, account, now)
		h.refreshLocked()
	case err == nil || errors.Is(err, ErrNoAccount):
		h.place, h.dynamic, h.static = place{}, nil, loading{}
		clear(h.hidden)
		h.showLocked()
	default: // the accounts are out of reach; what is known stays
		s.log.warn("cannot look up user", "code", "POLO-USER", "user", h.owner, "err", err)
	}
	h.looked, h.epoch = time.Now(), now.number
}

// settle says where the files of a user are, and that they are to be read
// anew if there was a reload. It is called with h.mu held.
func (s *homes) settle(h *home, account Account, now epoch) {
	another := h.place.user != nil && h.place.user.UID != account.UID
	if another {
		h.dynamic = nil // of somebody else by the same name
	}
	h.anew = h.anew || another || h.epoch != now.number
	if !slices.Equal(h.groups, now.groups) {
		h.regroupLocked(now.groups)
	}
	h.place = place{user: &account, sub: filepath.ToSlash(filepath.Clean(s.cfg.UserDir))}
	if filepath.IsAbs(account.Home) {
		h.place.path = account.Home
	}
	h.looked, h.epoch = time.Now(), now.number
}

// changeOf calls fn with the home of an account, and its mu held. fn looks at
// the files.
func (s *homes) changeOf(who Account, fn func(*home) error) error {
	if s.cfg.Accounts == nil {
		return refuse("wrong user")
	}
	for {
		h, now := s.get(who.Name, nil)
		if h == nil {
			return errTooManyServices
		}
		if again, err := h.change(func() error {
			s.settle(h, who, now)
			return fn(h)
		}); !again {
			return err
		}
	}
}

// change calls fn with the mu of the home held, unless it was forgotten in the
// meantime.
func (h *home) change(fn func() error) (again bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone {
		return true, nil
	}
	return false, fn()
}

// change is changeOf for the name of a user.
func (s *homes) change(user string, fn func(*home) error) error {
	if s.cfg.Accounts == nil {
		return errNotFound
	}
	who, err := s.cfg.Accounts.ByName(user)
	if err != nil || who.Name != user {
		return errNotFound
	}
	return s.changeOf(who, fn)
}

// list returns what is known of the services of users.
func (s *homes) list() []Information {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Information
	for user, h := range s.byName {
		list = append(list, h.view.Load().list(user)...)
	}
	return list
}
