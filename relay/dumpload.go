package relay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"golang.org/x/sys/unix"
)

// readDumpFile reads a dump. One that cannot be used, whatever the reason, is
// errDamaged; fs.ErrNotExist is none at all, and other errors are those of
// the moment.
func readDumpFile(from files, name string) (c dumpContent, report DumpReport, err error) {
	doc, err := readWhole(from, name)
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

// readWhole reads a file if it may be a dump: neither its size nor its begin
// nor its end tell otherwise.
func readWhole(from files, name string) ([]byte, error) {
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
	var report DumpReport
	if report.head(head) && report.Version <= dumpVersion {
		tail, err := readPart(f, max(0, f.Size()-tailLength), tailLength)
		if err != nil {
			return nil, err
		}
		report.tail(tail)
	}
	if err := report.err(); err != nil {
		return nil, err
	}
	return readPart(f, 0, f.Size())
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
