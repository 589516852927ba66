package relay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// files is a state folder as a [Dump] uses it. Names have no path. The other
// filling is in the tests: a disk that fails and forgets.
type files interface {
	// Open opens a file for reading. What is not there is fs.ErrNotExist; it
	// never follows a link, and never waits for the other end of a pipe.
	Open(name string) (savedFile, error)
	// Create makes a new file that only its owner may read.
	Create(name string) (newFile, error)
	// Link gives a file a second name, which must be free.
	Link(name, second string) error
	// Rename takes the place of what is there.
	Rename(from, to string) error
	Remove(name string) error
	// Written is when a file was last written.
	Written(name string) (time.Time, error)
	Names() ([]string, error)
	// Sync makes the names durable, as newFile.Sync does the octets.
	Sync() error
}

type savedFile interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

type newFile interface {
	io.WriteCloser
	Sync() error
}

// A folder is files on a real disk.
type folder struct{ path string }

func (d folder) in(name string) string { return filepath.Join(d.path, name) }

type openFile struct {
	*os.File
	size int64
}

func (f openFile) Size() int64 { return f.size }

func (d folder) Open(name string) (savedFile, error) {
	f, err := os.OpenFile(d.in(name), os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.ELOOP) {
		return nil, fmt.Errorf("%s is a link, which is not followed", name)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file (mode %v)", name, info.Mode())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return openFile{f, info.Size()}, nil
}

func (d folder) Create(name string) (newFile, error) {
	return os.OpenFile(d.in(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (d folder) Link(name, second string) error { return os.Link(d.in(name), d.in(second)) }

func (d folder) Rename(from, to string) error { return os.Rename(d.in(from), d.in(to)) }

func (d folder) Remove(name string) error { return os.Remove(d.in(name)) }

func (d folder) Written(name string) (time.Time, error) {
	info, err := os.Lstat(d.in(name))
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

func (d folder) Names() ([]string, error) {
	entries, err := os.ReadDir(d.path)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (d folder) Sync() error {
	f, err := os.Open(d.path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// makeFolder makes a folder and those above it, each durable.
func makeFolder(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	above := filepath.Dir(path)
	if err := makeFolder(above); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return folder{above}.Sync()
}
