package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"co2/relay"
)

// dumpCmd is co2 dump: what an operator does with a relay's dump.
type dumpCmd struct {
	Check *dumpCheckCmd `arg:"subcommand:check" help:"tell whether a dump is good, and what is wrong with it"`
}

func (c *dumpCmd) run(context.Context, terminal) error {
	return usagef("say what to do with the dump; see co2 dump --help")
}

// dumpCheckCmd is co2 dump check. It only reads, so it may be used while the
// relay runs.
type dumpCheckCmd struct {
	Path string `arg:"positional,required" placeholder:"FILE|DIR" help:"a dump, or a state folder with all generations of one"`
	JSON bool   `arg:"--json" help:"print a JSON array of what is known of each file"`
}

// A dumpVerdict is what --json prints of one file.
type dumpVerdict struct {
	File       string        `xmlrpc:"file"`
	Good       bool          `xmlrpc:"good"`
	Version    int           `xmlrpc:"version"`
	Saved      string        `xmlrpc:"saved"`
	Satellites int           `xmlrpc:"satellites"`
	Checksum   bool          `xmlrpc:"checksum"`
	Problems   []dumpProblem `xmlrpc:"problems"`
}

type dumpProblem struct {
	Line int    `xmlrpc:"line"`
	Text string `xmlrpc:"text"`
}

func (c *dumpCheckCmd) run(_ context.Context, t terminal) error {
	info, err := os.Stat(c.Path)
	if err != nil {
		return err
	}
	var reports []relay.DumpReport
	if info.IsDir() {
		reports, err = relay.CheckDumps(c.Path)
	} else {
		reports = make([]relay.DumpReport, 1)
		reports[0], err = relay.CheckDumpFile(c.Path)
	}
	switch {
	case err != nil:
		return err
	case len(reports) == 0:
		return fmt.Errorf("%s: there is no dump in this folder", c.Path)
	}
	if err := c.print(t.out, info.IsDir(), reports); err != nil {
		return err
	}
	return badDumps(reports)
}

func badDumps(reports []relay.DumpReport) error {
	for _, r := range reports {
		if len(r.Problems) > 0 {
			return fmt.Errorf("%s is bad", r.Name)
		}
	}
	return nil
}

func (c *dumpCheckCmd) print(w io.Writer, folder bool, reports []relay.DumpReport) error {
	switch {
	case c.JSON:
		list := make([]dumpVerdict, len(reports))
		for i, r := range reports {
			list[i] = verdict(r)
		}
		return printJSON(w, list)
	case folder:
		rows := make([][]string, len(reports))
		for i, r := range reports {
			rows[i] = []string{r.Name, savedTime(r), strconv.Itoa(r.Satellites), goodOrBad(r)}
		}
		return table(w, []string{"DUMP", "SAVED", "SATELLITES", "VERDICT"}, rows)
	}
	r := reports[0]
	word := "good"
	if len(r.Problems) > 0 {
		word = "bad"
	}
	fmt.Fprintf(w, "%s: %s\n", printable(r.Name), word)
	if r.Version > 0 {
		fmt.Fprintf(w, "  version     %d\n  saved       %s\n  satellites  %d\n  checksum    %s\n", r.Version, savedTime(r), r.Satellites, fits(r))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "  problem     %s\n", printable(p.String()))
	}
	return nil
}

func verdict(r relay.DumpReport) dumpVerdict {
	v := dumpVerdict{r.Name, len(r.Problems) == 0, r.Version, "", r.Satellites, r.Checksum, []dumpProblem{}}
	if !r.Saved.IsZero() {
		v.Saved = r.Saved.UTC().Format(time.RFC3339)
	}
	for _, p := range r.Problems {
		v.Problems = append(v.Problems, dumpProblem{p.Line, p.Text})
	}
	return v
}

func savedTime(r relay.DumpReport) string {
	if r.Saved.IsZero() {
		return "-"
	}
	return r.Saved.UTC().Format(time.RFC3339)
}

func fits(r relay.DumpReport) string {
	if r.Checksum {
		return "fits"
	}
	return "does not fit"
}

func goodOrBad(r relay.DumpReport) string {
	if len(r.Problems) == 0 {
		return "good"
	}
	return "bad: " + r.Problems[0].String()
}
