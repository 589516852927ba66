package discovery

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
)

var (
	// ErrServiceExists is returned when a service's id is offered already.
	ErrServiceExists = errors.New("service exists already")
	// ErrNoService is returned when no service with the id is offered.
	ErrNoService = errors.New("no such service")
)

// fragmented is the reply size in bytes above which a reply may need more than
// one network packet, which MarcoPolo does not provide for.
const fragmented = 1400

// Services is the set of services that a [Polo] offers in its group. It is
// safe for concurrent use, and a change shows in the next reply.
type Services struct {
	log *slog.Logger

	mu   sync.Mutex
	byID map[string]Service // guarded by mu
}

// NewServices returns an empty set that warns log of services whose reply is
// larger than a network packet. A nil log is silent.
func NewServices(log *slog.Logger) *Services {
	return &Services{log: orSilent(log), byID: make(map[string]Service)}
}

// Publish adds s, of which it keeps a copy. It refuses what [Service.Validate]
// refuses, what no reply could hold (see [MaxReply]), and, with
// [ErrServiceExists], an id that is offered already.
func (l *Services) Publish(s Service) error {
	s, err := s.checked()
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := l.add(s); err != nil {
		return fmt.Errorf("publish %q: %w", s.ID, err)
	}
	if reply, err := s.reply().Encode(); err == nil && len(reply) > fragmented {
		l.log.Warn("replies for this service are larger than a network packet and may get lost",
			"service", s.ID, "bytes", len(reply))
	}
	return nil
}

func (l *Services) add(s Service) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[s.ID]; ok {
		return ErrServiceExists
	}
	l.byID[s.ID] = s
	return nil
}

// Unpublish removes the service, or returns [ErrNoService].
func (l *Services) Unpublish(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return fmt.Errorf("unpublish %.60q: %w", id, ErrNoService)
	}
	delete(l.byID, id)
	return nil
}

// Lookup returns a copy of the service with exactly this id.
func (l *Services) Lookup(id string) (Service, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.byID[id]
	return s.clone(), ok
}

// List returns copies of all services, sorted by id.
func (l *Services) List() []Service {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Service, 0, len(l.byID))
	for _, s := range l.byID {
		list = append(list, s.clone())
	}
	slices.SortFunc(list, func(a, b Service) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// Reply implements [Offers].
func (l *Services) Reply(_ netip.Addr, id string) ([]byte, bool) {
	s, ok := l.Lookup(id)
	if !ok {
		return nil, false
	}
	datagram, err := s.reply().Encode()
	return datagram, err == nil
}

// IsUserID implements [Offers].
func (l *Services) IsUserID(id string) bool { return userService.MatchString(id) }

// UserReply implements [Offers]: no user has services.
func (l *Services) UserReply(netip.Addr, string) ([]byte, bool) { return nil, false }

// ServicesReply implements [Offers].
func (l *Services) ServicesReply(netip.Addr) []byte {
	datagram, err := Reply{Command: CommandOK, Services: l.List()}.Encode()
	if err != nil {
		return nil // not with services that were checked
	}
	return datagram
}

func (s Service) clone() Service { return Service{ID: s.ID, Params: maps.Clone(s.Params)} }

func orSilent(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
