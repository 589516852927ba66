package main

import (
	"errors"
	"maps"
	"math"
	"slices"
	"testing"
)

func testBench(rounds int) *bench { return &bench{settings: settings{rounds: rounds}} }

// steady returns a side that always shows this rate.
func steady(name string, rate float64) side {
	return side{name, func() (sample, error) { return sample{Rate: rate}, nil }}
}

// TestRatiosWithinRounds has a machine that gets slower: each round both
// sides lose alike, and the ratio must not see it.
func TestRatiosWithinRounds(t *testing.T) {
	rounds := []round{
		{samples: map[string]sample{"a": {Rate: 800}, "b": {Rate: 100}}},
		{samples: map[string]sample{"a": {Rate: 400}, "b": {Rate: 50}}},
		{samples: map[string]sample{"a": {Rate: 90}, "b": {Rate: 10}}, others: 0.5},
	}
	got := newResult(row{quantity: rate, ours: "a", theirs: "b"}, rounds)
	if got.figure != 8 || got.ourMedian != 400 || got.theirMedian != 50 || got.others != 0.5 {
		t.Errorf("newResult = %+v, want the ratio 8 of 400 and 50, and that others took half", got)
	}
}

func TestAllSidesInEachRound(t *testing.T) {
	var order []string
	noted := func(name string) side {
		return side{name, func() (sample, error) {
			order = append(order, name)
			return sample{Rate: 1}, nil
		}}
	}
	c := comparison{sides: []side{noted("a"), noted("b"), noted("c")}, rows: []row{{quantity: rate, ours: "a", theirs: "c"}}}
	c.run(testBench(2))
	if want := []string{"a", "b", "c", "c", "b", "a"}; !slices.Equal(order[:6], want) {
		t.Errorf("measured in the order %q, want %q", order, want)
	}
}

func TestBrokenSideTakesItsRowsAlone(t *testing.T) {
	broken := side{"broken", func() (sample, error) { return sample{}, errors.New("it broke") }}
	c := comparison{
		sides: []side{steady("a", 10), steady("b", 5), broken},
		rows:  []row{{quantity: rate, ours: "a", theirs: "b"}, {quantity: rate, ours: "a", theirs: "broken"}},
	}
	got := c.run(testBench(3))
	if got[0].err != nil || got[0].figure != 2 {
		t.Errorf("a beside b: %+v, want the ratio 2", got[0])
	}
	if got[1].err == nil {
		t.Errorf("a beside broken: %+v, want an error", got[1])
	}
	if rep := (report{Rows: tell(got)}); rep.complete() == nil || rep.Rows[1].Met {
		t.Errorf("the report hides it: %+v", rep.Rows[1])
	}
}

func TestOnlyMeasuresWhatRowsNeed(t *testing.T) {
	c := comparison{
		sides: []side{steady("a", 1), steady("b", 1), steady("c", 1)},
		rows:  []row{{what: "x", ours: "a", theirs: "b"}, {what: "x", ours: "a", theirs: "c"}, {what: "allocations, x", ours: "a"}},
	}
	few := c.only(func(name string) bool { return name == "x beside c" })
	var names []string
	for _, s := range few.sides {
		names = append(names, s.name)
	}
	if len(few.rows) != 1 || !slices.Equal(names, []string{"a", "c"}) {
		t.Errorf("rows %v of sides %q, want the one beside c", few.rows, names)
	}
}

func TestQuantile(t *testing.T) {
	for q, want := range map[float64]float64{0: 1, 0.25: 1.75, 0.5: 2.5, 1: 4} {
		if got := quantile([]float64{4, 1, 3, 2}, q); got != want {
			t.Errorf("quantile(%g) = %g, want %g", q, got, want)
		}
	}
}

func TestGoal(t *testing.T) {
	for g, met := range map[goal]map[float64]bool{
		atLeast(2):       {1.99: false, 2: true, 100: true},
		atMost(0):        {0: true, 1: false},
		goal{0.95, 1.05}: {0.94: false, 1: true, 1.06: false},
	} {
		for x, want := range met {
			if g.met(x) != want || g.met(math.NaN()) {
				t.Errorf("goal %s met by %g: %t, want %t; never by NaN", g, x, !want, want)
			}
		}
	}
}

func TestAlike(t *testing.T) {
	a := map[string]any{"x": []any{0.75, int64(1), "t"}}
	b := map[string]any{"x": []any{0.7500000000000001, int64(1), "t"}}
	if !alike(a, b) {
		t.Error("the last digit of a float matters")
	}
	for _, other := range []any{map[string]any{"x": []any{0.76, int64(1), "t"}}, map[string]any{"x": []any{0.75, int64(1)}}, map[string]any{"y": a["x"]}, maps.Clone(b)["x"]} {
		if alike(a, other) {
			t.Errorf("%v is like %v", a, other)
		}
	}
}
