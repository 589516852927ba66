package relay

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"co2/methods/wire"
)

// An xmlReader reads a dump in any spelling of XML: elements and attributes
// in any order, more of them than this co2 knows, or some of them missing. It
// is slow beside a [recordReader], and says what is wrong and in which line.
//
// What it says never quotes the document where that may be a secret.
type xmlReader struct {
	dec      *xml.Decoder
	stopped  bool // at XML that is not well-formed
	problems []DumpProblem
}

// xmlRecord is one satellite. All is text here, so that one mistake does not
// hide the next. What is missing or empty is as usual.
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
	MessageInfo string   `xml:"message_info"`
	Dialect     string   `xml:"dialect"`
	Queue       string   `xml:"queue"`
	Presence    string   `xml:"presence"`
	Paused      string   `xml:"paused"`
	Pinned      string   `xml:"pinned"`
	PauseReason string   `xml:"pause_reason"`
	Sent        xmlCount `xml:"sent"`
	Received    xmlCount `xml:"received"`
}

type xmlCount struct {
	Count string `xml:"count,attr"`
	Fails string `xml:"fails,attr"`
	Time  string `xml:"time,attr"`
}

// readXML returns the records of a dump, and what is wrong with it.
func readXML(body []byte) ([]Record, []DumpProblem) {
	x := xmlReader{dec: xml.NewDecoder(bytes.NewReader(body))}
	root, ok := x.root()
	if !ok {
		return nil, x.problems
	}
	records := x.satellites()
	if x.problems == nil && root.Satellites != strconv.Itoa(len(records)) {
		x.problem(0, "the root says %s satellites, there are %d", clip(root.Satellites), len(records))
	}
	return records, x.problems
}

// maxProblems is how many problems of a dump are told.
const maxProblems = 20

func (x *xmlReader) problem(line int, format string, args ...any) {
	if len(x.problems) < maxProblems {
		x.problems = append(x.problems, DumpProblem{line, fmt.Sprintf(format, args...)})
	}
}

func (x *xmlReader) line() int {
	line, _ := x.dec.InputPos()
	return line
}

// broken tells of XML that is not well-formed. The words of encoding/xml
// would repeat parts of the document.
func (x *xmlReader) broken(err error) {
	if x.stopped {
		return
	}
	x.stopped = true
	if errors.Is(err, io.EOF) {
		x.problem(x.line(), "the document ends too early")
		return
	}
	x.problem(x.line(), "this is not well-formed XML in UTF-8")
}

// A dumpRoot is what the root element of a dump says, as text.
type dumpRoot struct{ Version, Saved, Satellites string }

// root goes to the root element.
func (x *xmlReader) root() (r dumpRoot, ok bool) {
	for {
		token, err := x.dec.Token()
		if err != nil {
			x.broken(err)
			return r, false
		}
		start, isStart := token.(xml.StartElement)
		if !isStart {
			continue
		}
		if start.Name.Local != "co2-dump" {
			x.problem(x.line(), "this is no dump of co2: its root is <%s>", clip(start.Name.Local))
			return r, false
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "version":
				r.Version = a.Value
			case "saved":
				r.Saved = a.Value
			case "satellites":
				r.Satellites = a.Value
			}
		}
		return r, true
	}
}

// satellites reads to the end of the document.
func (x *xmlReader) satellites() (records []Record) {
	depth := 1
	for {
		token, err := x.dec.Token()
		if depth == 0 && errors.Is(err, io.EOF) {
			return records
		}
		if err != nil {
			x.broken(err)
			return records
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch {
			case depth == 0:
				x.problem(x.line(), "there is more behind the end of the dump")
				return records
			case t.Name.Local == "satellite":
				records = x.satellite(records, t)
			default:
				x.skip()
			}
		case xml.EndElement:
			depth--
		}
	}
}

func (x *xmlReader) skip() {
	if err := x.dec.Skip(); err != nil {
		x.broken(err)
	}
}

func (x *xmlReader) satellite(records []Record, start xml.StartElement) []Record {
	line := x.line()
	var raw xmlRecord
	if err := x.dec.DecodeElement(&raw, &start); err != nil {
		x.broken(err)
		return records
	}
	f := fields{}
	record := f.record(&raw)
	if f.wrong != "" {
		x.problem(line, "satellite %d (%s): %s", len(records)+1, clip(raw.HostID), f.wrong)
	}
	return append(records, record)
}

// fields turns the text of a satellite into values and keeps what is wrong
// first.
type fields struct{ wrong string }

func (f *fields) record(x *xmlRecord) Record {
	x.Scheme = cmp.Or(x.Scheme, usualScheme)
	x.Path = cmp.Or(x.Path, usualPath)
	at := field(f, "addr", cmp.Or(x.Addr, x.HostID), netip.ParseAddrPort)
	dialect, _ := wire.ParseDialect(x.Dialect) // a newer co2 may know more words; those left still help
	return Record{
		Registration: Registration{
			HostID: x.HostID, Callback: Callback{x.Scheme, at, x.Path},
			Seen: field(f, "seen", cmp.Or(x.Seen, at.Addr().String()), netip.ParseAddr), Nick: cmp.Or(x.Nick, x.HostID), Plugins: x.Plugins, NotifyPass: x.NotifyPass,
			MessageInfo: field(f, "message_info", x.MessageInfo, parseFlag), Dialect: dialect,
			Queue: QueuePolicy(x.Queue), Presence: field(f, "presence", x.Presence, parseFlag),
			Registered: field(f, "registered", x.Registered, parseDumpTime),
		},
		Marks: Marks{
			Paused: field(f, "paused", x.Paused, parseFlag),
			Pinned: field(f, "pinned", x.Pinned, parseFlag), PauseReason: x.PauseReason,
		},
		Traffic: Traffic{
			SendCount: field(f, "count of sent", x.Sent.Count, parseCount), SendTime: field(f, "time of sent", x.Sent.Time, parseDumpTime),
			RecvCount: field(f, "count of received", x.Received.Count, parseCount), RecvFails: field(f, "fails of received", x.Received.Fails, parseCount),
			RecvTime: field(f, "time of received", x.Received.Time, parseDumpTime),
		},
	}
}

func field[T any](f *fields, name, text string, parse func(string) (T, error)) T {
	v, err := parse(text)
	if err != nil && f.wrong == "" {
		f.wrong = fmt.Sprintf("%s cannot be %s", name, clip(text))
	}
	return v
}

func parseFlag(s string) (bool, error) {
	if s == "" {
		return false, nil
	}
	return strconv.ParseBool(strings.TrimSpace(s))
}

func parseCount(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err == nil && n < 0 {
		err = strconv.ErrRange
	}
	return n, err
}

// parseDumpTime reads what appendDumpTime writes.
func parseDumpTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, s)
}
