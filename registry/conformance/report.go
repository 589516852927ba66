package conformance

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Table writes results in Markdown, a table for each section.
func Table(w io.Writer, results []Result) {
	for _, s := range sections {
		rows := inSection(s, results)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n## %s\n\n| rule | level | what | result |\n| --- | --- | --- | --- |\n", s.Title)
		for _, r := range rows {
			fmt.Fprintf(w, "| %s | %s | %s | %s |\n", r.Rule, r.Level, cell(r.Words), r.Outcome)
		}
	}
}

func inSection(s Section, results []Result) []Result {
	var rows []Result
	for _, r := range results {
		if sectionOf(r.Rule) == s {
			rows = append(rows, r)
		}
	}
	return rows
}

// cell makes text fit for a cell of a table.
func cell(text string) string {
	var b strings.Builder
	for i, r := range text {
		if b.Len() > 90 {
			b.WriteString("…")
			break
		}
		switch _, size := utf8.DecodeRuneInString(text[i:]); {
		case strings.ContainsRune("\\`*_[]<>|#&~", r):
			b.WriteString("\\" + string(r))
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "\\\\x%02x", text[i])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// A Count tells how many cases passed, failed and did not apply.
type Count struct{ Passed, Failed, NotApplicable int }

// Tally counts outcomes.
func Tally(results []Result) (c Count) {
	for _, r := range results {
		switch r.Outcome {
		case Passed:
			c.Passed++
		case Failed:
			c.Failed++
		default:
			c.NotApplicable++
		}
	}
	return c
}

func (c Count) String() string {
	return fmt.Sprintf("%d pass, %d fail, %d n/a", c.Passed, c.Failed, c.NotApplicable)
}

// Summary writes the counts by section and level.
func Summary(w io.Writer, results []Result) {
	const form = "%-24s %-11s %6d %6d %6d\n"
	fmt.Fprintf(w, "%-24s %-11s %6s %6s %6s\n", "section", "level", "pass", "fail", "n/a")
	for _, s := range sections {
		for _, level := range []Level{Spec, Convention, CO2} {
			var rows []Result
			for _, r := range inSection(s, results) {
				if r.Level == level {
					rows = append(rows, r)
				}
			}
			if c := Tally(rows); len(rows) > 0 {
				fmt.Fprintf(w, form, s.Title, level, c.Passed, c.Failed, c.NotApplicable)
			}
		}
	}
	c := Tally(results)
	fmt.Fprintf(w, form, "all", "", c.Passed, c.Failed, c.NotApplicable)
}
