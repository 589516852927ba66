package methods

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
)

// An Entry is a method ready to be called. [Compile] makes one of a Go
// function; scripts and engines can bring their own. An Entry is safe for
// concurrent use.
type Entry interface {
	// Describe tells everything introspection shows. It never changes.
	Describe() Description
	// Call runs the method. It reads args only until it returns.
	Call(ctx context.Context, args Args) (any, error)
}

// A Table holds methods by name: one flat map, changed only by [Table.Replace].
// The zero Table is empty and ready for use; it is safe for concurrent use,
// and calls never wait for a change.
type Table struct {
	mu      sync.Mutex
	owners  map[string][]Entry // guarded by mu
	current atomic.Pointer[index]
}

// index is one state of the table. It is never changed once it is current.
type index struct {
	byName map[string]bound
	listed []string // sorted
}

// bound is an entry with what dispatch needs of its description.
type bound struct {
	entry  Entry
	access Access
}

// Register compiles list and makes it owner's set of methods.
func (t *Table) Register(owner string, list ...Method) error {
	entries := make([]Entry, len(list))
	for i, m := range list {
		e, err := Compile(m)
		if err != nil {
			return fmt.Errorf("methods of %s: %w", owner, err)
		}
		entries[i] = e
	}
	return t.Replace(owner, entries)
}

// Replace swaps owner's whole set for entries, at once: a call sees the old
// set or the new one. A name taken twice, by owner or by others, or an entry
// whose description no table can hold is an error and changes nothing.
func (t *Table) Replace(owner string, entries []Entry) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	owners := maps.Clone(t.owners)
	if owners == nil {
		owners = map[string][]Entry{}
	}
	owners[owner] = slices.Clone(entries)
	next, err := newIndex(owners)
	if err != nil {
		return err
	}
	t.owners = owners
	t.current.Store(next)
	return nil
}

func newIndex(owners map[string][]Entry) (*index, error) {
	ix := &index{byName: map[string]bound{}}
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		for _, e := range owners[owner] {
			if err := ix.add(e); err != nil {
				return nil, fmt.Errorf("methods of %s: %w", owner, err)
			}
		}
	}
	slices.Sort(ix.listed)
	return ix, nil
}

func (ix *index) add(e Entry) error {
	d := e.Describe()
	if err := d.check(); err != nil {
		return err
	}
	for _, name := range slices.Concat(d.Names, d.Unlisted) {
		if _, taken := ix.byName[name]; taken {
			return fmt.Errorf("the name %s is taken", name)
		}
		ix.byName[name] = bound{e, d.Access}
	}
	ix.listed = append(ix.listed, d.Names...)
	return nil
}

func (t *Table) lookup(name string) (bound, bool) {
	ix := t.current.Load()
	if ix == nil {
		return bound{}, false
	}
	b, ok := ix.byName[name]
	return b, ok
}

// Names returns all listed names, sorted.
func (t *Table) Names() []string {
	if ix := t.current.Load(); ix != nil {
		return slices.Clone(ix.listed)
	}
	return nil
}

// Describe returns the description of the method called name, which may be
// any of its names, or a [*NotFoundError].
func (t *Table) Describe(name string) (Description, error) {
	b, ok := t.lookup(name)
	if !ok {
		return Description{}, &NotFoundError{name}
	}
	return b.entry.Describe(), nil
}

// Call finds the method called name, checks that the caller of ctx may call
// it, and calls it. Params that cannot be read at all are reported before a
// name that is unknown or forbidden. A panic comes back as a [*PanicError].
func (t *Table) Call(ctx context.Context, name string, args Args) (any, error) {
	b, ok := t.lookup(name)
	if ok && b.access.allows(Peer(ctx).Access) {
		return call(ctx, name, b.entry, args)
	}
	if _, err := args.Len(); err != nil {
		return nil, err
	}
	if !ok {
		return nil, &NotFoundError{name}
	}
	return nil, &DeniedError{name, b.access}
}

func call(ctx context.Context, name string, e Entry, args Args) (result any, err error) {
	defer func() {
		if v := recover(); v != nil {
			result, err = nil, &PanicError{name, v, debug.Stack()}
		}
	}()
	return e.Call(ctx, args)
}
