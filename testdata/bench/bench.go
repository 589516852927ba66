package main

import (
	"fmt"
	"os"
	"slices"
)

// A bench is one run.
type bench struct {
	settings
	dir      string // of its own, for what it builds and what relays keep
	builds   builds
	started  []*process // what it started
	versions []string   // of what co2 is measured beside
	sizes    string     // of the payloads
}

func newBench(set settings) (*bench, error) {
	dir, err := os.MkdirTemp("", "co2-bench")
	if err != nil {
		return nil, err
	}
	return &bench{settings: set, dir: dir, builds: builds{dir, map[string]error{}}, versions: []string{koloVersion()}}, nil
}

func (b *bench) close() {
	for _, p := range b.started {
		p.stop()
	}
	os.RemoveAll(b.dir)
}

// report measures and tells.
func (b *bench) report() error {
	comparisons, err := b.comparisons()
	if err != nil {
		return err
	}
	var results []result
	for i, c := range comparisons {
		fmt.Fprintf(os.Stderr, "bench: %d of %d: %s\n", i+1, len(comparisons), c.rows[0].what)
		results = append(results, c.run(b)...)
	}
	rep := report{
		Machine: readMachine(), Versions: b.versions, Sizes: b.sizes, Rounds: b.rounds, Time: b.time.String(),
		Rows: tell(results),
	}
	if b.json {
		err = rep.json(os.Stdout)
	} else {
		err = rep.text(os.Stdout)
	}
	if err == nil && b.write {
		err = rep.write(documentPath)
	}
	if err == nil {
		err = rep.complete()
	}
	return err
}

// comparisons are those with rows that are asked for.
func (b *bench) comparisons() ([]comparison, error) {
	all, err := b.codecs()
	if err != nil {
		return nil, err
	}
	whole, err := b.servers()
	if err != nil {
		return nil, err
	}
	var wanted []comparison
	for _, c := range slices.Concat(all, whole, b.dumps(), b.discovery(), b.networks()) {
		if c := c.only(b.only.MatchString); len(c.rows) > 0 {
			wanted = append(wanted, c)
		}
	}
	if len(wanted) == 0 {
		return nil, fmt.Errorf("no row matches %s", b.only)
	}
	return wanted, nil
}
