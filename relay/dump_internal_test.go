package relay

import (
	"bytes"
	"errors"
	"flag"
	"net/netip"
	"os"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write testdata/dump anew")

const golden = "../testdata/dump/v2.xml"

var saved = time.Date(2003, 10, 16, 15, 0, 0, 0, time.UTC)

// goldenDump is what testdata/dump/v2.xml holds.
func goldenDump() []byte {
	var records []Record
	for i, id := range []string{"192.0.2.7:2004", "[2001:db8::1]:2005"} {
		at := netip.MustParseAddrPort(id)
		records = append(records, Record{Registration: Registration{
			HostID: id, Nick: id, Seen: at.Addr(), Registered: saved.Add(-3*time.Hour + time.Duration(i)*time.Minute + time.Second/2),
			Callback: Callback{Scheme: "http", Addr: at, Path: "/RPC2"}, MessageInfo: i == 1,
		}})
	}
	a := &records[0]
	a.Nick, a.Plugins, a.NotifyPass = "anna & bob <3", []string{"pd.bridge", "chat"}, "s3\r\n\"𝄞\""
	a.Traffic = Traffic{SendCount: 3, SendTime: a.Registered.Add(time.Hour), RecvCount: 5, RecvFails: 1, RecvTime: a.Registered.Add(2 * time.Hour)}
	return AppendDump(nil, records, saved)
}

// The form of version 2 does not change; -update is for a new version.
func TestDumpForm(t *testing.T) {
	if *update {
		if err := os.WriteFile(golden, goldenDump(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := goldenDump(); !bytes.Equal(got, want) {
		t.Errorf("AppendDump = %s\nwant %s", got, want)
	}
}

func TestDumpTimes(t *testing.T) {
	for _, s := range []string{
		"", "2026-01-02T03:04:05Z", "2026-11-30T23:59:59.999999999Z", "1969-12-31T23:59:59.000000001Z", "2000-02-29T00:00:00.1Z",
		"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.12003Z", "0001-01-01T00:00:00.5Z", "2026-01-02T03:04:10.0001Z",
	} {
		at, err := parseDumpTime(s)
		if got := string(appendDumpTime(nil, at)); err != nil || got != s {
			t.Errorf("appendDumpTime(%q) = %q, %v", s, got, err)
		}
	}
	zone := time.FixedZone("", -3600)
	if got, want := string(appendDumpTime([]byte("at "), time.Date(9999, 12, 31, 23, 30, 0, 1, zone))), "at 10000-01-01T00:30:00.000000001Z"; got != want {
		t.Errorf("appendDumpTime = %q, want %q", got, want)
	}
}

// FuzzParseDump plays any octets, as they are and with a checksum that fits:
// no panic, errors are damage, and what is read is written and read alike.
func FuzzParseDump(f *testing.F) {
	doc := goldenDump()
	body := doc[:bytes.LastIndex(doc, []byte(sumStart))]
	f.Add(doc)
	f.Add(body)
	f.Add(doc[:len(doc)/2])
	f.Add(AppendDump(nil, nil, saved))
	f.Add([]byte(`<co2-dump version="3" satellites="0"/>`))
	f.Add([]byte(`<co2-dump version="1" satellites="1"><satellite><addr>1.2.3.4:5</addr><seen>::1%a</seen></satellite></co2-dump>`))
	f.Add([]byte(`<co2-dump version="1" satellites="1"><satellite><addr>1.2.3.4:5</addr><seen>::1</seen><dialect>tcl nil-empty sepia</dialect></satellite></co2-dump>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		signed := appendSum(bytes.Clone(doc), dumpSum(0, doc))
		for _, doc := range [][]byte{doc, signed} {
			records, err := ParseDump(doc)
			if err != nil {
				if records != nil || !errors.Is(err, errDamaged) {
					t.Errorf("parseDump = %v, %v, want nothing and %v", records, err, errDamaged)
				}
				continue
			}
			if !writable(records) {
				continue
			}
			written := AppendDump(nil, records, saved)
			again, err := ParseDump(written)
			if err != nil || !bytes.Equal(AppendDump(nil, again, saved), written) {
				t.Errorf("ParseDump(%s) = %v, %v, want it as written", written, again, err)
			}
		}
	})
}

// writable reports whether all times have a year of four digits in UTC.
func writable(records []Record) bool {
	for _, r := range records {
		for _, at := range []time.Time{r.Registered, r.SendTime, r.RecvTime} {
			if year := at.UTC().Year(); year < 0 || year > 9999 {
				return false
			}
		}
	}
	return true
}
