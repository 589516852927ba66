package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// A report is a run's figures and what they were measured with.
type report struct {
	Machine  string
	Versions []string
	Sizes    string
	Rounds   int // of most rows
	Time     string
	Rows     []line
}

// A line is a row as it is told.
type line struct {
	What, Beside string
	Unit         string
	Rounds       int
	Ours, Theirs float64 // medians
	Figure       float64 // median of the rounds: the ratio, or ours alone
	Low, High    float64 // quartiles of the rounds
	Others       float64 // share of the processors that others took, in the worst round
	Goal         string
	Met          bool
	Error        string `json:",omitempty"`
}

func tell(results []result) []line {
	lines := make([]line, len(results))
	for i, r := range results {
		l := line{What: r.what, Beside: r.theirs, Unit: r.quantity.unit, Rounds: r.rounds, Goal: r.goal.String()}
		if r.err != nil {
			l.Error = r.err.Error()
		} else {
			l.Ours, l.Theirs, l.Figure, l.Low, l.High, l.Others = r.ourMedian, r.theirMedian, r.figure, r.low, r.high, r.others
			l.Met = r.goal.met(r.figure)
		}
		lines[i] = l
	}
	return lines
}

func (r report) json(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// conditions are the lines above the table.
func (r report) conditions() []string {
	return []string{
		r.Machine,
		"beside " + strings.Join(r.Versions, ", "),
		r.Sizes,
		fmt.Sprintf("medians of %d rounds%s, %s of each server in a round; others took up to %.0f %% of the processors", r.Rounds, r.fewer(), r.Time, 100*r.others()),
	}
}

// others is the share of the processors that others took in the worst round.
func (r report) others() float64 {
	var share float64
	for _, l := range r.Rows {
		share = max(share, l.Others)
	}
	return share
}

// fewer tells of rows with fewer rounds.
func (r report) fewer() string {
	least := r.Rounds
	for _, l := range r.Rows {
		if l.Rounds > 0 {
			least = min(least, l.Rounds)
		}
	}
	if least == r.Rounds {
		return ""
	}
	return fmt.Sprintf(" (dumps and networks: %d and more)", least)
}

var columns = []string{"what", "beside", "ours", "theirs", "ratio", "quartiles", "goal", "met", "others"}

// cells are a line by columns.
func (l line) cells() []string {
	if l.Error != "" {
		return []string{l.What, l.Beside, "", "", "not measured", "", l.Goal, "NO", ""}
	}
	met := "yes"
	switch {
	case l.Goal == "":
		met = ""
	case !l.Met:
		met = "NO"
	}
	others := fmt.Sprintf("%.0f %%", 100*l.Others)
	if l.Beside == "" {
		return []string{l.What, "", amount(l.Ours, l.Unit), "", "", "", l.Goal, met, others}
	}
	return []string{l.What, l.Beside, amount(l.Ours, l.Unit), amount(l.Theirs, l.Unit), ratio(l.Figure), ratio(l.Low) + " to " + ratio(l.High), l.Goal, met, others}
}

// ratio writes three digits, as far as there are any.
func ratio(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

func amount(x float64, unit string) string {
	digits := 0
	if unit != "" {
		digits = max(0, 2-int(math.Floor(math.Log10(math.Max(x, 1)))))
	}
	text := fmt.Sprintf("%.*f", digits, x)
	if unit != "" && !strings.HasPrefix(unit, "/") {
		unit = " " + unit
	}
	return text + unit
}

// summary counts.
func (r report) summary() string {
	met, goals := 0, 0
	for _, l := range r.Rows {
		if l.Goal == "" {
			continue
		}
		goals++
		if l.Met {
			met++
		}
	}
	return fmt.Sprintf("%d of %d goals met", met, goals)
}

func (r report) text(w io.Writer) error {
	fmt.Fprintf(w, "%s\n\n", strings.Join(r.conditions(), "\n"))
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(columns, "\t"))
	for _, l := range r.Rows {
		fmt.Fprintln(t, strings.Join(l.cells(), "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.summary())
	return err
}

// complete says which rows could not be measured, and why.
func (r report) complete() error {
	reasons := map[string]bool{}
	var text []string
	for _, l := range r.Rows {
		if l.Error != "" && !reasons[l.Error] {
			reasons[l.Error] = true
			text = append(text, l.Error)
		}
	}
	if len(text) == 0 {
		return nil
	}
	return fmt.Errorf("not everything could be measured:\n%s", strings.Join(text, "\n"))
}
