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

// errDamaged marks a dump that cannot be used, for good.
var errDamaged = errors.New("not usable")

// ParseDump returns the records of a whole dump, in its order, or none and
// the first thing that is wrong with it.
func ParseDump(doc []byte) ([]Record, error) {
	content, report := readDump(doc, false)
	return content.records, report.err()
}

// CheckDump tells what a dump is and all that is wrong with it. No secret is
// in what it tells.
func CheckDump(doc []byte) DumpReport {
	_, report := readDump(doc, true)
	return report
}

// A DumpReport says what a dump is.
type DumpReport struct {
	Name       string    // of its file; empty: none
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

// err is nil for a good dump.
func (r *DumpReport) err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", errDamaged, r.Problems[0])
}

// dumpContent is what a dump holds.
type dumpContent struct {
	records []Record
	body    []byte
	ends    []int // where in body the records end, after where the first begins; nil: not in our form
}

// line returns record i as a dump has it.
func (c *dumpContent) line(i int) string {
	if c.ends == nil {
		return string(appendRecord(nil, &c.records[i]))
	}
	return string(c.body[c.ends[i]:c.ends[i+1]])
}

// readDump ends at the first thing that is wrong, unless it is to tell all.
// What it returns of a bad dump is nothing.
func readDump(doc []byte, all bool) (content dumpContent, report DumpReport) {
	if !report.head(doc) {
		return content, report
	}
	body := report.checkSum(doc)
	switch {
	case report.Version > dumpVersion:
		report.newer()
		return content, report
	case len(report.Problems) > 0 && !all:
		return content, report
	}
	content, usual := readUsual(body)
	if !usual {
		var problems []DumpProblem
		content.records, problems = readXML(body)
		report.Problems = append(report.Problems, problems...)
	}
	report.Satellites = len(content.records)
	report.records(content.records)
	if len(report.Problems) > 0 {
		content = dumpContent{}
	}
	return content, report
}

// headLength is how much of a document is looked at to see whose it is.
const headLength = 4096

// head reads what the root says, and reports whether this is a dump at all.
func (r *DumpReport) head(doc []byte) bool {
	usual := recordReader{rest: doc[:min(len(doc), headLength)]}
	if version, saved, _ := usual.root(); !usual.odd {
		r.Version, r.Saved = version, saved
		return true
	}
	return r.headXML(doc)
}

func (r *DumpReport) headXML(doc []byte) bool {
	if len(bytes.Trim(doc[:min(len(doc), headLength)], " \t\r\n\x00")) == 0 {
		r.problem(0, "it is empty or begins with nothing but blanks")
		return false
	}
	doc = doc[:min(len(doc), headLength)]
	x := xmlReader{dec: xml.NewDecoder(bytes.NewReader(doc))}
	root, ok := x.root()
	switch {
	case !ok && !bytes.Contains(doc, []byte("<co2-dump")):
		r.problem(0, "this is no dump of co2")
		return false
	case !ok:
		r.Problems = x.problems
		return false
	}
	var err error
	if r.Version, err = strconv.Atoi(root.Version); err != nil || r.Version < 1 {
		r.problem(x.line(), "its version is %s, this co2 reads 1 to %d", clip(root.Version), dumpVersion)
		return false
	}
	if r.Saved, err = time.Parse(time.RFC3339Nano, root.Saved); err != nil && root.Saved != "" {
		r.problem(x.line(), "saved cannot be %s", clip(root.Saved))
	}
	return true
}

// newer says so of a dump that this co2 is too old for.
func (r *DumpReport) newer() {
	text := "written by a newer co2, version %d; this co2 reads up to version %d"
	if !r.Checksum {
		text = "written by a newer co2, version %d, or damaged, for its checksum does not fit; this co2 reads up to version %d"
	}
	r.Problems = []DumpProblem{{Text: fmt.Sprintf(text, r.Version, dumpVersion)}}
}

// checkSum returns doc without its last line, the checksum, and compares it.
func (r *DumpReport) checkSum(doc []byte) (body []byte) {
	last := lastLine(doc)
	body = doc[:len(doc)-len(last)]
	var want string
	switch {
	case strings.HasPrefix(last, sumStart):
		want = string(appendSum(nil, dumpSum(0, body)))
	case strings.HasPrefix(last, oldSumStart):
		want = fmt.Sprintf(oldSumStart+"%x"+sumEnd, sha256.Sum256(body))
	default:
		r.noSum()
		return doc
	}
	if r.Checksum = last == want; !r.Checksum {
		r.problem(0, "the checksum does not fit: it was damaged, or changed by hand")
	}
	return body
}

// oldSumStart begins the last line of version 1.
const oldSumStart = "<!-- sha256 "

// lastLine returns the last line of doc if it may be a checksum.
func lastLine(doc []byte) string {
	tail := doc[max(0, len(doc)-tailLength):]
	last := tail[bytes.LastIndexByte(bytes.TrimSuffix(tail, []byte("\n")), '\n')+1:]
	return string(last)
}

// tailLength is more than the last line has, in octets.
const tailLength = 256

// tail looks whether a dump that ends with doc may be whole.
func (r *DumpReport) tail(doc []byte) {
	if last := lastLine(doc); !strings.HasPrefix(last, sumStart) && !strings.HasPrefix(last, oldSumStart) {
		r.noSum()
	}
}

func (r *DumpReport) noSum() {
	r.problem(0, "its last line is not a checksum: it was cut short, or changed by hand")
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
