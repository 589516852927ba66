package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"co2/relay"
)

// A typedDump is a dump as a program with encoding/xml has it.
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

func typed(records []relay.Record) typedDump {
	d := typedDump{Version: 2, Saved: someTime, Count: len(records), Satellites: make([]typedRecord, len(records))}
	for i, r := range records {
		d.Satellites[i] = typedRecord{
			r.HostID, r.Registered, r.Nick, r.Plugins, r.NotifyPass,
			typedCount{Count: r.SendCount, Time: r.SendTime}, typedCount{r.RecvCount, r.RecvFails, r.RecvTime},
		}
	}
	return d
}

// writing encodes a dump and leaves it in a folder as durably as a relay does.
func (b *bench) writing(d typedDump) func() error {
	folder := sync.OnceValues(func() (string, error) { return os.MkdirTemp(b.dir, "typed") })
	return func() error {
		dir, err := folder()
		if err != nil {
			return err
		}
		doc, err := xml.Marshal(d)
		if err != nil {
			return err
		}
		return writeDurably(dir, doc)
	}
}

// writeDurably writes a file, syncs it, gives it its name and syncs the folder.
func writeDurably(dir string, doc []byte) error {
	name := filepath.Join(dir, "dump.xml")
	f, err := os.Create(name + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(doc)
	if err := errors.Join(err, f.Sync(), f.Close(), os.Rename(name+".new", name)); err != nil {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// reading reads the dump of a relay.
func (b *bench) reading(records []relay.Record) func() error {
	folder := sync.OnceValues(func() (string, error) { return b.closedState(records) })
	return func() error {
		dir, err := folder()
		if err != nil {
			return err
		}
		doc, err := os.ReadFile(filepath.Join(dir, "dump.xml"))
		if err != nil {
			return err
		}
		var d typedDump
		if err := xml.Unmarshal(doc, &d); err != nil {
			return err
		}
		if len(d.Satellites) != len(records) || d.Satellites[0].HostID != records[0].HostID {
			return fmt.Errorf("%d satellites, want %d", len(d.Satellites), len(records))
		}
		return nil
	}
}
