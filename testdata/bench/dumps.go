package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"sync"
	"time"

	"co2/relay"
)

// encodingXML is the package of Go's standard library, which writes and reads
// the same dump.
const encodingXML = "encoding/xml"

// inDump is how many satellites the dump has.
const inDump = 100_000

// inDumpRounds is in how many rounds dumps are measured at most.
const inDumpRounds = 7

// dumpRecords are satellites as they are met.
func dumpRecords(n int) []relay.Record {
	list := make([]relay.Record, n)
	for i := range list {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 2004)
		r := recordOf(at, fmt.Sprintf("sensor %d <hall & yard>", i), i)
		r.Plugins = append(r.Plugins, "chat")
		r.Traffic = relay.Traffic{SendCount: i, SendTime: r.Registered.Add(time.Hour), RecvCount: 7 * i, RecvFails: i / 100, RecvTime: r.Registered.Add(2 * time.Hour)}
		list[i] = r
	}
	return list
}

// dumps compare dumps of many satellites.
func (b *bench) dumps() []comparison {
	records := dumpRecords(inDump)
	theirs := typed(records)
	var doc []byte
	encode := dumpPair("encoding", atLeast(8),
		func() error { doc = relay.AppendDump(doc[:0], records, someTime); return nil },
		func() error { _, err := xml.Marshal(theirs); return err })
	write := dumpPair("encoding, fsync and rename", atLeast(4.5), b.committing(records), b.writing(theirs))
	load := dumpPair("loading", atLeast(6), b.loading(records), b.reading(records))
	return []comparison{encode, write, load}
}

func dumpPair(what string, g goal, ours, theirs func() error) comparison {
	return comparison{
		sides: []side{{"co2", inProcess(ours)}, {encodingXML, inProcess(theirs)}},
		rows:  []row{{fmt.Sprintf("dump of %d satellites: %s", inDump, what), rate, "co2", encodingXML, g}},
		most:  inDumpRounds,
	}
}

// stateWith makes a state folder with a dump, and returns it open.
func (b *bench) stateWith(records []relay.Record) (dir string, dump *relay.Dump, err error) {
	if dir, err = os.MkdirTemp(b.dir, "state"); err != nil {
		return "", nil, err
	}
	if dump, err = relay.OpenDump(dir, slog.New(slog.DiscardHandler)); err != nil {
		return "", nil, err
	}
	if _, err := dump.Load(context.Background()); err != nil {
		return "", nil, err
	}
	return dir, dump, dump.Commit(context.Background(), relay.Change{Put: records})
}

// committing changes one satellite of a dump, again and again: what the relay
// does before it answers a registration.
func (b *bench) committing(records []relay.Record) func() error {
	dump := sync.OnceValues(func() (*relay.Dump, error) {
		_, dump, err := b.stateWith(records)
		return dump, err
	})
	return func() error {
		d, err := dump()
		if err != nil {
			return err
		}
		return d.Commit(context.Background(), relay.Change{Put: records[:1]})
	}
}

// loading opens a state folder and loads its dump, as a relay that starts.
func (b *bench) loading(records []relay.Record) func() error {
	folder := sync.OnceValues(func() (string, error) { return b.closedState(records) })
	return func() error {
		dir, err := folder()
		if err != nil {
			return err
		}
		dump, err := relay.OpenDump(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		defer dump.Close()
		got, err := dump.Load(context.Background())
		if err == nil && len(got) != len(records) {
			err = fmt.Errorf("%d records, want %d", len(got), len(records))
		}
		return err
	}
}

func (b *bench) closedState(records []relay.Record) (string, error) {
	dir, dump, err := b.stateWith(records)
	if err != nil {
		return "", err
	}
	return dir, dump.Close()
}
