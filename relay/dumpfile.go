package relay

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"time"

	"co2/methods/wire"
)

// The form of a dump: a root with a version, one line per satellite, and a
// last line with a checksum over everything before it. What is as usual for a
// satellite is left out. Version 1, which is still read, left out less and
// had SHA-256, which cost more than all the rest.
const (
	dumpVersion = 2
	dumpStart   = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<co2-dump version="`
	dumpEnd     = "</co2-dump>\n"
	sumStart    = "<!-- crc32c "
	sumEnd      = " -->\n"
)

// What a satellite has that does not say otherwise.
const (
	usualScheme = "http"
	usualPath   = "/RPC2"
)

// maxDump bounds a dump, in octets. A change that would make it larger is
// refused, so that what was written can always be read.
const maxDump = 1 << 30

// AppendDump appends the dump of records to b, as it is at saved. Records are
// best ordered by the time of registration, as [ParseDump] returns them.
func AppendDump(b []byte, records []Record, saved time.Time) []byte {
	start := len(b)
	b = slices.Grow(b, 512+400*len(records)) // more than most take: growing costs a copy
	b = appendDumpStart(b, len(records), saved)
	for i := range records {
		b = appendRecord(b, &records[i])
	}
	b = append(b, dumpEnd...)
	return appendSum(b, dumpSum(0, b[start:]))
}

func appendDumpStart(b []byte, satellites int, saved time.Time) []byte {
	b = strconv.AppendInt(append(b, dumpStart...), dumpVersion, 10)
	b = appendDumpTime(append(b, `" saved="`...), saved)
	b = strconv.AppendInt(append(b, `" satellites="`...), int64(satellites), 10)
	return append(b, "\">\n"...)
}

// dumpSum adds b to a checksum that begins as 0. CRC-32C finds every change
// of up to three bits in a dump of up to 256 MiB, and one in four milliards of
// other changes goes unseen.
func dumpSum(sum uint32, b []byte) uint32 {
	return crc32.Update(sum, crc32.MakeTable(crc32.Castagnoli), b)
}

func appendSum(b []byte, sum uint32) []byte {
	b = fmt.Appendf(append(b, sumStart...), "%08x", sum)
	return append(b, sumEnd...)
}

// olderRecord orders records as a dump does.
func olderRecord(a, b *Record) int {
	return cmp.Or(a.Registered.Compare(b.Registered), cmp.Compare(a.HostID, b.HostID))
}

// appendRecord writes what [recordReader.read] reads: whoever changes one
// changes the other, and xmlRecord.
func appendRecord(b []byte, r *Record) []byte {
	b = wire.AppendText(append(b, "<satellite><host_id>"...), r.HostID)
	b = append(b, "</host_id>"...)
	b = appendCallback(b, r)
	b = appendDumpTime(append(b, "<registered>"...), r.Registered)
	b = append(b, "</registered>"...)
	b = appendUnless(b, "nick", r.Nick, r.HostID)
	for _, p := range r.Plugins {
		b = appendElement(b, "plugin", p)
	}
	b = appendUnless(b, "notify_pass", r.NotifyPass, "")
	if r.Dialect != 0 {
		b = appendElement(b, "dialect", r.Dialect.String())
	}
	b = appendUnless(b, "queue", string(r.Queue), "")
	b = appendFlag(b, "message_info", r.MessageInfo)
	b = appendFlag(b, "presence", r.Presence)
	b = appendFlag(b, "paused", r.Paused)
	b = appendFlag(b, "pinned", r.Pinned)
	b = appendUnless(b, "pause_reason", r.PauseReason, "")
	return append(appendTraffic(b, &r.Traffic), "</satellite>\n"...)
}

// appendCallback writes the address if it is not in the host id.
func appendCallback(b []byte, r *Record) []byte {
	b = appendUnless(b, "scheme", r.Callback.Scheme, usualScheme)
	var room [64]byte
	if addr := r.Callback.Addr.AppendTo(room[:0]); string(addr) != r.HostID {
		b = appendElement(b, "addr", string(addr))
	}
	b = appendUnless(b, "path", r.Callback.Path, usualPath)
	if r.Seen != r.Callback.Addr.Addr() {
		b = appendElement(b, "seen", r.Seen.String())
	}
	return b
}

func appendTraffic(b []byte, t *Traffic) []byte {
	if t.SendCount != 0 || !t.SendTime.IsZero() {
		b = strconv.AppendInt(append(b, `<sent count="`...), int64(t.SendCount), 10)
		b = appendDumpTime(append(b, `" time="`...), t.SendTime)
		b = append(b, `"/>`...)
	}
	if t.RecvCount != 0 || t.RecvFails != 0 || !t.RecvTime.IsZero() {
		b = strconv.AppendInt(append(b, `<received count="`...), int64(t.RecvCount), 10)
		b = strconv.AppendInt(append(b, `" fails="`...), int64(t.RecvFails), 10)
		b = appendDumpTime(append(b, `" time="`...), t.RecvTime)
		b = append(b, `"/>`...)
	}
	return b
}

func appendElement(b []byte, name, text string) []byte {
	b = append(append(append(b, '<'), name...), '>')
	b = wire.AppendText(b, text)
	return append(append(append(b, "</"...), name...), '>')
}

func appendUnless(b []byte, name, text, usual string) []byte {
	if text == usual || text == "" {
		return b
	}
	return appendElement(b, name, text)
}

func appendFlag(b []byte, name string, set bool) []byte {
	if !set {
		return b
	}
	return appendElement(b, name, "true")
}

// appendDumpTime writes t in UTC to the nanosecond, as time.RFC3339Nano does;
// never is empty. Times are a third of the work of a dump, so the format is
// spelled out.
func appendDumpTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, time.RFC3339Nano)
	}
	hour, minute, second := t.Clock()
	b = append(b, "0000-00-00T00:00:00"...)
	text := b[len(b)-19:]
	for _, part := range [...]struct{ at, value int }{
		{0, year / 100}, {2, year % 100}, {5, int(month)}, {8, day}, {11, hour}, {14, minute}, {17, second},
	} {
		text[part.at] += byte(part.value / 10)
		text[part.at+1] += byte(part.value % 10)
	}
	if ns := t.Nanosecond(); ns != 0 {
		b = appendFraction(b, ns)
	}
	return append(b, 'Z')
}

// appendFraction writes a fraction of a second without zeros at its end.
func appendFraction(b []byte, ns int) []byte {
	b = append(b, ".000000000"...)
	for i := len(b) - 1; ns > 0; i-- {
		b[i] += byte(ns % 10)
		ns /= 10
	}
	return bytes.TrimRight(b, "0")
}
