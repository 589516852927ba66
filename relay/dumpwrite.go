package relay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// write puts lines on the disk as the newest generation, or leaves the disk
// as it was.
func (d *Dump) write(lines []line) error {
	if err := d.ready(); err != nil {
		return err
	}
	if err := d.writeTemp(lines); err != nil {
		_ = d.files.Remove(tempName) // frees its space; the next commit does it again
		return err
	}
	before := d.there(dumpName)
	if err := d.exchange(before); err != nil {
		_ = d.files.Remove(tempName)
		if before && !d.there(dumpName) {
			_ = d.files.Rename(generations[1], dumpName)
		}
		return err
	}
	if err := d.files.Sync(); err != nil {
		d.undo(before)
		return err
	}
	return nil
}

// ready makes up for what could not be done while the folder could not be
// written.
func (d *Dump) ready() error {
	if d.lock != nil && !d.lock.Held() {
		_ = d.lock.Close() // of a folder that is not there any more
		d.lock = nil
	}
	if d.lock == nil {
		lock, err := d.takeLock()
		if err != nil {
			return err
		}
		d.lock = lock
	}
	for len(d.bad) > 0 {
		if err := d.files.Rename(d.bad[0], d.asideName(d.bad[0])); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		d.bad = d.bad[1:]
	}
	if d.inTheWay(dumpName) {
		return d.setAside(dumpName, fmt.Errorf("%s: it is not what the relay wrote", dumpName))
	}
	return nil
}

// writeTemp makes the file anew: one that is there may be another's.
func (d *Dump) writeTemp(lines []line) error {
	if err := d.clear(tempName); err != nil {
		return err
	}
	f, err := d.files.Create(tempName)
	if err != nil {
		return err
	}
	err = writeLines(f, lines, d.now())
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (d *Dump) exchange(before bool) error {
	if before {
		if err := d.moveOn(); err != nil {
			return err
		}
	}
	return d.files.Rename(tempName, dumpName)
}

// undo puts back what was there before a commit whose last step failed, so
// that a relay that is killed now does not find what it refused. If the folder
// cannot be synced for that either, only a later commit makes it durable.
func (d *Dump) undo(before bool) {
	switch {
	case !before:
		_ = d.files.Remove(dumpName)
	case d.files.Link(generations[1], oldName) == nil:
		_ = d.files.Rename(oldName, dumpName)
	default: // a file system without links
		_ = d.files.Rename(generations[1], dumpName)
	}
	_ = d.files.Sync()
}

// pieceSize is about how much is written at once, in octets, so that the
// whole dump is never in memory a second time.
const pieceSize = 256 << 10

// writeLines writes a whole dump.
func writeLines(to io.Writer, lines []line, saved time.Time) error {
	piece := appendDumpStart(make([]byte, 0, pieceSize+4096), len(lines), saved)
	var sum uint32
	octets := 0
	flush := func() error {
		if octets += len(piece); octets > maxDump-len(sumStart)-len(sumEnd)-8 {
			return fmt.Errorf("it would have more than %d octets", maxDump)
		}
		sum = dumpSum(sum, piece)
		_, err := to.Write(piece)
		piece = piece[:0]
		return err
	}
	for _, l := range lines {
		if piece = append(piece, l.xml...); len(piece) >= pieceSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	piece = append(piece, dumpEnd...)
	if err := flush(); err != nil {
		return err
	}
	_, err := to.Write(appendSum(nil, sum))
	return err
}
