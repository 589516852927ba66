package relay

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// The generations of a dump, newest first. The first of the previous ones is
// what the latest commit replaced: for a dump that is damaged. The others are
// for mistakes, which are noticed later: each takes what falls out of the one
// before it, but only when its own is as old as its period.
var generations = [...]string{dumpName, dumpName + ".1", dumpName + ".2", dumpName + ".3"}

// periods say how old a generation gets before it is replaced.
var periods = [len(generations)]time.Duration{2: time.Hour, 3: 24 * time.Hour}

// maxAside is how many files set aside are kept. The oldest goes first, so
// that a relay that is started again and again does not fill its disk.
const maxAside = 8

// there reports whether something has this name.
func (d *Dump) there(name string) bool {
	_, err := d.files.Written(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// moveOn gives the present dump its second name as the previous generation,
// so that there is no moment without a dump. Without a present one, as after
// it was set aside, the previous ones stay.
func (d *Dump) moveOn() error {
	if d.due(2) {
		if d.due(3) {
			d.promote(2)
		}
		d.promote(1)
	}
	if err := d.clear(oldName); err != nil {
		return err
	}
	if err := d.files.Link(dumpName, oldName); err != nil {
		return d.replace(dumpName, generations[1]) // a file system without links
	}
	return d.replace(oldName, generations[1])
}

// due reports whether a generation takes the one before it in.
func (d *Dump) due(n int) bool {
	written, err := d.files.Written(generations[n])
	if err != nil {
		return true
	}
	return d.now().Sub(written).Abs() >= periods[n] // also after the clock was set back
}

// promote makes generation n the next older one. Where that fails it stays:
// an old generation is not worth a refused registration.
func (d *Dump) promote(n int) {
	if d.there(generations[n]) && !d.inTheWay(generations[n]) {
		_ = d.replace(generations[n], generations[n+1])
	}
}

// replace renames, and sets aside what cannot be replaced.
func (d *Dump) replace(from, to string) error {
	err := d.files.Rename(from, to)
	if err == nil || !d.inTheWay(to) {
		return err
	}
	if err := d.setAside(to, err); err != nil {
		return err
	}
	return d.files.Rename(from, to)
}

// clear removes what has this name, or sets it aside.
func (d *Dump) clear(name string) error {
	err := d.files.Remove(name)
	switch {
	case err == nil || errors.Is(err, fs.ErrNotExist):
		return nil
	case d.inTheWay(name):
		return d.setAside(name, err)
	}
	return err
}

// inTheWay reports whether something that is not ours has a name of ours.
func (d *Dump) inTheWay(name string) bool {
	f, err := d.files.Open(name)
	if err == nil {
		f.Close()
	}
	return err != nil && !errors.Is(err, fs.ErrNotExist) && !transient(err)
}

// setAside gives a file that cannot be used a name with the time.
func (d *Dump) setAside(name string, why error) error {
	aside := d.asideName(name)
	if err := d.files.Rename(name, aside); err != nil {
		return fmt.Errorf("set %s aside: %w", name, err)
	}
	d.tellBad(aside, why)
	d.forgetAside()
	return nil
}

func (d *Dump) tellBad(keptAs string, why error) {
	d.log.Error("this dump cannot be used; it is set aside", "code", string(DumpBad), "file", d.in(keptAs), "err", why)
	d.report("%v; it is kept as %s", why, keptAs)
}

const asideMark = ".bad-"

// maxSameTime bounds the search for a free name: a disk that does not answer
// seems to have them all.
const maxSameTime = 1000

func (d *Dump) asideName(name string) string {
	aside := name + asideMark + d.now().UTC().Format("20060102T150405.000000Z")
	for n, first := 2, aside; n < maxSameTime && d.there(aside); n++ {
		aside = fmt.Sprintf("%s-%d", first, n)
	}
	return aside
}

// forgetAside removes all but the newest files that were set aside.
func (d *Dump) forgetAside() {
	names, err := d.files.Names()
	if err != nil {
		return // the next one may succeed
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return !strings.HasPrefix(name, dumpName) || !strings.Contains(name, asideMark)
	})
	slices.SortFunc(names, func(a, b string) int {
		_, timeA, _ := strings.Cut(a, asideMark)
		_, timeB, _ := strings.Cut(b, asideMark)
		return cmp.Or(cmp.Compare(timeA, timeB), cmp.Compare(a, b))
	})
	for ; len(names) > maxAside; names = names[1:] {
		_ = d.files.Remove(names[0]) // a folder with something in it stays
	}
}
