package relay

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// errDamaged marks a dump that cannot be used.
var errDamaged = errors.New("damaged dump")

// ParseDump returns the records of a whole dump, in its order, or none and
// the first thing that is wrong with it.
func ParseDump(doc []byte) ([]Record, error) {
	records, report := readDump(doc, false)
	if len(report.Problems) > 0 {
		return nil, fmt.Errorf("%w: %s", errDamaged, report.Problems[0])
	}
	return records, nil
}

// CheckDump tells what a dump is and all that is wrong with it. No secret is
// in what it tells.
func CheckDump(doc []byte) DumpReport {
	_, report := readDump(doc, true)
	return report
}

// A DumpReport says what a dump is.
type DumpReport struct {
	Version    int       // 0: not told
	Saved      time.Time // wall clock; zero: not told
	Satellites int
	Checksum   bool          // it fits
	Problems   []DumpProblem // none: the dump is good; 20 at most
}

// A DumpProblem is one thing that is wrong with a dump.
type DumpProblem struct {
	Line int // from 1; 0: the dump as a whole
	Text string
}

func (p DumpProblem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

func (r *DumpReport) problem(line int, format string, args ...any) {
	r.Problems = append(r.Problems, DumpProblem{line, fmt.Sprintf(format, args...)})
}

// readDump ends at the first thing that is wrong, unless it is to tell all.
func readDump(doc []byte, all bool) (records []Record, report DumpReport) {
	if !report.head(doc) {
		return nil, report
	}
	body := report.checkSum(doc)
	switch {
	case report.Version > dumpVersion:
		report.newer()
		return nil, report
	case len(report.Problems) > 0 && !all:
		return nil, report
	}
	records, usual := readUsual(body)
	if !usual {
		var problems []DumpProblem
		records, problems = readXML(body)
		report.Problems = append(report.Problems, problems...)
	}
	report.Satellites = len(records)
	report.records(records)
	return records, report
}

// headLength is how much of a document is looked at to see whose it is.
const headLength = 4096

// head reads what the root says, and reports whether this is a dump at all.
func (r *DumpReport) head(doc []byte) bool {
	if len(bytes.Trim(doc[:min(len(doc), headLength)], " \t\r\n\x00")) == 0 {
		r.problem(0, "it is empty or blank (%d octets)", len(doc))
		return false
	}
	x := xmlReader{dec: xml.NewDecoder(bytes.NewReader(doc[:min(len(doc), headLength)]))}
	root, ok := x.root()
	if !ok {
		r.Problems = x.problems
		return false
	}
	var err error
	if r.Version, err = strconv.Atoi(root.Version); err != nil || r.Version < 1 {
		r.problem(x.line(), "its version is %s, this co2 reads version %d", clip(root.Version), dumpVersion)
		return false
	}
	if r.Saved, err = time.Parse(time.RFC3339Nano, root.Saved); err != nil && root.Saved != "" {
		r.problem(x.line(), "saved cannot be %s", clip(root.Saved))
	}
	return true
}

func (r *DumpReport) newer() {
	text := "written by a newer co2, version %d; this co2 reads version %d"
	if !r.Checksum {
		text = "written by a newer co2, version %d, or damaged: its checksum is none that this co2 knows, which reads version %d"
	}
	r.Problems = []DumpProblem{{Text: fmt.Sprintf(text, r.Version, dumpVersion)}}
}

// checkSum returns doc without its last line, the checksum, and compares it.
func (r *DumpReport) checkSum(doc []byte) (body []byte) {
	n := bytes.LastIndexByte(bytes.TrimSuffix(doc, []byte("\n")), '\n') + 1
	body, last := doc[:n], string(doc[n:])
	var want string
	switch {
	case strings.HasPrefix(last, sumStart):
		want = string(appendSum(nil, dumpSum(0, body)))
	case strings.HasPrefix(last, "<!-- sha256 "): // version 1
		want = fmt.Sprintf("<!-- sha256 %x -->\n", sha256.Sum256(body))
	default:
		r.problem(0, "its last line is not a checksum: it was cut short, or more was added")
		return doc
	}
	if r.Checksum = last == want; !r.Checksum {
		r.problem(0, "the checksum does not fit: it was damaged, or changed by hand")
	}
	return body
}

// records looks for satellites that cannot be: without a host id or a port,
// or there twice.
func (r *DumpReport) records(records []Record) {
	number := make(map[string]int, len(records))
	for i := range records {
		id := records[i].HostID
		switch first := number[id]; {
		case len(r.Problems) >= maxProblems:
			return
		case id == "":
			r.problem(0, "satellite %d has no host id", i+1)
		case first > 0:
			r.problem(0, "satellites %d and %d are both %s", first, i+1, clip(id))
		case records[i].Callback.Addr.IsValid() && records[i].Callback.Addr.Port() == 0:
			r.problem(0, "satellite %d (%s) has port 0", i+1, clip(id))
		}
		number[id] = i + 1
	}
}
