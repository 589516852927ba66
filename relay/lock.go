package relay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A folderLock is the lock on a state folder.
type folderLock interface {
	io.Closer
	// Held reports whether the folder is still the one that was locked, and
	// its lock the one that was taken.
	Held() bool
}

// A fileLock is a folderLock on a real disk.
type fileLock struct{ *os.File }

// Held implements folderLock. A lock that cannot be looked at counts as held:
// the write that follows says what is wrong.
func (l fileLock) Held() bool {
	there, err := os.Stat(l.Name())
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTDIR)
	}
	ours, err := l.Stat()
	return err != nil || os.SameFile(ours, there)
}

// lockFolder makes the folder if it is missing and takes the lock in it.
func lockFolder(dir string) (folderLock, error) {
	if err := makeFolder(dir); err != nil {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	f, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return fileLock{f}, nil
}

// lockFile takes the lock that tells relays apart. The kernel frees it when
// the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w%s", ErrStateLocked, holder(path))
		}
		return nil, err
	}
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return f, nil
}

// holder names the process that has the lock, where it left its number.
func holder(path string) string {
	b, err := os.ReadFile(path)
	if pid := strings.TrimSpace(string(b)); err == nil && pid != "" {
		return " (process " + pid + ")"
	}
	return ""
}
