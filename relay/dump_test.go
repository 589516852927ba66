package relay_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"co2/relay"
)

// openDump opens the dump of a folder until the end of the test.
func openDump(t *testing.T, dir string) (*relay.Dump, *logBuffer) {
	t.Helper()
	log := new(logBuffer)
	d, err := relay.OpenDump(dir, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatalf("OpenDump = %v", err)
	}
	t.Cleanup(func() { d.Close() })
	return d, log
}

func load(t *testing.T, d *relay.Dump) []relay.Record {
	t.Helper()
	records, err := d.Load(context.Background())
	if err != nil {
		t.Fatalf("Load = %v", err)
	}
	return records
}

func put(t *testing.T, d *relay.Dump, records ...relay.Record) {
	t.Helper()
	if err := d.Commit(context.Background(), relay.Change{Put: records}); err != nil {
		t.Fatalf("Commit = %v", err)
	}
}

// hostileRecords are hard to write down.
func hostileRecords() []relay.Record {
	texts := []string{
		"plain", "", " blanks around ", "</nick><nick>x</nick>", "]]>&amp;<!-- --> <?xml?>", "\r\n\t\r", "a\rb\nc",
		"<!-- crc32c ", "Ünïcödé Ω Ж 日本", "astral 𝄞 😀", "\u00a0\u2028\u200b\ufeff", "\u0085\u007f", `"'`, strings.Repeat("long ", 300),
	}
	var records []relay.Record
	for i, text := range texts {
		at := netip.MustParseAddrPort(fmt.Sprintf("192.0.2.%d:2004", 200-i))
		r := relay.Record{
			Registration: relay.Registration{
				HostID: at.String(), Callback: relay.Callback{Scheme: "http", Addr: at, Path: "/RPC2"}, Seen: at.Addr(),
				Nick: cmp.Or(text, at.String()), NotifyPass: text, MessageInfo: i%2 == 0,
				Registered: time.Date(2026, 1, 1, 0, 0, i, 123456789, time.UTC),
			},
			Traffic: relay.Traffic{SendCount: i, RecvCount: math.MaxInt64, RecvFails: 3},
		}
		if i > 0 {
			r.Plugins = []string{"pd.bridge", text, ""}
			r.SendTime = time.Date(1969, 12, 31, 23, 59, 59, 1, time.UTC)
			r.RecvTime = time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
		}
		records = append(records, r)
	}
	six := records[0]
	six.HostID, six.Callback.Addr, six.Seen = "[fe80::1%eth0]:1", netip.MustParseAddrPort("[fe80::1%eth0]:1"), netip.MustParseAddr("fe80::1%eth0")
	six.Registered = six.Registered.Add(time.Hour)
	six.Callback.Scheme, six.Callback.Path = "https", "/a&b"
	return append(records, six)
}

func TestDumpRoundTrip(t *testing.T) {
	dir := t.TempDir()
	d, _ := openDump(t, dir)
	want := hostileRecords()
	for i := range want {
		put(t, d, want[len(want)-1-i]) // the order of age is not that of coming
	}
	d.Close()
	d, log := openDump(t, dir)
	got := load(t, d)
	if len(got) != len(want) {
		t.Fatalf("Load = %d records, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("record %d = %+v\nwant %+v", i, got[i], want[i])
		}
	}
	equal(t, "log", log.String(), "")
	// What was loaded is kept by the next commit.
	if err := d.Commit(context.Background(), relay.Change{Remove: []string{want[0].HostID}}); err != nil {
		t.Fatalf("Commit = %v", err)
	}
	d.Close()
	d, _ = openDump(t, dir)
	if got := load(t, d); !reflect.DeepEqual(got, want[1:]) {
		t.Errorf("Load after a removal = %d records, want the other %d", len(got), len(want)-1)
	}
}

