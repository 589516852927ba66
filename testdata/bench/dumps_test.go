package main

import (
	"encoding/xml"
	"reflect"
	"testing"

	"co2/relay"
)

// TestTypedDump checks that encoding/xml has the whole dump to read: all that
// ours says of a satellite is in what it reads.
func TestTypedDump(t *testing.T) {
	records := dumpRecords(3)
	var got typedDump
	check(t, xml.Unmarshal(relay.AppendDump(nil, records, someTime), &got))
	want := typed(records)
	got.XMLName = xml.Name{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("encoding/xml reads\n%+v, want\n%+v", got, want)
	}
}

func TestDumpSidesWork(t *testing.T) {
	b := startedBench(t)
	records := dumpRecords(10)
	for name, work := range map[string]func() error{
		"committing": b.committing(records), "writing": b.writing(typed(records)),
		"loading": b.loading(records), "reading": b.reading(records),
	} {
		for range 2 {
			if err := work(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestKilobytes(t *testing.T) {
	const status = "Name:\tco2\nVmHWM:\t    2048 kB\nVmRSS:\t     512 kB\n"
	if got, err := kilobytes(status, "VmRSS:"); err != nil || got != 512*1024 {
		t.Errorf("VmRSS = %g, %v, want 524288", got, err)
	}
	if _, err := kilobytes(status, "VmSwap:"); err == nil {
		t.Error("there is no VmSwap, and no error")
	}
}
