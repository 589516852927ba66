package relay

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"
)

// The benchmarks measure a dump of benchSatellites beside encoding/xml, which
// reads and writes the same document. The figures of docs/benchmarks.md come
// from testdata/bench, which does the same in turns.
const benchSatellites = 100_000

// benchRecords are satellites as they are met.
func benchRecords(n int) []Record {
	records := make([]Record, n)
	for i := range records {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 2004)
		t := time.Date(2026, 1, 2, 3, 4, 5, 678_901_234, time.UTC).Add(time.Duration(i) * 12_345_678 * time.Nanosecond)
		records[i] = Record{
			Registration: Registration{
				HostID: at.String(), Callback: Callback{usualScheme, at, usualPath}, Seen: at.Addr(), Registered: t,
				Nick: fmt.Sprintf("sensor %d <hall & yard>", i), Plugins: []string{"pd.bridge", "chat"}, NotifyPass: fmt.Sprintf("%x", i*7919),
			},
			Traffic: Traffic{SendCount: i, SendTime: t.Add(time.Hour), RecvCount: 7 * i, RecvFails: i / 100, RecvTime: t.Add(2 * time.Hour)},
		}
	}
	return records
}

// typedDump is a dump as a program with encoding/xml would have it.
type typedDump struct {
	XMLName    xml.Name      `xml:"co2-dump"`
	Version    int           `xml:"version,attr"`
	Saved      time.Time     `xml:"saved,attr"`
	Count      int           `xml:"satellites,attr"`
	Satellites []typedRecord `xml:"satellite"`
}

type typedRecord struct {
	HostID     string     `xml:"host_id"`
	Registered time.Time  `xml:"registered"`
	Nick       string     `xml:"nick"`
	Plugins    []string   `xml:"plugin"`
	NotifyPass string     `xml:"notify_pass"`
	Sent       typedCount `xml:"sent"`
	Received   typedCount `xml:"received"`
}

type typedCount struct {
	Count int       `xml:"count,attr"`
	Fails int       `xml:"fails,attr,omitempty"`
	Time  time.Time `xml:"time,attr"`
}

func typed(records []Record) typedDump {
	d := typedDump{Version: dumpVersion, Saved: saved, Count: len(records), Satellites: make([]typedRecord, len(records))}
	for i, r := range records {
		d.Satellites[i] = typedRecord{
			r.HostID, r.Registered, r.Nick, r.Plugins, r.NotifyPass,
			typedCount{Count: r.SendCount, Time: r.SendTime}, typedCount{r.RecvCount, r.RecvFails, r.RecvTime},
		}
	}
	return d
}

func BenchmarkDumpEncode(b *testing.B) {
	records := benchRecords(benchSatellites)
	d := typed(records)
	b.Run("co2", func(b *testing.B) {
		var doc []byte
		for b.Loop() {
			doc = AppendDump(doc[:0], records, saved)
		}
		b.SetBytes(int64(len(doc)))
	})
	b.Run("encoding-xml", func(b *testing.B) {
		for b.Loop() {
			doc, err := xml.Marshal(d)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(doc)))
		}
	})
}

func BenchmarkDumpParse(b *testing.B) {
	doc := AppendDump(nil, benchRecords(benchSatellites), saved)
	b.SetBytes(int64(len(doc)))
	b.Run("co2", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if records, err := ParseDump(doc); err != nil || len(records) != benchSatellites {
				b.Fatalf("ParseDump = %d records, %v", len(records), err)
			}
		}
	})
	b.Run("encoding-xml", func(b *testing.B) {
		for b.Loop() {
			var d typedDump
			if err := xml.Unmarshal(doc, &d); err != nil || len(d.Satellites) != benchSatellites {
				b.Fatalf("Unmarshal = %d satellites, %v", len(d.Satellites), err)
			}
		}
	})
}

// BenchmarkDumpWrite is the whole of a commit of one more satellite, beside a
// program that marshals all, and writes as durably.
func BenchmarkDumpWrite(b *testing.B) {
	records := benchRecords(benchSatellites + 1)
	b.Run("co2", func(b *testing.B) {
		d, err := OpenDump(b.TempDir(), discard)
		if err != nil {
			b.Fatal(err)
		}
		defer d.Close()
		if err := d.Commit(b.Context(), Change{Put: records[1:]}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := d.Commit(b.Context(), Change{Put: records[:1]}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-xml", func(b *testing.B) {
		dir := folder{b.TempDir()}
		d := typed(records)
		for b.Loop() {
			doc, err := xml.Marshal(d)
			if err != nil {
				b.Fatal(err)
			}
			f, err := dir.Create(tempName)
			if err != nil {
				b.Fatal(err)
			}
			_, err = f.Write(doc)
			if err := errors.Join(err, f.Sync(), f.Close(), dir.Rename(tempName, dumpName), dir.Sync()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDumpSave is a commit in which the counters of all have changed.
func BenchmarkDumpSave(b *testing.B) {
	records := benchRecords(benchSatellites)
	d, err := OpenDump(b.TempDir(), discard)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	for b.Loop() {
		if err := d.Commit(b.Context(), Change{Put: records}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDumpLoad is a start, beside a program that reads and unmarshals.
func BenchmarkDumpLoad(b *testing.B) {
	dir := b.TempDir()
	d, err := OpenDump(dir, discard)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	if err := d.Commit(b.Context(), Change{Put: benchRecords(benchSatellites)}); err != nil {
		b.Fatal(err)
	}
	b.Run("co2", func(b *testing.B) {
		for b.Loop() {
			if records, err := d.Load(b.Context()); err != nil || len(records) != benchSatellites {
				b.Fatalf("Load = %d records, %v", len(records), err)
			}
		}
	})
	b.Run("encoding-xml", func(b *testing.B) {
		for b.Loop() {
			doc, err := os.ReadFile(d.Path())
			if err != nil {
				b.Fatal(err)
			}
			var read typedDump
			if err := xml.Unmarshal(doc, &read); err != nil || len(read.Satellites) != benchSatellites {
				b.Fatalf("Unmarshal = %d satellites, %v", len(read.Satellites), err)
			}
		}
	})
}
