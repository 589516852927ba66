// Package folder reaches files below a folder step by step, by its open
// descriptor, so that a link which somebody puts there, at whatever moment,
// leads nowhere. It is for folders that other users may write to, such as
// homes, read by a process that may read more than they.
package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// MaxFile is the most a file may hold, in bytes.
const MaxFile = 64 << 10

// maxNames bounds how many entries of a folder are looked at.
const maxNames = 16 << 10

// ErrNotRegular is returned for what is not a regular file, and ErrTooLarge for
// a file above [MaxFile].
var (
	ErrNotRegular = errors.New("not a regular file")
	ErrTooLarge   = fmt.Errorf("larger than %d bytes", MaxFile)
)

// Walk opens the folder at a path of plain names below d, with slashes between
// them, and tests every folder on the way. It follows no link. With make,
// missing folders are made, with permission 0755.
func (d *Dir) Walk(path string, make bool, test func(fs.FileInfo) error) (*Dir, error) {
	at := d
	for name := range strings.SplitSeq(path, "/") {
		next, err := at.step(name, make, test)
		if at != d {
			at.Close()
		}
		if err != nil {
			return nil, err
		}
		at = next
	}
	return at, nil
}

func (d *Dir) step(name string, make bool, test func(fs.FileInfo) error) (*Dir, error) {
	sub, err := d.open(name)
	if make && errors.Is(err, fs.ErrNotExist) {
		if err := d.mkdir(name); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		sub, err = d.open(name)
	}
	if err != nil {
		return nil, err
	}
	info, err := sub.Stat()
	if err == nil {
		err = test(info)
	}
	if err != nil {
		sub.Close()
		return nil, fmt.Errorf("folder %s: %w", name, err)
	}
	return sub, nil
}

// Names returns the names that want takes of what is not a folder, sorted by
// their bytes, at most most of them; more says that there are others. Of a
// folder with more than 16,384 entries, it looks at as many in no order.
func (d *Dir) Names(most int, want func(name string) bool) (names []string, more bool, err error) {
	for read := 0; read < maxNames; {
		entries, err := d.readDir(512)
		read += len(entries)
		for _, e := range entries {
			if !e.IsDir() && want(e.Name()) {
				names = append(names, e.Name())
			}
		}
		if errors.Is(err, io.EOF) || err == nil && len(entries) == 0 {
			slices.Sort(names)
			return names[:min(len(names), most)], len(names) > most, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	slices.Sort(names)
	return names[:min(len(names), most)], true, nil
}

// Open opens a regular file to be read. It does not wait for anything, and
// follows a link only if d was opened by [OpenFollowing].
func (d *Dir) Open(name string) (*os.File, fs.FileInfo, error) {
	f, err := d.openFile(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// Read returns what a file holds, at most [MaxFile] bytes.
func Read(f *os.File) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err == nil && len(data) > MaxFile {
		err = ErrTooLarge
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}
