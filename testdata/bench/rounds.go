package main

import (
	"cmp"
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
	most  int    // rounds at most, where one takes long; 0: as many as are asked for
	done  func() // called when all is measured; may be nil
}

// only returns the comparison with the rows that are asked for and the sides
// that these need.
func (c comparison) only(wanted func(name string) bool) comparison {
	few := comparison{most: c.most, done: c.done}
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

// A round is one measurement of every side.
type round struct {
	samples map[string]sample
	others  float64 // the largest share of the processors that others took meanwhile
}

// quiet is the share of the processors that others may take in a round.
const quiet = 0.05

// run measures all sides in each round, every second round the other way
// round. Rounds that others disturbed are replaced, as far as three times as
// many rounds give quieter ones. A side that cannot be measured takes only
// its own rows with it.
func (c comparison) run(b *bench) []result {
	var rounds []round
	failed := map[string]error{}
	want := c.rounds(b.rounds)
	for calm := 0; calm < want && len(rounds) < 3*want; {
		r := b.round(c.sides, failed)
		rounds = append(rounds, r)
		if r.others <= quiet {
			calm++
		}
		slices.Reverse(c.sides)
	}
	if c.done != nil {
		c.done()
	}
	slices.SortStableFunc(rounds, func(x, y round) int { return cmp.Compare(x.others, y.others) })
	rounds = rounds[:want]
	var results []result
	for _, r := range c.rows {
		if err := cmp.Or(failed[r.ours], failed[r.theirs]); err != nil {
			results = append(results, result{row: r, err: err})
		} else {
			results = append(results, newResult(r, rounds))
		}
	}
	return results
}

// rounds is how many there are to be when so many are asked for.
func (c comparison) rounds(asked int) int {
	if c.most > 0 {
		return min(c.most, asked)
	}
	return asked
}

// round measures the sides in their order. What fails is left out from then
// on.
func (b *bench) round(sides []side, failed map[string]error) round {
	r := round{samples: map[string]sample{}}
	for _, s := range sides {
		if failed[s.name] != nil {
			continue
		}
		got, others, err := b.watched(s.measure)
		if err != nil {
			failed[s.name] = fmt.Errorf("%s: %w", s.name, err)
		}
		r.samples[s.name], r.others = got, max(r.others, others)
	}
	return r
}

// A result is what a row came to.
type result struct {
	row
	ourMedian, theirMedian float64
	figure                 float64 // median of the rounds' ratios
	low, high              float64 // quartiles of these
	others                 float64 // share of the processors that others took, in the worst round
	rounds                 int
	err                    error // why there is none
}

func newResult(r row, rounds []round) result {
	var ours, theirs, figures, others []float64
	for _, rd := range rounds {
		a := r.quantity.of(rd.samples[r.ours])
		ours, others = append(ours, a), append(others, rd.others)
		if r.theirs == "" {
			figures = append(figures, a)
			continue
		}
		b := r.quantity.of(rd.samples[r.theirs])
		theirs, figures = append(theirs, b), append(figures, a/b)
	}
	res := result{
		row: r, rounds: len(rounds), ourMedian: quantile(ours, 0.5), others: slices.Max(others),
		figure: quantile(figures, 0.5), low: quantile(figures, 0.25), high: quantile(figures, 0.75),
	}
	if r.theirs != "" {
		res.theirMedian = quantile(theirs, 0.5)
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
