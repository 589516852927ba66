package relay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// readDumpFile reads a dump. One that cannot be used, whatever the reason, is
// errDamaged; fs.ErrNotExist is none at all, and other errors are those of
// the moment.
func readDumpFile(from files, name string) (c dumpContent, report DumpReport, err error) {
	doc, err := readWhole(from, name, mayBeDump)
	if err == nil {
		c, report = readDump(doc, false)
		err = report.err()
	}
	if err != nil && !errors.Is(err, errDamaged) && !errors.Is(err, fs.ErrNotExist) && !transient(err) {
		err = fmt.Errorf("%w: it cannot be read: %w", errDamaged, err)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return c, report, err
}

// transient reports whether err says nothing about a file: the relay has no
// descriptor or no memory left.
func transient(err error) bool {
	return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) || errors.Is(err, unix.ENOMEM)
}

// readWhole reads a file of which plausible says, by its first octets and its
// last ones, that it may be a dump.
func readWhole(from files, name string, plausible func(r *DumpReport, head, tail []byte)) ([]byte, error) {
	f, err := from.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Size() > maxDump {
		return nil, fmt.Errorf("%w: it has %d octets, more than any dump", errDamaged, f.Size())
	}
	head, err := readPart(f, 0, headLength)
	if err != nil {
		return nil, err
	}
	tail, err := readPart(f, max(0, f.Size()-tailLength), tailLength)
	if err != nil {
		return nil, err
	}
	var report DumpReport
	if plausible(&report, head, tail); len(report.Problems) > 0 {
		return nil, report.err()
	}
	return readPart(f, 0, f.Size())
}

// mayBeDump wants the begin and the end of a dump.
func mayBeDump(r *DumpReport, head, tail []byte) {
	if r.head(head) && r.Version <= dumpVersion {
		r.tail(tail)
	}
}

// readPart reads up to length octets. A file that becomes shorter meanwhile
// gives what is there.
func readPart(f savedFile, at, length int64) ([]byte, error) {
	part := make([]byte, min(length, f.Size()-at))
	n, err := f.ReadAt(part, at)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return part[:n], err
}

// CheckDumpFile tells what the file at path is and all that is wrong with it.
// The error is for what says nothing about the file, as when it is missing.
func CheckDumpFile(path string) (DumpReport, error) {
	dir, name := filepath.Split(path)
	report, err := checkFile(folder{dir}, name)
	report.Name = path
	return report, err
}

// CheckDumps is CheckDumpFile for all generations in a state folder, newest
// first. Where there are earlier ones, a newest that is missing is a problem.
func CheckDumps(dir string) (reports []DumpReport, err error) {
	missing := false
	for _, name := range generations {
		switch report, err := checkFile(folder{dir}, name); {
		case errors.Is(err, fs.ErrNotExist):
			missing = missing || name == dumpName
		case err != nil:
			return nil, err
		default:
			reports = append(reports, report)
		}
	}
	if missing && len(reports) > 0 {
		newest := DumpReport{Name: dumpName}
		newest.problem(0, "it is missing")
		reports = slices.Insert(reports, 0, newest)
	}
	return reports, nil
}

func checkFile(from files, name string) (report DumpReport, err error) {
	report.Name = name
	doc, err := readWhole(from, name, func(r *DumpReport, head, _ []byte) { r.head(head) })
	switch {
	case errors.Is(err, fs.ErrNotExist) || transient(err):
		return report, err
	case err != nil:
		report.problem(0, "%s", strings.TrimPrefix(err.Error(), errDamaged.Error()+": "))
		return report, nil
	}
	report = CheckDump(doc)
	report.Name = name
	return report, nil
}
