package binding

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// largestSecret bounds what is read of a key file, in bytes.
const largestSecret = 64 << 10

// readSecret returns what a file holds that nobody but its owner may read, the
// owner being this process's user or root.
func readSecret(path string) ([]byte, error) {
	// A pipe must not make the start wait for whoever would write into it.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch owner, mode := ownerOf(info), info.Mode(); {
	case !mode.IsRegular():
		return nil, fmt.Errorf("%s is not a regular file (mode %v)", path, mode)
	case mode.Perm()&0o077 != 0:
		return nil, fmt.Errorf("%s is a secret that others may read (mode %04o): chmod 600 it, or remove it to have a new one made", path, mode.Perm())
	case owner != 0 && int(owner) != os.Geteuid():
		return nil, fmt.Errorf("%s is a secret that belongs to uid %d: it must belong to root or to uid %d, which runs this", path, owner, os.Geteuid())
	}
	data, err := io.ReadAll(io.LimitReader(f, largestSecret+1))
	if err == nil && len(data) > largestSecret {
		err = fmt.Errorf("%s is longer than %d bytes", path, largestSecret)
	}
	return data, err
}

func ownerOf(info fs.FileInfo) uint32 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Uid
	}
	return 0
}

// writeNew makes a file, durable and all at once; one that is there already
// stays, and is fs.ErrExist.
func writeNew(path string, data []byte) error {
	return writeWhole(path, data, 0o600, os.Link)
}

// replace makes a file, durable and all at once, in the place of what is
// there.
func replace(path string, data []byte, mode fs.FileMode) error {
	return writeWhole(path, data, mode, os.Rename)
}

func writeWhole(path string, data []byte, mode fs.FileMode, place func(from, to string) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.Remove(f.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	if err := fill(f, data, mode); err != nil {
		return err
	}
	if err := place(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// fill writes all of a new file and closes it.
func fill(f *os.File, data []byte, mode fs.FileMode) error {
	_, err := f.Write(data)
	return errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
