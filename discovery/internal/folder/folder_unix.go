//go:build unix

package folder

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Dir is an open folder.
type Dir struct {
	f      *os.File
	follow bool // links to files
}

// OpenFollowing opens the folder at path, following links there and, later, to
// its files: for folders that only the administrator writes to.
func OpenFollowing(path string) (*Dir, error) {
	d, err := openPath(path, 0)
	if err == nil {
		d.follow = true
	}
	return d, err
}

// OpenHome opens the home of the user with this uid. A link in place of it is
// followed to a folder of that user only.
func OpenHome(path string, uid uint32) (*Dir, error) {
	if d, err := openPath(path, unix.O_NOFOLLOW); err == nil {
		return d, nil
	}
	d, err := openPath(path, 0)
	if err != nil {
		return nil, err
	}
	info, err := d.Stat()
	if owner, _, ok := Owner(info); err == nil && (!ok || owner != uid) {
		err = &fs.PathError{Op: "open home", Path: path, Err: fs.ErrPermission}
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func openPath(path string, flags int) (*Dir, error) {
	f, err := os.OpenFile(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK|flags, 0)
	if err != nil {
		return nil, err
	}
	return &Dir{f: f}, nil
}

// Close closes the folder.
func (d *Dir) Close() error { return d.f.Close() }

// Stat describes the folder.
func (d *Dir) Stat() (fs.FileInfo, error) { return d.f.Stat() }

// Sync makes changed names last.
func (d *Dir) Sync() error { return d.f.Sync() }

// Remove removes the file or link of that name.
func (d *Dir) Remove(name string) error {
	return d.error("remove", name, unix.Unlinkat(d.fd(), name, 0))
}

// Owner returns the user and the group a file belongs to. A nil info has none.
func Owner(info fs.FileInfo) (uid, gid uint32, ok bool) {
	if info == nil {
		return 0, 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return stat.Uid, stat.Gid, true
}

// Links returns how many names a file has.
func Links(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Nlink)
	}
	return 0
}

func (d *Dir) fd() int { return int(d.f.Fd()) }

func (d *Dir) error(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: d.f.Name() + "/" + name, Err: err}
}

// openat opens name without ever waiting for a device or a pipe.
func (d *Dir) openat(name string, flags int, perm uint32) (*os.File, error) {
	for {
		fd, err := unix.Openat(d.fd(), name, flags|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, perm)
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), d.f.Name()+"/"+name), nil
		case unix.EINTR:
			continue
		}
		return nil, d.error("open", name, err)
	}
}

func (d *Dir) open(name string) (*Dir, error) {
	f, err := d.openat(name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	return &Dir{f: f}, nil
}

func (d *Dir) openFile(name string) (*os.File, error) {
	flags := unix.O_RDONLY | unix.O_NOFOLLOW
	if d.follow {
		flags = unix.O_RDONLY
	}
	return d.openat(name, flags, 0)
}

func (d *Dir) createFile(name string) (*os.File, error) {
	return d.openat(name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW, 0o600)
}

func (d *Dir) exists(name string) bool {
	var stat unix.Stat_t
	return unix.Fstatat(d.fd(), name, &stat, unix.AT_SYMLINK_NOFOLLOW) != unix.ENOENT
}

func (d *Dir) readDir(n int) ([]fs.DirEntry, error) { return d.f.ReadDir(n) }

func (d *Dir) mkdir(name string) error {
	return d.error("make folder", name, unix.Mkdirat(d.fd(), name, 0o755))
}

func (d *Dir) link(from, to string) error {
	return d.error("link", to, unix.Linkat(d.fd(), from, d.fd(), to, 0))
}

func (d *Dir) rename(from, to string) error {
	return d.error("rename", to, unix.Renameat(d.fd(), from, d.fd(), to))
}
