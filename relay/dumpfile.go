package relay

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/netip"
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
)

// errDamaged marks a dump that cannot be used.
var errDamaged = errors.New("damaged dump")

func appendDump(b []byte, records map[string]Record, now time.Time) []byte {
	b = append(b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	b = fmt.Appendf(b, "<co2-dump version=\"%d\" saved=\"%s\" satellites=\"%d\">\n", dumpVersion, dumpTime(now), len(records))
	for _, r := range slices.SortedFunc(maps.Values(records), olderRecord) {
		b = appendRecord(b, r)
	}
	b = append(b, "</co2-dump>\n"...)
	sum := sha256.Sum256(b)
	return append(b, sumStart+hex.EncodeToString(sum[:])+sumEnd...)
}

func olderRecord(a, b Record) int {
	return cmp.Or(a.Registered.Compare(b.Registered), cmp.Compare(a.HostID, b.HostID))
}

func appendRecord(b []byte, r Record) []byte {
	b = append(b, "  <satellite>\n"...)
	b = appendElement(b, "host_id", r.HostID)
	b = appendElement(b, "scheme", r.Callback.Scheme)
	b = appendElement(b, "addr", r.Callback.Addr.String())
	b = appendElement(b, "path", r.Callback.Path)
	b = appendElement(b, "seen", r.Seen.String())
	b = appendElement(b, "registered", dumpTime(r.Registered))
	b = appendElement(b, "nick", r.Nick)
	for _, p := range r.Plugins {
		b = appendElement(b, "plugin", p)
	}
	b = appendElement(b, "notify_pass", r.NotifyPass)
	b = appendElement(b, "message_info", strconv.FormatBool(r.MessageInfo))
	if r.Dialect != 0 {
		b = appendElement(b, "dialect", r.Dialect.String())
	}
	if r.Queue != "" {
		b = appendElement(b, "queue", string(r.Queue))
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"presence", r.Presence}, {"paused", r.Paused}, {"pinned", r.Pinned}} {
		if flag.set {
			b = appendElement(b, flag.name, "true")
		}
	}
	b = fmt.Appendf(b, "    <sent count=\"%d\" time=\"%s\"></sent>\n", r.SendCount, dumpTime(r.SendTime))
	b = fmt.Appendf(b, "    <received count=\"%d\" fails=\"%d\" time=\"%s\"></received>\n", r.RecvCount, r.RecvFails, dumpTime(r.RecvTime))
	return append(b, "  </satellite>\n"...)
}

func appendElement(b []byte, name, text string) []byte {
	b = append(b, "    <"+name+">"...)
	b = wire.AppendText(b, text)
	return append(b, "</"+name+">\n"...)
}

// dumpTime writes t in UTC to the nanosecond; never is empty.
func dumpTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// xmlDump and xmlRecord are the file as encoding/xml reads it.
type xmlDump struct {
	XMLName    xml.Name    `xml:"co2-dump"`
	Version    int         `xml:"version,attr"`
	Count      int         `xml:"satellites,attr"`
	Satellites []xmlRecord `xml:"satellite"`
}

type xmlRecord struct {
	HostID      string   `xml:"host_id"`
	Scheme      string   `xml:"scheme"`
	Addr        string   `xml:"addr"`
	Path        string   `xml:"path"`
	Seen        string   `xml:"seen"`
	Registered  string   `xml:"registered"`
	Nick        string   `xml:"nick"`
	Plugins     []string `xml:"plugin"`
	NotifyPass  string   `xml:"notify_pass"`
	MessageInfo bool     `xml:"message_info"`
	Dialect     string   `xml:"dialect"` // this and the next four are missing where they are empty
	Queue       string   `xml:"queue"`
	Presence    bool     `xml:"presence"`
	Paused      bool     `xml:"paused"`
	Pinned      bool     `xml:"pinned"`
	Sent        xmlCount `xml:"sent"`
	Received    xmlCount `xml:"received"`
}

type xmlCount struct {
	Count int    `xml:"count,attr"`
	Fails int    `xml:"fails,attr"`
	Time  string `xml:"time,attr"`
}

// parseDump reads a whole dump or none of it.
func parseDump(doc []byte) ([]Record, error) {
	body, err := checkSum(doc)
	if err != nil {
		return nil, err
	}
	var file xmlDump
	if err := xml.Unmarshal(body, &file); err != nil {
		return nil, fmt.Errorf("%w: %v", errDamaged, err)
	}
	if file.Version != dumpVersion {
		return nil, fmt.Errorf("%w: its version is %d, this co2 reads version %d", errDamaged, file.Version, dumpVersion)
	}
	if file.Count != len(file.Satellites) {
		return nil, fmt.Errorf("%w: %d satellites, want %d", errDamaged, len(file.Satellites), file.Count)
	}
	records := make([]Record, len(file.Satellites))
	for i, x := range file.Satellites {
		if records[i], err = x.record(); err != nil {
			return nil, fmt.Errorf("%w: satellite %d (%s): %v", errDamaged, i+1, clip(x.HostID), err)
		}
	}
	return records, nil
}

// checkSum returns the part of doc that the checksum vouches for.
func checkSum(doc []byte) ([]byte, error) {
	const length = len(sumStart) + 2*sha256.Size + len(sumEnd)
	if len(doc) < length {
		return nil, fmt.Errorf("%w: %d octets are too few", errDamaged, len(doc))
	}
	body, last := doc[:len(doc)-length], doc[len(doc)-length:]
	sum := sha256.Sum256(body)
	if want := sumStart + hex.EncodeToString(sum[:]) + sumEnd; !bytes.Equal(last, []byte(want)) {
		return nil, fmt.Errorf("%w: the checksum does not fit", errDamaged)
	}
	return body, nil
}

func (x xmlRecord) record() (r Record, err error) {
	r = Record{
		Registration: Registration{
			HostID: x.HostID, Callback: Callback{Scheme: x.Scheme, Path: x.Path},
			Nick: x.Nick, Plugins: x.Plugins, NotifyPass: x.NotifyPass, MessageInfo: x.MessageInfo,
			Queue: QueuePolicy(x.Queue), Presence: x.Presence,
		},
		Marks:   Marks{Paused: x.Paused, Pinned: x.Pinned},
		Traffic: Traffic{SendCount: x.Sent.Count, RecvCount: x.Received.Count, RecvFails: x.Received.Fails},
	}
	r.Dialect, _ = wire.ParseDialect(x.Dialect) // a newer co2 may know more words; those left still help
	var errs [5]error
	r.Callback.Addr, errs[0] = netip.ParseAddrPort(x.Addr)
	r.Seen, errs[1] = netip.ParseAddr(x.Seen)
	r.Registered, errs[2] = parseDumpTime(x.Registered)
	r.SendTime, errs[3] = parseDumpTime(x.Sent.Time)
	r.RecvTime, errs[4] = parseDumpTime(x.Received.Time)
	return r, errors.Join(errs[:]...)
}

func parseDumpTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, s)
}
