package discovery

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"co2/discovery/internal/folder"
)

// A place is where the service files of one owner are.
type place struct {
	path string // the folder of root services, or a home; empty: none
	user *Account
	sub  string // the folder below the home
}

// moreServices is a second folder, below that of a user, which is read too.
const moreServices = "services"

// A nook is an open folder of a place.
type nook struct {
	*folder.Dir
	path   string // for people
	sub    string // below the first one of the place
	writer bool   // its owner may write there
}

var errNoPlace = errors.New("there is no folder for service files")

// visit opens the folders that exist, calls fn with them in the order in which
// they are read, and closes them. It does so with the rights of the owner.
func (p place) visit(fn func([]nook) error) error {
	if p.path == "" {
		return fn(nil)
	}
	if p.user == nil {
		return p.visitDir(fn)
	}
	return folder.As(p.user.UID, p.user.GID, func() error { return p.visitHome(fn) })
}

func (p place) visitDir(fn func([]nook) error) error {
	dir, err := folder.OpenFollowing(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fn(nil) // D6
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	return fn([]nook{{Dir: dir, path: p.path, writer: true}})
}

func (p place) visitHome(fn func([]nook) error) error {
	home, err := folder.OpenHome(p.path, p.user.UID)
	if errors.Is(err, fs.ErrNotExist) {
		return fn(nil) // 5.3: no home, no services
	}
	if err != nil {
		return err
	}
	defer home.Close()
	var nooks []nook
	for _, sub := range []string{"", moreServices} {
		path := strings.TrimSuffix(p.sub+"/"+sub, "/")
		dir, err := home.Walk(path, false, p.trusted)
		if errors.Is(err, fs.ErrNotExist) {
			break // D6; without the first there is no second
		}
		if err != nil {
			if sub == "" {
				return err
			}
			break // .polo/services may be a service's file as well
		}
		defer dir.Close()
		info, err := dir.Stat()
		owner, _, ok := folder.Owner(info)
		nooks = append(nooks, nook{
			Dir: dir, path: filepath.Join(p.path, path), sub: sub,
			writer: err == nil && ok && owner == p.user.UID,
		})
	}
	return fn(nooks)
}

// make makes the folder that is written to.
func (p place) make() error {
	switch {
	case p.path == "":
		return errNoPlace
	case p.user == nil:
		return os.MkdirAll(p.path, 0o755)
	}
	return folder.As(p.user.UID, p.user.GID, func() error {
		home, err := folder.OpenHome(p.path, p.user.UID)
		if err != nil {
			return err
		}
		defer home.Close()
		info, err := home.Stat()
		if err != nil {
			return err
		}
		if owner, _, ok := folder.Owner(info); !ok || owner != p.user.UID {
			return fmt.Errorf("home %s is not of uid %d", p.path, p.user.UID)
		}
		dir, err := home.Walk(p.sub, true, p.trusted)
		if err != nil {
			return err
		}
		return dir.Close()
	})
}

// trusted says why a file or folder of a place is not to be used: below a home
// it must be the user's, or root's and nowhere else.
func (p place) trusted(info fs.FileInfo) error {
	if p.user == nil {
		return nil
	}
	switch owner, _, ok := folder.Owner(info); {
	case ok && owner == p.user.UID:
		return nil
	case ok && owner == 0 && (info.IsDir() || folder.Links(info) == 1):
		return nil
	}
	return errors.New("belongs to somebody else")
}

// owner returns whom the files that an account publishes belong to. Only a
// process of root can give root service files to whom they are of.
func (p place) owner(who Account) (uid, gid uint32) {
	switch {
	case p.user != nil:
		return p.user.UID, p.user.GID
	case os.Geteuid() > 0:
		return uint32(os.Geteuid()), uint32(os.Getegid())
	}
	return who.UID, who.GID
}