// A whole relay goes on after a restart as if nothing had happened.
func TestRestartFromDump(t *testing.T) {
	dir := t.TempDir()
	d, _ := openDump(t, dir)
	r := start(t, relay.Config{PingInterval: -1}, new(carrier), d)
	pass := "p<a>ss\t" + "\u00e9"
	a := r.register("192.0.2.1", 2004, object{"nick": "<b>", "plugins": []any{"x.y"}, "notify_pass": pass, "message_info": true})
	b := r.register("192.0.2.2", 2004, nil)
	r.send(b, 1)
	before := []relay.Satellite{r.find(a), r.find(b)}
	if err := r.stop(); err != nil {
		t.Fatalf("Run = %v", err)
	}
	d.Close()
	d, _ = openDump(t, dir)
	r = newRig(t, relay.Config{}, new(carrier), d)
	for i, s := range r.relay.Directory().Satellites() {
		if !reflect.DeepEqual(s.Registration, before[i].Registration) {
			t.Errorf("registration = %+v\nwant %+v", s.Registration, before[i].Registration)
		}
		equal(t, "state", s.State, relay.StateNew)
	}
	equal(t, "notify_pass", r.find(a).NotifyPass, pass)
	equal(t, "send_count", r.find(b).SendCount, 1)
}

func TestDumpModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "state")
	d, _ := openDump(t, dir)
	// A file that somebody laid where the dump is written is not written to.
	planted := filepath.Join(dir, "dump.xml.new")
	if err := os.WriteFile(planted, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(planted, 0o666); err != nil {
		t.Fatal(err)
	}
	put(t, d, record(idA))
	put(t, d, record(idB))
	for path, want := range map[string]os.FileMode{
		dir: 0o700 | os.ModeDir, d.Path(): 0o600, d.Path() + ".1": 0o600, filepath.Join(dir, "lock"): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "mode of "+path, info.Mode(), want)
	}
	if _, err := os.Stat(planted); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Stat(%s) = %v, want no such file", planted, err)
	}
}

