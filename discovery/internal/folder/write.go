package folder

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
)

// A File is what is to be written.
type File struct {
	Data []byte
	Perm fs.FileMode
	// UID and GID are the owner; the process needs the right to give files
	// away unless they are its own.
	UID, GID uint32
}

// Create writes a new file of that name, which exists with all its bytes or not
// at all, also after a crash. It returns an error that is [fs.ErrExist] if
// there is anything of that name.
func (d *Dir) Create(name string, f File) error {
	return d.write(f, func(temporary string) error {
		err := d.link(temporary, name)
		if err == nil {
			return d.Remove(temporary)
		}
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		if d.exists(name) { // file systems without hard links
			return fs.ErrExist
		}
		return d.rename(temporary, name)
	})
}

// Replace writes a file over that of the name, at once.
func (d *Dir) Replace(name string, f File) error {
	return d.write(f, func(temporary string) error { return d.rename(temporary, name) })
}

// write makes a temporary file, whose name starts with a dot, and lets place
// give it its name.
func (d *Dir) write(f File, place func(temporary string) error) error {
	temporary := ".co2-" + rand.Text()
	out, err := d.createFile(temporary)
	if err != nil {
		return err
	}
	err = errors.Join(fill(out, f), out.Close())
	if err == nil {
		err = place(temporary)
	}
	if err != nil {
		d.Remove(temporary) // the first error says more
		return err
	}
	return d.Sync()
}

func fill(out *os.File, f File) error {
	if _, err := out.Write(f.Data); err != nil {
		return err
	}
	info, err := out.Stat()
	if err != nil {
		return err
	}
	if uid, _, ok := Owner(info); ok && uid != f.UID {
		if err := out.Chown(int(f.UID), int(f.GID)); err != nil {
			return err
		}
	}
	if err := out.Chmod(f.Perm); err != nil {
		return err
	}
	return out.Sync()
}
