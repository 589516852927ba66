package relay

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"time"

	"co2/methods/wire"
)

// The form of a dump: a root with a version, one element per satellite, and
// a last line with a checksum over everything before it.
const (
	dumpVersion = 1
	sumStart    = "<!-- sha256 "
	sumEnd      = " -->\n"
	sumLength   = len(sumStart) + 2*sha256.Size + len(sumEnd)
)

// maxDump bounds a dump, in octets. A change that would make it larger is
// refused, so that what was written can always be read.
const maxDump = 1 << 30

// AppendDump appends the dump of records to b, as it is at saved. Records are
// best ordered by the time of registration, as [ParseDump] returns them.
func AppendDump(b []byte, records []Record, saved time.Time) []byte {
	start := len(b)
	b = appendDumpStart(b, len(records), saved)
	for i := range records {
		b = appendRecord(b, &records[i])
	}
	b = append(b, dumpEnd...)
	sum := sha256.Sum256(b[start:])
	return appendSum(b, sum[:])
}

// A dumpWriter writes a dump in pieces, so that the whole of it is never in
// memory.
type dumpWriter struct {
	to     io.Writer
	sum    hash.Hash
	piece  []byte
	octets int64
}

// dumpPiece is about how much is written at once, in octets.
const dumpPiece = 256 << 10

func newDumpWriter(to io.Writer) *dumpWriter {
	return &dumpWriter{to: to, sum: sha256.New(), piece: make([]byte, 0, dumpPiece+4096)}
}

// write writes the dump of records.
func (w *dumpWriter) write(records []*Record, saved time.Time) error {
	w.piece = appendDumpStart(w.piece, len(records), saved)
	for _, r := range records {
		w.piece = appendRecord(w.piece, r)
		if len(w.piece) >= dumpPiece {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	w.piece = append(w.piece, dumpEnd...)
	if err := w.flush(); err != nil {
		return err
	}
	_, err := w.to.Write(appendSum(nil, w.sum.Sum(nil)))
	return err
}

func (w *dumpWriter) flush() error {
	w.octets += int64(len(w.piece))
	if w.octets+int64(sumLength) > maxDump {
		return fmt.Errorf("it would be larger than %d octets", maxDump)
	}
	w.sum.Write(w.piece)
	_, err := w.to.Write(w.piece)
	w.piece = w.piece[:0]
	return err
}

const (
	dumpDeclaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	dumpEnd         = "</co2-dump>\n"
)

func appendDumpStart(b []byte, satellites int, saved time.Time) []byte {
	b = append(b, dumpDeclaration...)
	return fmt.Appendf(b, "<co2-dump version=\"%d\" saved=\"%s\" satellites=\"%d\">\n", dumpVersion, appendDumpTime(nil, saved), satellites)
}

func appendSum(b, sum []byte) []byte {
	b = append(b, sumStart...)
	b = hex.AppendEncode(b, sum)
	return append(b, sumEnd...)
}

// olderRecord orders records as a dump does.
func olderRecord(a, b *Record) int {
	return cmp.Or(a.Registered.Compare(b.Registered), cmp.Compare(a.HostID, b.HostID))
}

// appendRecord writes what [recordReader.read] reads: whoever changes one
// changes the other, and xmlRecord.
func appendRecord(b []byte, r *Record) []byte {
	b = append(b, "  <satellite>\n"...)
	b = appendElement(b, "host_id", r.HostID)
	b = appendElement(b, "scheme", r.Callback.Scheme)
	b = appendAddress(append(b, "    <addr>"...), r.Callback.Addr)
	b = append(b, "</addr>\n"...)
	b = appendElement(b, "path", r.Callback.Path)
	b = appendAddress(append(b, "    <seen>"...), r.Seen)
	b = appendDumpTime(append(b, "</seen>\n    <registered>"...), r.Registered)
	b = append(b, "</registered>\n"...)
	b = appendElement(b, "nick", r.Nick)
	for _, p := range r.Plugins {
		b = appendElement(b, "plugin", p)
	}
	b = appendElement(b, "notify_pass", r.NotifyPass)
	b = appendElement(b, "message_info", strconv.FormatBool(r.MessageInfo))
	b = appendOptions(b, r)
	return appendTraffic(b, r.Traffic)
}

// appendOptions writes what is left out when it is empty.
func appendOptions(b []byte, r *Record) []byte {
	if r.Dialect != 0 {
		b = appendElement(b, "dialect", r.Dialect.String())
	}
	if r.Queue != "" {
		b = appendElement(b, "queue", string(r.Queue))
	}
	for _, flag := range [...]struct {
		name string
		set  bool
	}{{"presence", r.Presence}, {"paused", r.Paused}, {"pinned", r.Pinned}} {
		if flag.set {
			b = appendElement(b, flag.name, "true")
		}
	}
	return b
}

func appendTraffic(b []byte, t Traffic) []byte {
	b = strconv.AppendInt(append(b, `    <sent count="`...), int64(t.SendCount), 10)
	b = appendDumpTime(append(b, `" time="`...), t.SendTime)
	b = strconv.AppendInt(append(b, "\"></sent>\n    <received count=\""...), int64(t.RecvCount), 10)
	b = strconv.AppendInt(append(b, `" fails="`...), int64(t.RecvFails), 10)
	b = appendDumpTime(append(b, `" time="`...), t.RecvTime)
	return append(b, "\"></received>\n  </satellite>\n"...)
}

func appendElement(b []byte, name, text string) []byte {
	b = append(append(append(b, "    <"...), name...), '>')
	b = wire.AppendText(b, text)
	return append(append(append(b, "</"...), name...), ">\n"...)
}

// appendAddress writes an address. Its zone is a name that an interface was
// given, so it may hold anything.
func appendAddress(b []byte, a interface{ AppendTo([]byte) []byte }) []byte {
	start := len(b)
	b = a.AppendTo(b)
	if bytes.IndexByte(b[start:], '%') < 0 {
		return b
	}
	return wire.AppendText(b[:start], string(b[start:]))
}

// appendDumpTime writes t in UTC to the nanosecond; never is empty.
func appendDumpTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	return t.UTC().AppendFormat(b, time.RFC3339Nano)
}

// sorted returns records as a dump orders them.
func sorted(records []*Record) []*Record {
	if !slices.IsSortedFunc(records, olderRecord) {
		slices.SortFunc(records, olderRecord)
	}
	return records
}
