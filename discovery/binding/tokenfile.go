package binding

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"co2/discovery"
	"co2/discovery/internal/folder"
)

// The token of a user is in the file $HOME/.polo/token, wherever the services
// of users are (section 4.3 of MarcoPolo's description).
const (
	tokenFolder = ".polo"
	tokenFile   = "token"
)

// give makes the token file of a user, which only he can read. A file that is
// there stays, and false is returned, unless a fresh one is wanted. It works
// with the user's own rights and follows no link below his home.
func (k tokenKey) give(who discovery.Account, fresh bool) (created bool, err error) {
	err = folder.As(who.UID, who.GID, func() error {
		dir, err := openTokenFolder(who, true)
		if err != nil {
			return err
		}
		defer dir.Close()
		if !fresh && exists(dir) {
			return nil // without writing a file in vain
		}
		write := dir.Create
		if fresh {
			write = dir.Replace
		}
		err = write(tokenFile, folder.File{Data: []byte(k.mint(who.UID)), Perm: 0o600, UID: who.UID, GID: who.GID})
		created = err == nil
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("token of %s: %w", who.Name, err)
	}
	return created, nil
}

// exists reports whether there is anything in the place of the token.
func exists(dir *folder.Dir) bool {
	f, _, err := dir.Open(tokenFile)
	if err == nil {
		f.Close()
	}
	return !errors.Is(err, fs.ErrNotExist)
}

// openTokenFolder opens the folder if it belongs to the user, and makes it if
// that is wanted.
func openTokenFolder(who discovery.Account, make bool) (*folder.Dir, error) {
	if !filepath.IsAbs(who.Home) {
		return nil, errors.New("no home")
	}
	home, err := folder.OpenHome(who.Home, who.UID)
	if err != nil {
		return nil, err
	}
	defer home.Close()
	return home.Walk(tokenFolder, make, func(info fs.FileInfo) error {
		if owner, _, ok := folder.Owner(info); !ok || owner != who.UID {
			return fmt.Errorf("belongs to uid %d, want %d", owner, who.UID)
		}
		return nil
	})
}

// ReissueTokens gives a new token to each of the users that has a token file
// which this Polo would not accept, such as one of the original Polo: old
// clients ask for a token only when they find no file, and would be refused
// for ever with the old one. Who has no file, or a good token, is left alone,
// so that doing it again changes nothing. The key of secretFile is made if
// there is none.
//
// It returns the names of those who have a new token. The error joins what
// went wrong with each of the others.
func ReissueTokens(secretFile string, accounts discovery.Accounts, users []string) (renewed []string, err error) {
	key, err := loadTokenKey(secretFile)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, name := range users {
		did, err := key.reissue(accounts, name)
		if did {
			renewed = append(renewed, name)
		}
		errs = append(errs, err)
	}
	return renewed, errors.Join(errs...)
}

func (k tokenKey) reissue(accounts discovery.Accounts, name string) (bool, error) {
	who, err := accounts.ByName(name)
	if err != nil {
		return false, fmt.Errorf("token of %s: %w", name, err)
	}
	if !k.outdated(who) {
		return false, nil
	}
	return k.give(who, true)
}

// outdated reports whether a user has a token file that holds no token of k.
// What cannot be read, or is too long for a token, is none.
func (k tokenKey) outdated(who discovery.Account) (outdated bool) {
	folder.As(who.UID, who.GID, func() error {
		dir, err := openTokenFolder(who, false)
		if err != nil {
			return err
		}
		defer dir.Close()
		f, _, err := dir.Open(tokenFile)
		if err != nil {
			return err
		}
		defer f.Close()
		token, err := folder.Read(f)
		uid, ok := k.uid(string(token))
		outdated = err == nil && (!ok || uid != who.UID)
		return err
	})
	return outdated
}
