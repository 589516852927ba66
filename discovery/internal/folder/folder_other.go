//go:build !unix

package folder

import (
	"io/fs"
	"os"
)

// A Dir is an open folder.
type Dir struct {
	root *os.Root
	list *os.File // kept for readDir
}

// OpenFollowing opens the folder at path.
func OpenFollowing(path string) (*Dir, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return withList(root)
}

// OpenHome fails: this system does not tell whose a file is in a way that this
// package knows.
func OpenHome(path string, _ uint32) (*Dir, error) {
	return nil, &fs.PathError{Op: "open home", Path: path, Err: fs.ErrPermission}
}

func withList(root *os.Root) (*Dir, error) {
	list, err := root.Open(".")
	if err != nil {
		root.Close()
		return nil, err
	}
	return &Dir{root: root, list: list}, nil
}

// Close closes the folder.
func (d *Dir) Close() error {
	d.list.Close()
	return d.root.Close()
}

// Stat describes the folder.
func (d *Dir) Stat() (fs.FileInfo, error) { return d.list.Stat() }

// Sync does nothing: this system has no such thing for folders.
func (d *Dir) Sync() error { return nil }

// Remove removes the file or link of that name.
func (d *Dir) Remove(name string) error { return d.root.Remove(name) }

// Owner knows nothing on this system.
func Owner(fs.FileInfo) (uid, gid uint32, ok bool) { return 0, 0, false }

// Links returns 1: this system does not say how many names a file has.
func Links(fs.FileInfo) int { return 1 }

func (d *Dir) open(name string) (*Dir, error) {
	root, err := d.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return withList(root)
}

func (d *Dir) openFile(name string) (*os.File, error) { return d.root.Open(name) }

func (d *Dir) createFile(name string) (*os.File, error) {
	return d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (d *Dir) exists(name string) bool {
	_, err := d.root.Lstat(name)
	return !os.IsNotExist(err)
}

func (d *Dir) readDir(n int) ([]fs.DirEntry, error) { return d.list.ReadDir(n) }
func (d *Dir) mkdir(name string) error              { return d.root.Mkdir(name, 0o755) }
func (d *Dir) link(from, to string) error           { return d.root.Link(from, to) }
func (d *Dir) rename(from, to string) error         { return d.root.Rename(from, to) }
