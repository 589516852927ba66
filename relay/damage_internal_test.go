package relay

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// hundred is a dump of 100 satellites, and the generation before it, of 99.
func hundred() (doc, previous []byte) {
	records := benchRecords(100)
	return AppendDump(nil, records, saved), AppendDump(nil, records[:99], saved.Add(-time.Minute))
}

// damaged loads a folder with a damaged dump and a good generation before it.
func damaged(t *testing.T, doc, previous []byte) []Record {
	t.Helper()
	d := newDisk()
	d.names[dumpName] = &inode{data: doc}
	d.names[generations[1]] = &inode{data: previous}
	dump, records := d.open(t)
	if aside, err := d.Names(); err != nil || len(aside) != 2 || !strings.HasPrefix(aside[1], dumpName+asideMark) {
		t.Fatalf("files after loading a damaged dump = %v, %v", aside, err)
	}
	if len(dump.Trouble()) != 2 {
		t.Fatalf("Trouble = %q, want what is wrong and what is used", dump.Trouble())
	}
	return records
}

func TestEveryTruncation(t *testing.T) {
	doc, previous := hundred()
	for n := range len(doc) {
		if records, err := ParseDump(doc[:n]); records != nil || err == nil {
			t.Fatalf("ParseDump of the first %d octets = %d records, %v", n, len(records), err)
		}
		if n%61 != 0 {
			continue // a whole folder is the same, only slower
		}
		if records := damaged(t, doc[:n], previous); len(records) != 99 {
			t.Fatalf("Load of the first %d octets = %d satellites, want the 99 before", n, len(records))
		}
	}
}

// Every single bit of a dump of 100 satellites is flipped, on all processors;
// each 499th one in a whole folder.
func TestEveryFlippedBit(t *testing.T) {
	whole, previous := hundred()
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		doc := bytes.Clone(whole)
		all.Go(func() {
			for {
				bit := int(next.Add(1)) - 1
				if bit >= 8*len(doc) || t.Failed() {
					return
				}
				doc[bit/8] ^= 1 << (bit % 8)
				if records, err := ParseDump(doc); records != nil || err == nil {
					t.Errorf("ParseDump with bit %d of octet %d flipped = %d records, %v", bit%8, bit/8, len(records), err)
				}
				doc[bit/8] ^= 1 << (bit % 8)
			}
		})
	}
	all.Wait()
	for bit := 0; bit < 8*len(whole); bit += 499 {
		doc := bytes.Clone(whole)
		doc[bit/8] ^= 1 << (bit % 8)
		if records := damaged(t, doc, previous); len(records) != 99 {
			t.Fatalf("Load with bit %d of octet %d flipped = %d satellites, want the 99 before", bit%8, bit/8, len(records))
		}
	}
}

// sealed puts the right checksum behind a document.
func sealed(body string) []byte { return appendSum([]byte(body), dumpSum(0, []byte(body))) }

