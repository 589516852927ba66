package main

import (
	"fmt"
	"slices"
)

// A side is something that can be measured.
type side struct {
	name    string
	measure func() (sample, error)
}

// A comparison is a few sides that do the same work, and the rows that tell
// of them.
type comparison struct {
	sides []side
	rows  []row
}

// only returns the comparison with the rows that are asked for and the sides
// that these need.
func (c comparison) only(wanted func(name string) bool) comparison {
	var few comparison
	needed := map[string]bool{}
	for _, r := range c.rows {
		if wanted(r.name()) {
			few.rows = append(few.rows, r)
			needed[r.ours], needed[r.theirs] = true, true
		}
	}
	for _, s := range c.sides {
		if needed[s.name] {
			few.sides = append(few.sides, s)
		}
	}
	return few
}

// run measures all sides in each round, every second round the other way
// round, and returns a result for each row. A side that cannot be measured
// takes only its own rows with it.
func (c comparison) run(rounds int) []result {
	samples, failed := map[string][]sample{}, map[string]error{}
	order := slices.Clone(c.sides)
	for range rounds {
		for _, s := range order {
			if failed[s.name] != nil {
				continue
			}
			got, err := s.measure()
			if err != nil {
				failed[s.name] = fmt.Errorf("%s: %w", s.name, err)
			}
			samples[s.name] = append(samples[s.name], got)
		}
		slices.Reverse(order)
	}
	var results []result
	for _, r := range c.rows {
		if err := cmpOr(failed[r.ours], failed[r.theirs]); err != nil {
			results = append(results, result{row: r, err: err})
			continue
		}
		results = append(results, newResult(r, samples[r.ours], samples[r.theirs]))
	}
	return results
}

func cmpOr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// A result is what a row came to.
type result struct {
	row
	ourMedian, theirMedian float64
	figure                 float64 // median of the rounds' ratios
	low, high              float64 // quartiles of these
	err                    error   // why there is none
}

func newResult(r row, ours, theirs []sample) result {
	var a, b, figures []float64
	for i, s := range ours {
		a = append(a, r.quantity.of(s))
		figure := a[i]
		if r.theirs != "" {
			b = append(b, r.quantity.of(theirs[i]))
			figure /= b[i]
		}
		figures = append(figures, figure)
	}
	res := result{row: r, ourMedian: quantile(a, 0.5), figure: quantile(figures, 0.5), low: quantile(figures, 0.25), high: quantile(figures, 0.75)}
	if r.theirs != "" {
		res.theirMedian = quantile(b, 0.5)
	}
	return res
}

// quantile returns the value below which the part q of the values lies,
// between two values where need be.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
