package relay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
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
// one as the previous generation, renames, and syncs the folder. It fails with
// the old file in place. Only when the folder cannot be synced after the
// renaming it is not known which of the two a crash of the machine would
// leave; then every later commit, an empty one too, writes anew, until one
// succeeds.
type Dump struct {
	files    files
	path     string
	lock     folderLock // nil: the folder could not be written yet
	takeLock func() (folderLock, error)
	log      *slog.Logger
	now      func() time.Time
	kept     []line   // what the relay counts on, oldest registration first
	written  bool     // there is a dump, unless somebody took it away
	failed   bool     // the latest commit failed
	bad      []string // files that could not be set aside yet
	trouble  []string // what Load met, in words
}

// A line is one satellite as it is in the dump.
type line struct {
	registered time.Time
	hostID     string
	xml        string
}

// The files of a state folder, beside those set aside.
const (
	dumpName = "dump.xml"
	tempName = "dump.xml.new" // being written
	oldName  = "dump.xml.old" // second name of the dump while generations move on
	lockName = "lock"
)

// OpenDump makes the folder if it is missing, locks it and returns its dump.
// Another relay on the same folder is [ErrStateLocked]. Close frees it.
func OpenDump(dir string, log *slog.Logger) (*Dump, error) {
	d := newDump(folder{dir}, filepath.Join(dir, dumpName), log)
	var err error
	if d.lock, err = d.takeLock(); err != nil {
		return nil, err
	}
	return d, nil
}

// OpenDumpUnwritable is OpenDump for a relay that is to start even where the
// folder cannot be written. Commits fail as long as that is so.
func OpenDumpUnwritable(dir string, log *slog.Logger) (*Dump, error) {
	d, err := OpenDump(dir, log)
	if err == nil || errors.Is(err, ErrStateLocked) {
		return d, err
	}
	if info, statErr := os.Stat(dir); statErr != nil || !info.IsDir() {
		return nil, err
	}
	d = newDump(folder{dir}, filepath.Join(dir, dumpName), log)
	d.failed = true
	d.report("the state folder cannot be written: %v", err)
	return d, nil
}

func newDump(files files, path string, log *slog.Logger) *Dump {
	return &Dump{files: files, path: path, log: log, now: time.Now, takeLock: func() (folderLock, error) { return lockFolder(filepath.Dir(path)) }}
}

// Path is where the dump is.
func (d *Dump) Path() string { return d.path }

func (d *Dump) in(name string) string { return filepath.Join(filepath.Dir(d.path), name) }

// Trouble tells what Load met that an operator should know, in words, one
// thing each. It is not safe beside Load and Commit.
func (d *Dump) Trouble() []string { return slices.Clone(d.trouble) }

func (d *Dump) report(format string, args ...any) {
	d.trouble = append(d.trouble, fmt.Sprintf(format, args...))
}

// Close frees the folder for another relay.
func (d *Dump) Close() error {
	if d.lock == nil {
		return nil
	}
	return d.lock.Close()
}

// Load reads the newest good generation. What cannot be used is set aside
// under a name with the time, and said loudly in the log; without any good one
// the dump is empty. It fails only for want of descriptors or memory.
func (d *Dump) Load(context.Context) ([]Record, error) {
	d.kept, d.bad = nil, nil
	for _, name := range generations {
		content, report, err := readDumpFile(d.files, name)
		switch {
		case err == nil:
			d.adopt(content)
			d.written = name == dumpName
			d.tellFallback(name, report.Saved)
			return content.records, nil
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, errDamaged):
			if d.setAside(name, err) != nil {
				d.bad = append(d.bad, name) // before the first commit, then
				d.tellBad(name, err)
			}
		default:
			return nil, fmt.Errorf("load dump: %w", err)
		}
	}
	if len(d.trouble) > 0 {
		d.report("no good dump is left, so no satellite is known")
	}
	return nil, nil
}

// tellFallback says which generation is used, if it is not the newest.
func (d *Dump) tellFallback(name string, saved time.Time) {
	if name == dumpName {
		return
	}
	why := ""
	if len(d.trouble) == 0 {
		why = dumpName + " is missing: "
	}
	d.report("%s%s is used, saved %s", why, name, saved.Format(time.RFC3339))
	d.log.Error("the newest dump is missing or bad; an older one is used", "code", string(DumpBad), "file", d.in(name), "saved", saved)
}

func (d *Dump) adopt(c dumpContent) {
	d.kept = make([]line, len(c.records))
	for i, r := range c.records {
		d.kept[i] = line{r.Registered, r.HostID, c.line(i)}
	}
	slices.SortStableFunc(d.kept, olderLine)
	if older := func(a, b Record) int { return olderRecord(&a, &b) }; !slices.IsSortedFunc(c.records, older) {
		slices.SortStableFunc(c.records, older)
	}
}

// Commit implements [Store]. An empty change writes what is kept once more if
// the commit before failed, or if the dump or the folder has gone.
func (d *Dump) Commit(_ context.Context, c Change) error {
	if c.Empty() && !d.failed && !d.Gone() {
		return nil
	}
	if !d.failed && d.Gone() {
		d.log.Error("somebody has taken the dump away; it is written anew", "code", string(DumpBad), "file", d.path)
	}
	next, err := d.after(c)
	if err == nil {
		err = d.write(next)
	}
	if err != nil {
		d.failed = true
		return fmt.Errorf("write dump: %w", err)
	}
	d.kept, d.written, d.failed = next, true, false
	return nil
}

// Try reports why a dump could not be written now, as on a full disk: it writes
// one beside the present one, without taking its place. After that commits
// write anew until one succeeds. It is not safe beside Load and Commit.
func (d *Dump) Try() error {
	if d.failed {
		return nil // it is known, and tried with the next commit
	}
	err := d.writeTemp(d.kept)
	_ = d.files.Remove(tempName)
	if err != nil {
		d.failed = true
		return fmt.Errorf("write dump: %w", err)
	}
	return nil
}

// Gone reports whether somebody has taken away the dump that was written, or
// the folder it was in. It is not safe beside Load and Commit.
func (d *Dump) Gone() bool {
	return d.written && (!d.there(dumpName) || d.lock != nil && !d.lock.Held())
}

// after returns what is kept after a change.
func (d *Dump) after(c Change) ([]line, error) {
	changed := make(map[string]*Record, len(c.Put)+len(c.Remove)) // nil: removed
	for i := range c.Put {
		changed[c.Put[i].HostID] = &c.Put[i]
	}
	for _, id := range c.Remove {
		changed[id] = nil
	}
	var put []line
	var room []byte
	for _, r := range changed {
		if r == nil {
			continue
		}
		if err := r.check(); err != nil {
			return nil, err
		}
		room = appendRecord(room[:0], r)
		put = append(put, line{r.Registered, r.HostID, string(room)})
	}
	slices.SortFunc(put, olderLine)
	return d.merge(put, changed), nil
}

// merge returns put and those kept lines that have not changed, in order.
func (d *Dump) merge(put []line, changed map[string]*Record) []line {
	next := make([]line, 0, len(d.kept)+len(put))
	for _, l := range d.kept {
		if _, ok := changed[l.hostID]; ok {
			continue
		}
		for len(put) > 0 && olderLine(put[0], l) < 0 {
			next, put = append(next, put[0]), put[1:]
		}
		next = append(next, l)
	}
	return append(next, put...)
}

func olderLine(a, b line) int {
	return cmp.Or(a.registered.Compare(b.registered), cmp.Compare(a.hostID, b.hostID))
}
