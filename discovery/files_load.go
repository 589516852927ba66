package discovery

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"co2/discovery/internal/folder"
)

// How many service files are read: of a user, whom anybody may make us ask
// for, and of the host.
const (
	maxUserFiles = 128
	maxRootFiles = maxRootServices
)

// A fileRef says which file a static service is from.
type fileRef struct {
	sub, name string // the folder of the place, and the name there
	path      string // for people
	groups    []string
	info      fs.FileInfo
}

// A problem is something about a file that its owner should know.
type problem struct{ path, text string }

// A loading is what is in the files of a place at one moment.
type loading struct {
	items    []*item // of different ids, in the order of their files
	names    int     // of files that were candidates
	problems []problem
	files    map[string]loaded // by path
}

// loaded is what one file holds: a service, or none.
type loaded struct {
	item     *item
	info     fs.FileInfo
	read     time.Time
	problems []problem
}

// A loader reads the service files of a place. It skips what is no service,
// and says so.
type loader struct {
	place  place
	groups []netip.Addr
	usable func(id string) error
	before map[string]loaded // what is known of files, to read changed ones only
}

// load returns an error only if a folder that is there cannot be read.
func (l loader) load() (loading, error) {
	out := loading{files: make(map[string]loaded)}
	err := l.place.visit(func(nooks []nook) error {
		for _, n := range nooks {
			if err := l.loadNook(&out, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return loading{}, err
	}
	out.dropDuplicates()
	return out, nil
}

func (l loader) loadNook(out *loading, n nook) error {
	most := maxRootFiles
	if l.place.user != nil {
		most = maxUserFiles
	}
	names, more, err := n.Names(most, l.candidate)
	if err != nil {
		return fmt.Errorf("list %s: %w", n.path, err)
	}
	if room := most - out.names; len(names) > room {
		names, more = names[:room], true
	}
	if more {
		out.problems = append(out.problems, problem{n.path, fmt.Sprintf("more than %d service files, the others do not count", most)})
	}
	out.names += len(names)
	for _, name := range names {
		path := n.path + "/" + name
		file, err := l.loadFile(n, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed in this moment
		}
		if err != nil {
			file.problems = []problem{{path, "skipped: " + unwrapped(err).Error()}}
		}
		out.files[path] = file
		out.problems = append(out.problems, file.problems...)
		if file.item != nil {
			out.items = append(out.items, file.item)
		}
	}
	return nil
}

// candidate reports whether a file of that name may be a service's.
func (l loader) candidate(name string) bool {
	hidden := strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~")
	return !hidden && (l.place.user == nil || name != "token")
}

func (l loader) loadFile(n nook, name string) (loaded, error) {
	f, info, err := n.Open(name)
	if err != nil {
		return loaded{}, err
	}
	defer f.Close()
	if err := l.place.trusted(info); err != nil {
		return loaded{}, err
	}
	path := n.path + "/" + name
	if before, ok := l.before[path]; ok && before.unchanged(info) {
		return before, nil
	}
	file := loaded{info: info, read: time.Now()}
	it, odd, err := l.read(f)
	if err != nil {
		return file, err
	}
	it.file.sub, it.file.name, it.file.path = n.sub, name, path
	it.file.info = info
	it.publisher, _, _ = folder.Owner(info)
	for _, text := range odd {
		file.problems = append(file.problems, problem{path, text})
	}
	file.item = it
	return file, nil
}

// unchanged reports whether a file is as it was when it was read. What had just
// been written then may have been written again within the same tick.
func (f loaded) unchanged(now fs.FileInfo) bool {
	return sameFile(f.info, now) && f.read.Sub(f.info.ModTime()) > 2*time.Second
}

func sameFile(a, b fs.FileInfo) bool {
	return a != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode()
}

func (l loader) read(f *os.File) (*item, []string, error) {
	data, err := folder.Read(f)
	if err != nil {
		return nil, nil, err
	}
	file, odd, err := ParseServiceFile(data)
	if err != nil {
		return nil, nil, err
	}
	if err := l.usable(file.ID); err != nil {
		return nil, nil, fmt.Errorf("id %.60q: %w", file.ID, err)
	}
	it, err := newItem(file.Service)
	if err != nil {
		return nil, nil, err
	}
	groups, unknown := offeredIn(l.groups, file.Groups)
	for _, text := range unknown[:min(len(unknown), 4)] {
		odd = append(odd, fmt.Sprintf("group %.60q is not configured and does not count", text))
	}
	if len(groups) == 0 {
		odd = append(odd, "offered in no group")
	}
	it.groups, it.disabled, it.file = groups, file.Disabled, &fileRef{groups: file.Groups}
	return it, odd, nil
}

// dropDuplicates keeps the first service of each id.
func (l *loading) dropDuplicates() {
	first := make(map[string]*item, len(l.items))
	l.items = slices.DeleteFunc(l.items, func(it *item) bool {
		if other, taken := first[it.ID]; taken {
			l.problems = append(l.problems, problem{it.file.path,
				fmt.Sprintf("skipped: service %q is in %s already", it.ID, other.file.path)})
			return true
		}
		first[it.ID] = it
		return false
	})
}

// unwrapped drops the path of an error that is told beside it.
func unwrapped(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