// nasties are documents that somebody may find, or lay, in place of a dump.
func nasties() map[string][]byte {
	doc, _ := hundred()
	body := string(doc[:bytes.LastIndex(doc, []byte(sumStart))])
	root := `<co2-dump version="2" satellites="1">`
	one := `<satellite><host_id>192.0.2.1:1</host_id><registered>2026-01-02T03:04:05Z</registered></satellite>`
	return map[string][]byte{
		"empty":               {},
		"blank":               []byte(strings.Repeat(" \n", 5000)),
		"NULs":                make([]byte, 100_000),
		"NULs behind it":      append(bytes.Clone(doc), make([]byte, 4096)...),
		"NULs within":         slices.Concat(doc[:8192], make([]byte, 4096), doc[12288:]),
		"twice":               slices.Concat(doc, doc),
		"plain text":          []byte("root:x:0:0:root:/root:/bin/sh\n"),
		"JSON":                []byte(`{"satellites": []}`),
		"octets":              bytes.Repeat([]byte{0xFF, 0xFE, 0x00, 0x3C}, 5000),
		"another's XML":       sealed(`<plist version="1.0"><dict/></plist>` + "\n"),
		"HTML":                []byte("<!DOCTYPE html><html><body><p>502 Bad Gateway</html>"),
		"entities":            sealed(`<!DOCTYPE co2-dump [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>` + root + strings.Replace(one, "<registered>", "<nick>&c;</nick><registered>", 1) + "</co2-dump>\n"),
		"a file as entity":    sealed(`<!DOCTYPE co2-dump [<!ENTITY f SYSTEM "file:///etc/passwd">]>` + root + strings.Replace(one, "<registered>", "<nick>&f;</nick><registered>", 1) + "</co2-dump>\n"),
		"deep":                sealed(root + strings.Repeat("<a>", 50_000) + "\n"),
		"deep in a satellite": sealed(root + "<satellite>" + strings.Repeat("<nick>", 50_000) + strings.Repeat("</nick>", 50_000) + "</satellite></co2-dump>\n"),
		"long root":           sealed(`<co2-dump version="2" satellites="` + strings.Repeat("1", 1<<20) + `"></co2-dump>` + "\n"),
		"many satellites":     sealed(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<co2-dump version="2" saved="" satellites="9223372036854775807">` + "\n</co2-dump>\n"),
		"a wrong checksum":    append([]byte(body), "<!-- crc32c 00000000 -->\n"...),
		"an odd checksum":     append([]byte(body), "<!-- crc32c 0 -->\n"...),
		"half a checksum":     append([]byte(body), "<!-- crc32c "...),
		"an unknown checksum": append([]byte(body), "<!-- md5 00000000 -->\n"...),
		"two of one host id":  sealed(`<co2-dump version="2" satellites="2">` + one + one + "</co2-dump>\n"),
		"no address":          sealed(root + strings.Replace(one, "192.0.2.1:1", "nobody", 1) + "</co2-dump>\n"),
		"no satellites":       sealed(root + "</co2-dump>\n"),
		"a newer version":     sealed(strings.Replace(body, `version="2"`, `version="3"`, 1)),
		"much newer":          sealed(strings.Replace(body, `version="2"`, `version="9223372036854775807"`, 1)),
		"newer, other sum":    append([]byte(strings.Replace(body, `version="2"`, `version="3"`, 1)), "<!-- blake3 00 -->\n"...),
		"version 0":           sealed(strings.Replace(body, `version="2"`, `version="0"`, 1)),
		"CRLF":                bytes.ReplaceAll(doc, []byte("\n"), []byte("\r\n")),
		"a byte order mark":   append([]byte("\ufeff"), doc...),
		"UTF-16":              append([]byte{0xFE, 0xFF}, bytes.ReplaceAll(doc, []byte("<"), []byte("\x00<"))...),
		"another encoding":    sealed(strings.Replace(body, "UTF-8", "EBCDIC", 1)),
		"bad UTF-8":           sealed(strings.Replace(body, "hall", "h\xE4ll", 1)),
		"an edited nick":      bytes.Replace(doc, []byte("hall"), []byte("hell"), 1),
	}
}

func TestNasties(t *testing.T) {
	_, previous := hundred()
	for name, doc := range nasties() {
		began := time.Now()
		if records := damaged(t, doc, previous); len(records) != 99 {
			t.Errorf("%s: Load = %d satellites, want the 99 before", name, len(records))
		}
		if took := time.Since(began); took > 10*time.Second { // it is a second on a quiet machine without the race detector
			t.Errorf("%s: it took %v", name, took)
		}
		if report := CheckDump(doc); len(report.Problems) == 0 || len(report.Problems) > maxProblems+2 {
			t.Errorf("%s: CheckDump = %v, want some problems", name, report)
		}
	}
}

// What is good in spite of its looks: others may have written it, or a later
// co2 with more to say.
func TestOddButGood(t *testing.T) {
	doc, _ := hundred()
	body := string(doc[:bytes.LastIndex(doc, []byte(sumStart))])
	want := benchRecords(100)
	for name, odd := range map[string][]byte{
		"more elements":     sealed(strings.ReplaceAll(body, "</satellite>", "<moon><crater/>x</moon></satellite>")),
		"more at the root":  sealed(strings.Replace(body, "</co2-dump>", "<key>x<y/></key></co2-dump>", 1)),
		"more attributes":   sealed(strings.ReplaceAll(body, "<satellite>", `<satellite since="x">`)),
		"blanks":            sealed(strings.ReplaceAll(body, "><", ">\n  <")),
		"CDATA":             sealed(strings.ReplaceAll(body, "&lt;hall &amp; yard&gt;", "<![CDATA[<hall & yard>]]>")),
		"a byte order mark": sealed("\ufeff" + body),
		"an old checksum":   fmt.Appendf([]byte(body), oldSumStart+"%x"+sumEnd, sha256.Sum256([]byte(body))),
		"CRLF":              sealed(strings.ReplaceAll(body, "\n", "\r\n")),
	} {
		if records, err := ParseDump(odd); err != nil || !reflect.DeepEqual(records, want) {
			t.Errorf("%s: ParseDump = %d records, %v; want what is in it", name, len(records), err)
		}
	}
}

// No secret is in what is said about a damaged dump, wherever it is cut.
func TestProblemsTellNoSecret(t *testing.T) {
	const secret = "s3cret<&;>"
	r := sat(1, 1)
	r.NotifyPass = secret
	doc := string(AppendDump(nil, []Record{r}, saved))
	body := doc[:strings.LastIndex(doc, sumStart)]
	broken := []string{strings.Replace(body, "s3cret&lt;&amp;;&gt;", secret, 1), strings.Replace(body, "s3cret", "&s3cret;", 1)}
	for n := range len(body) {
		broken = append(broken, body[:n], body[:n]+"<"+body[n:], body[:n]+"&"+body[n:], body[:n]+"\x00"+body[n:])
	}
	for _, b := range broken {
		for _, doc := range [][]byte{[]byte(b), sealed(b)} {
			if said := fmt.Sprint(CheckDump(doc)); strings.Contains(said, "s3cr") {
				t.Fatalf("CheckDump of %q = %s", doc, said)
			}
		}
	}
}

// What is no file at all is set aside too, without following or waiting.
func TestForeignFiles(t *testing.T) {
	_, previous := hundred()
	for name, lay := range map[string]func(path string) error{
		"a folder":       func(path string) error { return os.MkdirAll(filepath.Join(path, "x"), 0o700) },
		"a link":         func(path string) error { return os.Symlink("dump.xml.1", path) },
		"a link to none": func(path string) error { return os.Symlink("nowhere", path) },
		"a pipe":         func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"1 GiB of holes": func(path string) error { return sparse(path, 1<<30, nil) },
		"2 GiB of holes": func(path string) error { return sparse(path, 2<<30, nil) },
		"a head and holes": func(path string) error {
			return sparse(path, 1<<30, []byte(dumpStart+`2" saved="" satellites="0">`))
		},
		"without a right to read": func(path string) error { return os.WriteFile(path, nil, 0) },
	} {
		dir := t.TempDir()
		d, err := OpenDump(dir, discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := lay(d.Path()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(d.Path()+".1", previous, 0o600); err != nil {
			t.Fatal(err)
		}
		if records, err := d.Load(t.Context()); err != nil || len(records) != 99 {
			t.Errorf("%s: Load = %d satellites, %v; want the 99 before", name, len(records), err)
		}
		if aside, err := filepath.Glob(d.Path() + asideMark + "*"); err != nil || len(aside) != 1 {
			t.Errorf("%s: set aside: %v, %v", name, aside, err)
		}
		if err := d.Commit(t.Context(), Change{Put: []Record{sat(1, 1)}}); err != nil {
			t.Errorf("%s: Commit after it = %v", name, err)
		}
		d.Close()
	}
}

func sparse(path string, size int64, head []byte) error {
	if err := os.WriteFile(path, head, 0o600); err != nil {
		return err
	}
	return os.Truncate(path, size)
}

// A relay that finds a bad dump at each of many starts keeps some of them.
func TestSetAsideIsBounded(t *testing.T) {
	d := newDisk()
	for n := range 30 {
		d.names[dumpName] = &inode{data: fmt.Appendf(nil, "bad %d", n)}
		if n%2 == 0 {
			d.now = d.now.Add(time.Second) // else two have the same time
		}
		d.open(t)
	}
	names, _ := d.Names()
	if len(names) != maxAside {
		t.Errorf("files set aside = %v, want %d", names, maxAside)
	}
	for n, name := range names {
		if got, want := string(d.names[name].data), fmt.Sprintf("bad %d", 30-maxAside+n); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// FuzzDumpReaders compares the fast reader with encoding/xml: what the one takes the
// other takes, with the same result.
func FuzzDumpReaders(f *testing.F) {
	doc := AppendDump(nil, benchRecords(2), saved)
	f.Add(doc[:bytes.LastIndex(doc, []byte(sumStart))])
	golden := goldenDump()
	f.Add(golden[:bytes.LastIndex(golden, []byte(sumStart))])
	r := sat(1, 1)
	r.Callback, r.Plugins, r.Marks, r.Presence, r.MessageInfo, r.Queue = Callback{"https", r.Callback.Addr, "/a&b"}, []string{"", "\ufffd\r]]>"}, Marks{true, true, "a <b> & \r"}, true, true, DropNewest
	r.Dialect = 1
	f.Add(append(appendRecord(appendDumpStart(nil, 1, saved), &r), dumpEnd...))
	f.Fuzz(func(t *testing.T, body []byte) {
		usual, ok := readUsual(body)
		if !ok {
			return
		}
		slow, problems := readXML(body)
		if problems != nil || !reflect.DeepEqual(usual.records, slow) && len(slow) > 0 {
			t.Errorf("readUsual(%q) = %+v\nreadXML: %+v, %v", body, usual.records, slow, problems)
		}
		for i := range usual.records {
			if err := xml.Unmarshal([]byte(usual.line(i)), new(xmlRecord)); err != nil {
				t.Errorf("line %d of %q is %q: %v", i, body, usual.line(i), err)
			}
		}
	})
}
