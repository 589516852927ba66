package discovery

import (
	"io/fs"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
)

// How many dynamic services there may be, of the host and of each user.
const (
	maxRootServices = 1024
	maxUserServices = 128
)

// A shelf holds the services of one owner, the host or a user.
type shelf struct {
	log      *thriftyLog
	owner    string                // name of the user; "" for the host
	usable   func(id string) error // why an id in a file can not be asked for
	capacity int                   // of dynamic services

	mu      sync.Mutex   // held while files are read and written, which readers do not wait for
	place   place        // guarded by mu, as what follows
	groups  []netip.Addr // configured
	dynamic []*item
	static  loading
	hidden  map[string]hiding // by id; static services that were unpublished
	told    map[problem]bool  // of the files as they are
	anew    bool              // forget at the next look what is known of a user's files

	view atomic.Pointer[view] // what readers see; replaced under mu
}

// A hiding says where a static service is not offered although its file says
// so, until a reload or a change of the file.
type hiding struct {
	groups []netip.Addr
	info   fs.FileInfo // of the file
}

// start makes an empty shelf ready.
func (s *shelf) start() {
	s.hidden = make(map[string]hiding)
	s.showLocked()
}

// loadLocked reads the files. With anew it forgets all that is known of them,
// else it reads those that have changed. With an error nothing has changed.
func (s *shelf) loadLocked(anew bool) error {
	l := loader{place: s.place, groups: s.groups, usable: s.usable}
	if !anew {
		l.before = s.static.files
	}
	static, err := l.load()
	if err != nil {
		return err
	}
	if anew {
		clear(s.hidden)
		s.told = nil
	}
	changed := anew || !slices.Equal(static.items, s.static.items)
	s.static = static
	s.tellLocked(static.problems)
	if changed {
		s.unhideLocked()
		s.showLocked()
	}
	return nil
}

// refreshLocked looks at the files of a user, which count at once. A home that
// cannot be read has no services.
func (s *shelf) refreshLocked() {
	if s.owner == "" {
		return
	}
	err := s.loadLocked(s.anew)
	s.anew = false
	if err == nil {
		return
	}
	s.static = loading{}
	s.tellLocked([]problem{{s.place.path, err.Error()}})
	s.showLocked()
}

// regroupLocked offers the dynamic services in those of other configured groups
// for which they were published, and ends those for which there is none.
func (s *shelf) regroupLocked(groups []netip.Addr) {
	s.groups = groups
	var dynamic []*item
	for _, it := range s.dynamic {
		regrouped := *it
		if regrouped.groups, _ = offeredIn(groups, it.wish); len(regrouped.groups) > 0 {
			dynamic = append(dynamic, &regrouped)
			continue
		}
		s.log.warn("service ended, none of its groups is configured any more", "code", "POLO-NOGROUP", "service", it.ID, "user", s.owner, "groups", it.wish)
	}
	s.dynamic = dynamic
	s.showLocked()
}

// unhideLocked offers services again whose files have changed.
func (s *shelf) unhideLocked() {
	for id, h := range s.hidden {
		if it := s.staticLocked(id); it == nil || !sameFile(h.info, it.file.info) {
			delete(s.hidden, id)
		}
	}
}

// tellLocked logs each problem once while it lasts, and not too many at once.
func (s *shelf) tellLocked(problems []problem) {
	const most = 32
	told := make(map[problem]bool, len(problems))
	lines := 0
	for _, p := range problems {
		told[p] = true
		if s.told[p] {
			continue
		}
		if lines++; lines <= most {
			s.log.warn("service file", "code", "POLO-FILE", "file", p.path, "problem", p.text)
		}
	}
	if lines > most {
		s.log.warn("more service files have problems", "code", "POLO-FILES", "count", lines-most)
	}
	s.told = told
}

// showLocked makes the present state what readers see: dynamic services, and
// behind them static ones.
func (s *shelf) showLocked() {
	items := slices.Clone(s.dynamic)
	for _, it := range s.static.items {
		h, ok := s.hidden[it.ID]
		if ok {
			it = it.without(h.groups)
		}
		if !ok || len(it.groups) > 0 {
			items = append(items, it)
		}
	}
	s.view.Store(newView(s.groups, items))
}

// staticLocked returns the static service with the id, also one that is
// hidden, or nil.
func (s *shelf) staticLocked(id string) *item {
	i := slices.IndexFunc(s.static.items, func(it *item) bool { return it.ID == id })
	if i < 0 {
		return nil
	}
	return s.static.items[i]
}

// without returns a copy that is not offered in groups.
func (it *item) without(groups []netip.Addr) *item {
	rest := *it
	rest.groups = except(it.groups, groups)
	return &rest
}

func except(all, groups []netip.Addr) []netip.Addr {
	return slices.DeleteFunc(slices.Clone(all), func(g netip.Addr) bool { return slices.Contains(groups, g) })
}
