package discovery

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"slices"
	"sync/atomic"
)

// A StoreConfig says what a [Store] offers and where. Its zero value means the
// defaults.
type StoreConfig struct {
	// Groups are the configured multicast groups; default [DefaultGroups].
	Groups []netip.Addr
	// Dir is the folder of the root service files. Without it there are none,
	// and permanent root services are refused.
	Dir string
	// UserDir is the folder of a user's service files, below the home; default
	// ".polo".
	UserDir string
	// UserID is the form of a user service's id. It is matched against the
	// whole id, and its first two sub-matches are the user and the id in that
	// user's files. The default is user:id, both of letters, digits and "_.-".
	UserID *regexp.Regexp
	// Accounts are the users of this host; nil means no user services.
	Accounts Accounts
}

// A Store is the set of services that a host offers: its own, called root
// services, and its users'. Static ones come from files, dynamic ones are
// published by programs and live as long as the Store, permanent ones are
// published and kept in a file. It is what a [Polo] answers from.
//
// It is safe for concurrent use. A change shows in the next reply, as a whole.
type Store struct {
	ids    userIDs
	root   *shelf
	users  *thriftyLog
	homes  *homes
	groups atomic.Pointer[[]netip.Addr] // configured
}

// NewStore returns a Store without services. It reads nothing: call
// [Store.Reload] for the static services. A nil log is silent.
func NewStore(cfg StoreConfig, log *slog.Logger) *Store {
	if len(cfg.Groups) == 0 {
		cfg.Groups = DefaultGroups()
	}
	if cfg.UserDir == "" {
		cfg.UserDir = ".polo"
	}
	log = orSilent(log)
	s := &Store{ids: newUserIDs(cfg.UserID, log), users: newThriftyLog(log)}
	s.groups.Store(&cfg.Groups)
	s.root = &shelf{
		log: newThriftyLog(log), groups: cfg.Groups, capacity: maxRootServices, place: place{path: cfg.Dir},
		usable: func(id string) error {
			if s.ids.match(id) {
				return errors.New("has the form of a user's service")
			}
			return nil
		},
	}
	s.root.start()
	s.homes = newHomes(cfg, s.ids, s.users)
	return s
}

// Reload reads the root service files anew and then offers, all at once, what
// is in them beside the dynamic services, which stay. Static services that were
// unpublished come back. Files that are no services are skipped, and the log
// says why. With an error nothing has changed; a folder that is not there is
// none. The files of users are looked at when somebody asks for them next.
func (s *Store) Reload() error { return s.ReloadFor(*s.groups.Load()) }

// ReloadFor is [Store.Reload] with other configured groups; none means
// [DefaultGroups]. Dynamic services go on in those they were published for, and
// one for which there is none ends.
func (s *Store) ReloadFor(groups []netip.Addr) error {
	if len(groups) == 0 {
		groups = DefaultGroups()
	}
	groups = slices.Clone(groups)
	s.root.mu.Lock()
	defer s.root.mu.Unlock()
	before := s.root.groups
	s.root.groups = groups
	if err := s.root.loadLocked(true); err != nil {
		s.root.groups = before
		return fmt.Errorf("reload services: %w", err)
	}
	s.root.regroupLocked(groups)
	s.groups.Store(&groups)
	s.homes.reload(groups)
	return nil
}

// Reply returns the answer to a request for a root service that came in group,
// or by unicast if group is the zero Addr. It reads memory only. The datagram
// is shared and must not be changed.
func (s *Store) Reply(group netip.Addr, id string) (datagram []byte, ok bool) {
	return s.root.view.Load().reply(group, id)
}

// ServicesReply returns the list of the root services in group, or, if group is
// the zero Addr, of all groups. A group that is not configured has nil. The
// datagram is shared and must not be changed.
func (s *Store) ServicesReply(group netip.Addr) []byte {
	return s.root.view.Load().services(group)
}

// IsUserID reports whether id has the form of a user service's, which is never
// looked up among the root services.
func (s *Store) IsUserID(id string) bool { return s.ids.match(id) }

// UserReply returns the answer to a request for a user's service, with group as
// in [Store.Reply]. It may read from disk, but of one user at most once a
// second, and of all a few times a second; in between it answers from memory.
func (s *Store) UserReply(group netip.Addr, id string) (datagram []byte, ok bool) {
	user, id, ok := s.ids.split(id)
	if !ok {
		return nil, false
	}
	v := s.homes.look(user)
	if v == nil {
		return nil, false
	}
	return v.reply(group, id)
}

// Info returns what is known of the service with exactly this id, as Marcos ask
// for it: user:id for a user's. A disabled service is known too. It reads from
// disk as [Store.UserReply] does.
func (s *Store) Info(id string) (Information, bool) {
	user, short, ok := s.ids.split(id)
	if !ok {
		return s.root.view.Load().info("", id)
	}
	v := s.homes.look(user)
	if v == nil {
		return Information{}, false
	}
	return v.info(user, short)
}

// List returns what is known of all services that are offered or disabled,
// sorted by identifier; of users' services, what has been published or asked
// for.
func (s *Store) List() []Information {
	list := slices.Concat(s.root.view.Load().list(""), s.homes.list())
	slices.SortFunc(list, compareIdentifiers)
	return list
}

func orSilent(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
