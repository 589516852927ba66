package relay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A Dump is the [Store] of co2: one XML file with everything that is needed
// to go on after a restart as if nothing had happened (co2.md section 4). It
// holds secrets, so only its owner may read it.
//
// A commit writes the whole file beside the old one, syncs it, keeps the old
// one as the previous generation, renames, and syncs the folder.
type Dump struct {
	dir     string
	lock    *os.File
	log     *slog.Logger
	now     func() time.Time
	records map[string]Record // as on disk
}

// The files of a state folder.
const (
	dumpName     = "dump.xml"
	previousName = "dump.xml.1"
	tempName     = "dump.xml.new"
	lockName     = "lock"
)

// OpenDump makes the folder if it is missing, locks it and returns its dump.
// Another relay on the same folder is [ErrStateLocked]. Close frees it.
func OpenDump(dir string, log *slog.Logger) (*Dump, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return &Dump{dir: dir, lock: lock, log: log, now: time.Now, records: map[string]Record{}}, nil
}

// Path is where the dump is.
func (d *Dump) Path() string { return filepath.Join(d.dir, dumpName) }

// Close frees the folder for another relay.
func (d *Dump) Close() error { return d.lock.Close() }

// Load reads the newest good generation. A damaged one is set aside under a
// name with the time, and said loudly in the log; without any good one the
// dump is empty. It fails only when files cannot be read at all.
func (d *Dump) Load(context.Context) ([]Record, error) {
	for _, name := range []string{dumpName, previousName} {
		records, err := d.loadFile(name)
		switch {
		case err == nil:
			d.adopt(records)
			return records, nil
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, errDamaged):
			if err := d.setAside(name, err); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
	return nil, nil
}

func (d *Dump) loadFile(name string) ([]Record, error) {
	doc, err := os.ReadFile(filepath.Join(d.dir, name))
	if err != nil {
		return nil, fmt.Errorf("load dump: %w", err)
	}
	records, err := ParseDump(doc)
	if err != nil {
		return nil, fmt.Errorf("load dump %s: %w", name, err)
	}
	return records, nil
}

func (d *Dump) adopt(records []Record) {
	for _, r := range records {
		d.records[r.HostID] = r
	}
}

func (d *Dump) setAside(name string, why error) error {
	from := filepath.Join(d.dir, name)
	to := from + ".bad-" + d.now().UTC().Format("20060102T150405.000000Z")
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("set damaged dump aside: %w", err)
	}
	d.log.Error("dump is damaged; set aside, using the previous generation", "code", "DUMP-BAD", "file", to, "err", why)
	return nil
}

// Commit implements [Store].
func (d *Dump) Commit(_ context.Context, c Change) error {
	next := maps.Clone(d.records)
	for _, r := range c.Put {
		next[r.HostID] = r
	}
	for _, id := range c.Remove {
		delete(next, id)
	}
	list := make([]Record, 0, len(next))
	for _, r := range next {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Record) int { return olderRecord(&a, &b) })
	if err := d.write(AppendDump(nil, list, d.now())); err != nil {
		return fmt.Errorf("write dump: %w", err)
	}
	d.records = next
	return nil
}

func (d *Dump) write(doc []byte) error {
	temp := filepath.Join(d.dir, tempName)
	if err := writeSynced(temp, doc); err != nil {
		return err
	}
	if err := d.keepPrevious(); err != nil {
		return err
	}
	if err := os.Rename(temp, d.Path()); err != nil {
		return err
	}
	return syncFolder(d.dir)
}

// keepPrevious gives the present dump its second name, so that there is no
// moment without a dump. Without a present one, as after it was set aside,
// the previous one stays.
func (d *Dump) keepPrevious() error {
	if _, err := os.Lstat(d.Path()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	previous := filepath.Join(d.dir, previousName)
	if err := removeFile(previous); err != nil {
		return err
	}
	if err := os.Link(d.Path(), previous); err != nil {
		return os.Rename(d.Path(), previous) // a file system without links
	}
	return nil
}

// writeSynced makes the file anew: one that is there may be another's.
func writeSynced(path string, doc []byte) error {
	if err := removeFile(path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(doc)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
