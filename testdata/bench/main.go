// Command bench measures co2 beside others in one run and prints ratios.
// Both sides of a pair are measured in turn, round after round, so that a
// machine whose speed drifts treats them alike; the medians are compared.
//
// It is a module of its own: what co2 is measured against never enters co2.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// A pair is one comparison. Each side does its work b.N times.
type pair struct {
	name         string
	ours, theirs func(b *testing.B)
	against      string
}

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 5, "rounds of each pair")
	benchtime := flag.String("time", "300ms", "time of one measurement")
	only := flag.String("only", "", "only the pairs whose name holds this")
	flag.Parse()
	flag.Set("test.benchtime", *benchtime)
	if err := report(*rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func report(rounds int, only string) error {
	fmt.Printf("%s, %d cores, medians of %d rounds\n\n", runtime.Version(), runtime.NumCPU(), rounds)
	pairs, stop, err := allPairs()
	if err != nil {
		return err
	}
	defer stop()
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "what\tours µs\tallocs\tagainst\ttheirs µs\tallocs\ttimes as fast\t")
	for _, p := range pairs {
		if !strings.Contains(p.name, only) {
			continue
		}
		ours, theirs, err := measure(p, rounds)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%.2f\t%d\t%s\t%.2f\t%d\t%.2f\t\n", p.name,
			ours.micros, ours.allocs, p.against, theirs.micros, theirs.allocs, theirs.micros/ours.micros)
	}
	return w.Flush()
}

// A figure is the median of one side.
type figure struct {
	micros float64
	allocs int64
}

func measure(p pair, rounds int) (ours, theirs figure, err error) {
	var a, b []testing.BenchmarkResult
	for range rounds {
		a = append(a, testing.Benchmark(p.ours))
		b = append(b, testing.Benchmark(p.theirs))
	}
	if ours, err = median(a); err == nil {
		theirs, err = median(b)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", p.name, err)
	}
	return ours, theirs, err
}

func median(results []testing.BenchmarkResult) (figure, error) {
	micros := make([]float64, len(results))
	for i, r := range results {
		if r.N == 0 {
			return figure{}, fmt.Errorf("the benchmark failed")
		}
		micros[i] = float64(r.T.Nanoseconds()) / float64(r.N) / 1000
	}
	slices.Sort(micros)
	return figure{micros[len(micros)/2], results[0].AllocsPerOp()}, nil
}