func TestDumpKeepsPrevious(t *testing.T) {
	dir := t.TempDir()
	d, _ := openDump(t, dir)
	put(t, d, record(idA))
	first, err := os.ReadFile(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	put(t, d, record(idB))
	previous, err := os.ReadFile(d.Path() + ".1")
	if err != nil || !bytes.Equal(previous, first) {
		t.Errorf("previous generation = %s, %v\nwant %s", previous, err, first)
	}
	// A crash between two renames leaves only the previous one.
	if err := os.Remove(d.Path()); err != nil {
		t.Fatal(err)
	}
	d.Close()
	d, _ = openDump(t, dir)
	wantIDs(t, "Load without a dump", load(t, d), idA)
}

func wantIDs(t *testing.T, what string, records []relay.Record, want ...string) {
	t.Helper()
	got := []string{}
	for _, r := range records {
		got = append(got, r.HostID)
	}
	equalList(t, what, got, append([]string{}, want...))
}

// damage plays one damaged dump.xml, with a good previous generation or none,
// and tells what is loaded.
func damage(t *testing.T, dir string, doc, previous []byte) []relay.Record {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	d, log := openDump(t, dir)
	defer d.Close()
	if err := os.WriteFile(d.Path(), doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if previous != nil {
		if err := os.WriteFile(d.Path()+".1", previous, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	records := load(t, d)
	aside, err := filepath.Glob(d.Path() + ".bad-*")
	if err != nil || len(aside) != 1 {
		t.Fatalf("files set aside = %v, %v, want one", aside, err)
	}
	kept, err := os.ReadFile(aside[0])
	if err != nil || !bytes.Equal(kept, doc) {
		t.Fatalf("file set aside = %q, %v, want %q", kept, err, doc)
	}
	if !log.has("level=ERROR") || !log.has("code=DUMP-BAD") || !log.has(aside[0]) {
		t.Fatalf("log = %s, want an error that names %s", log, aside[0])
	}
	return records
}

// smallDump is a dump with one satellite, and one with another.
func smallDump(t *testing.T) (doc, previous []byte) {
	t.Helper()
	d, _ := openDump(t, t.TempDir())
	put(t, d, record(idA))
	if err := d.Commit(context.Background(), relay.Change{Put: []relay.Record{record(idB)}, Remove: []string{idA}}); err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	previous, err = os.ReadFile(d.Path() + ".1")
	if err != nil {
		t.Fatal(err)
	}
	return doc, previous
}

func TestTruncatedDump(t *testing.T) {
	doc, previous := smallDump(t)
	dir := filepath.Join(t.TempDir(), "state")
	for n := range len(doc) {
		wantIDs(t, fmt.Sprintf("Load of the first %d octets", n), damage(t, dir, doc[:n], previous), idA)
	}
	wantIDs(t, "Load without a previous generation", damage(t, dir, doc[:len(doc)/2], nil))
	wantIDs(t, "Load of a dump with more behind it", damage(t, dir, append(doc, '\n'), previous), idA)
}

func TestBothGenerationsDamaged(t *testing.T) {
	dir := t.TempDir()
	d, log := openDump(t, dir)
	for _, name := range []string{d.Path(), d.Path() + ".1"} {
		if err := os.WriteFile(name, []byte("garbage"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantIDs(t, "Load", load(t, d))
	aside, _ := filepath.Glob(filepath.Join(dir, "*.bad-*"))
	equal(t, "files set aside", len(aside), 2)
	equal(t, "errors in the log", strings.Count(log.String(), "DUMP-BAD"), 2)
	put(t, d, record(idA)) // and the relay goes on
	d.Close()
	d, _ = openDump(t, dir)
	wantIDs(t, "Load after it", load(t, d), idA)
}

// The commit after a damaged dump must not throw the good generation away.
func TestPreviousOutlivesDamage(t *testing.T) {
	doc, previous := smallDump(t)
	dir := t.TempDir()
	d, _ := openDump(t, dir)
	if err := errors.Join(os.WriteFile(d.Path(), doc[1:], 0o600), os.WriteFile(d.Path()+".1", previous, 0o600)); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "Load", load(t, d), idA)
	put(t, d, record(idC))
	kept, err := os.ReadFile(d.Path() + ".1")
	if err != nil || !bytes.Equal(kept, previous) {
		t.Errorf("previous generation = %q, %v, want as it was", kept, err)
	}
	d.Close()
	d, _ = openDump(t, dir)
	wantIDs(t, "Load after it", load(t, d), idA, idC)
}

// signed puts the right checksum behind a dump.
func signed(body string) []byte {
	sum := crc32.Checksum([]byte(body), crc32.MakeTable(crc32.Castagnoli))
	return fmt.Appendf(nil, "%s<!-- crc32c %08x -->\n", body, sum)
}

// What is whole but not ours to read is set aside too, never lost.
func TestForeignDumps(t *testing.T) {
	doc, previous := smallDump(t)
	body, _, _ := strings.Cut(string(doc), "<!-- crc32c ")
	if !bytes.Equal(signed(body), doc) {
		t.Fatalf("signed(%q) is not the dump", body)
	}
	dir := filepath.Join(t.TempDir(), "state")
	for _, test := range []struct{ name, old, new string }{
		{"a future version", `version="2"`, `version="3"`},
		{"no version", `version="2" `, ``},
		{"a version in words", `version="2"`, `version="two"`},
		{"version 0", `version="2"`, `version="0"`},
		{"a wrong count", `satellites="1"`, `satellites="2"`},
		{"a count in words", `satellites="1"`, `satellites="one"`},
		{"a time of saving in words", ` saved="`, ` saved="then "`},
		{"another root", "co2-dump", "other-dump"},
		{"no host id", "<host_id>192.0.2.2:2004</host_id>", ""},
		{"no address", "<host_id>192.0.2.2:2004</host_id>", "<host_id>me</host_id>"},
		{"a name as address", "</host_id>", "</host_id><addr>example.org:2004</addr>"},
		{"port 0", "</host_id>", "</host_id><addr>192.0.2.2:0</addr>"},
		{"a bad address seen", "</host_id>", "</host_id><seen>everywhere</seen>"},
		{"a bad time", "<registered>1970-", "<registered>197-"},
		{"not well-formed", "</satellite>", ""},
		{"more behind it", "</co2-dump>", "</co2-dump><more/>"},
		{"an entity", "</host_id>", "</host_id><nick>&lol;</nick>"},
		{"a bad number", "</satellite>", `<received fails="none"/></satellite>`},
		{"a negative number", "</satellite>", `<sent count="-1"/></satellite>`},
		{"a bad boolean", "</satellite>", "<message_info>perhaps</message_info></satellite>"},
	} {
		if !strings.Contains(body, test.old) {
			t.Fatalf("%s: no %q in %s", test.name, test.old, body)
		}
		records := damage(t, dir, signed(strings.ReplaceAll(body, test.old, test.new)), previous)
		wantIDs(t, "Load of "+test.name, records, idA)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	d, _ := openDump(t, dir)
	_, err := relay.OpenDump(dir, slog.New(slog.DiscardHandler))
	if !errors.Is(err, relay.ErrStateLocked) {
		t.Fatalf("OpenDump of a folder in use = %v, want %v", err, relay.ErrStateLocked)
	}
	if want := fmt.Sprintf("%s: the state folder is in use by another relay (process %d)", dir, os.Getpid()); err.Error() != want {
		t.Errorf("OpenDump of a folder in use = %q, want %q", err, want)
	}
	if err := d.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	openDump(t, dir)
}

func TestOpenDumpFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := relay.OpenDump(file, slog.New(slog.DiscardHandler)); err == nil {
		t.Errorf("OpenDump(%q) = success, want an error: it is a file", file)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := relay.OpenDump(dir, slog.New(slog.DiscardHandler)); err == nil || errors.Is(err, relay.ErrStateLocked) {
		t.Errorf("OpenDump with a folder called lock = %v, want an error that is not %v", err, relay.ErrStateLocked)
	}
}

// What stands where the dump has to write is set aside, not in the way.
func TestCommitPastObstacles(t *testing.T) {
	for _, name := range []string{"dump.xml", "dump.xml.new", "dump.xml.old", "dump.xml.1"} {
		dir := t.TempDir()
		d, log := openDump(t, dir)
		put(t, d, record(idA))
		if name == "dump.xml" {
			if err := os.Rename(d.Path(), d.Path()+".1"); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.MkdirAll(filepath.Join(dir, name, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, d, record(idB))
		aside, err := filepath.Glob(filepath.Join(dir, name+".bad-*", "x"))
		if err != nil || len(aside) != 1 || !log.has(filepath.Dir(aside[0])) {
			t.Errorf("a folder called %s was set aside as %v, %v; log: %s", name, aside, err, log)
		}
		previous, err := os.ReadFile(filepath.Join(dir, "dump.xml.1"))
		if err != nil || !bytes.Contains(previous, []byte(idA)) || bytes.Contains(previous, []byte(idB)) {
			t.Errorf("previous generation past a folder called %s = %q, %v", name, previous, err)
		}
		d.Close()
		d, _ = openDump(t, dir)
		wantIDs(t, "Load", load(t, d), idA, idB)
	}
}

func TestCommitWithoutFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	d, _ := openDump(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // so that it cannot be made again
		t.Fatal(err)
	}
	if err := d.Commit(context.Background(), relay.Change{Put: []relay.Record{record(idA)}}); err == nil {
		t.Errorf("Commit without a folder = success, want an error")
	}
}

func TestLoadNothing(t *testing.T) {
	d, log := openDump(t, t.TempDir())
	wantIDs(t, "Load of a new folder", load(t, d))
	equal(t, "log", log.String(), "")
}

// The dump of version 1 as it was first written is read for ever.
func TestGoldenDump(t *testing.T) {
	doc, err := os.ReadFile("../testdata/dump/v1.xml")
	if err != nil {
		t.Fatal(err)
	}
	d, _ := openDump(t, t.TempDir())
	if err := os.WriteFile(d.Path(), doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := load(t, d); !reflect.DeepEqual(got, goldenRecords()) {
		t.Errorf("Load(v1.xml) = %+v\nwant %+v", got, goldenRecords())
	}
}

func goldenRecords() []relay.Record {
	a, b := record("192.0.2.7:2004"), record("[2001:db8::1]:2005")
	a.Nick, a.Plugins, a.NotifyPass = "anna & bob <3", []string{"pd.bridge", "chat"}, "s3\r\n\"𝄞\""
	a.Registered = time.Date(2003, 10, 16, 12, 0, 0, 500000000, time.UTC)
	a.Traffic = relay.Traffic{SendCount: 3, SendTime: a.Registered.Add(time.Hour), RecvCount: 5, RecvFails: 1, RecvTime: a.Registered.Add(2 * time.Hour)}
	b.Registered, b.MessageInfo = a.Registered.Add(time.Minute), true
	return []relay.Record{a, b}
}
