package conformance

import (
	"slices"
	"strconv"
	"strings"
)

// A row is a case of one request and its answer.
type row struct {
	rule, words string
	level       Level
	send        sender
	want        Want
}

func fromRows(rows []row, needs ...string) []Case {
	cases := make([]Case, len(rows))
	for i, r := range rows {
		cases[i] = Case{Rule: r.rule, Words: r.words, Level: r.level, Needs: needs, Talk: one(r.send, r.want)}
	}
	return cases
}

func one(send sender, want Want) []Turn { return []Turn{{Send: send, Want: want}} }

// An echoRow is a value sent to the echo, and what must come back: its
// spelling, empty if it is the same, or the code of a fault.
type echoRow struct {
	rule  string
	level Level
	words string
	x     string
	back  string
}

func fromEchoRows(rows []echoRow) []Case {
	cases := make([]Case, len(rows))
	for i, r := range rows {
		if r.words == "" {
			r.words = r.x
		}
		if r.back == "" {
			r.back = r.x
		}
		want := backOrFault(r.back)
		if slices.Contains(spelling, r.rule) {
			want = spells(r.back)
		}
		cases[i] = Case{Rule: r.rule, Words: r.words, Level: r.level, Needs: []string{"echo"}, Talk: one(posting(echoing(r.x)), want)}
	}
	return cases
}

// backOrFault reads the last column of a row.
func backOrFault(back string) Want {
	if code, err := strconv.Atoi(back); err == nil {
		return faults(code)
	}
	return echoes(back)
}

// spelling are the rules of how values are written, which is more than what
// they mean.
var spelling = []string{"S13", "V-INT-4", "V-DBL-3", "V-DT-4", "V-B64-3"}

// A documentRow is a whole document, and what must come of it: the echo's v,
// the code of a fault, or "ok" for any result.
type documentRow struct {
	rule  string
	level Level
	words string
	doc   string
	back  string
}

func fromDocumentRows(rows []documentRow) []Case {
	cases := make([]Case, len(rows))
	for i, r := range rows {
		want := backOrFault(r.back)
		if r.back == "ok" {
			want = aResult
		}
		c := Case{Rule: r.rule, Words: r.words, Level: r.level, Talk: one(posting(plain(r.doc)), want)}
		if strings.Contains(r.doc, "{echo}") {
			c.Needs = []string{"echo"}
		}
		cases[i] = c
	}
	return cases
}
