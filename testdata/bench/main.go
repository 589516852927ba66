// Command bench measures co2 beside others in one run and prints ratios, each
// with its goal. What is compared is measured in turn, round after round, so
// that a machine whose speed drifts treats all alike: a ratio is taken within
// a round, and told is the median of the rounds.
//
// It is a module of its own: what co2 is measured against never enters co2.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"
)

// settings are the flags.
type settings struct {
	rounds    int
	time      time.Duration
	only      *regexp.Regexp
	json      bool
	write     bool
	be        string
	benchtime string
}

func main() {
	testing.Init()
	set := settings{only: regexp.MustCompile("")}
	flag.IntVar(&set.rounds, "rounds", 31, "rounds of each comparison")
	flag.DurationVar(&set.time, "time", 200*time.Millisecond, "time of one measurement of a server")
	flag.StringVar(&set.benchtime, "codectime", "100ms", "time of one measurement of a codec")
	flag.Func("only", "only rows that match the regular `expression`", func(s string) (err error) {
		set.only, err = regexp.Compile(s)
		return err
	})
	flag.BoolVar(&set.json, "json", false, "print JSON")
	flag.BoolVar(&set.write, "write", false, "also write the figures to "+documentPath)
	flag.StringVar(&set.be, "be", "", "be one of the programs that are measured, in this `role`; for the bench itself")
	flag.Parse()
	if err := run(set); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(set settings) error {
	if set.be != "" {
		return be(set.be, flag.Args())
	}
	if set.write && set.only.String() != "" {
		return errors.New("-write wants all rows, so no -only")
	}
	if err := flag.Set("test.benchtime", set.benchtime); err != nil {
		return err
	}
	b, err := newBench(set)
	if err != nil {
		return err
	}
	defer b.close()
	return b.report()
}
