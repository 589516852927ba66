package web

import (
	"cmp"
	"slices"
	"strings"
)

// Attention says in words what a person should look at, empty if the
// satellite is well. One that an operator paused is: that was ordered.
func (s Satellite) Attention() string { return s.needs() }

// needs is Attention without a copy.
func (s *Satellite) needs() string {
	switch s.State {
	case StateDown:
		return "is down"
	case StateStuck:
		return "takes no messages"
	case StateSuspect:
		return "did not answer the latest call"
	case StateFlapping:
		return "registers again and again"
	}
	return ""
}

// urgency sorts those that need attention, the worst lowest.
func (s *Satellite) urgency() int {
	if i := slices.Index(allStates, s.State); i >= 0 {
		return i
	}
	return len(allStates)
}

var allStates = States()

// Name is what people call the satellite.
func (s Satellite) Name() string { return s.name() }

func (s *Satellite) name() string {
	if s.shared {
		return s.Nick + " (" + s.HostID + ")"
	}
	return cmp.Or(s.Nick, s.HostID)
}

// A summary is what all satellites together come to.
type summary struct {
	All    int
	States []stateCount // those that occur, the worst first
	Needy  []*Satellite // the first that need attention, the worst first
	Needs  int          // how many do
	Down   int
	Slow   []*Satellite // of those that answer, the slowest by their latest ping
}

type stateCount struct {
	State State
	Count int
}

// Bounds of a summary.
const (
	mostNeedy = 5
	mostSlow  = 10
)

func summarize(list []Satellite) summary {
	sum := summary{All: len(list)}
	counts := map[State]int{}
	needy := first{most: mostNeedy, before: func(a, b *Satellite) int {
		return cmp.Or(cmp.Compare(a.urgency(), b.urgency()), compareNames(a, b))
	}}
	slow := first{most: mostSlow, before: func(a, b *Satellite) int {
		return cmp.Or(cmp.Compare(b.Ping.Now, a.Ping.Now), compareNames(a, b))
	}}
	for i := range list {
		s := &list[i]
		counts[s.State]++
		if s.needs() != "" {
			sum.Needs++
			needy.take(s)
		}
		if s.Ping.Now >= 0 && s.State != StateDown && s.State != StatePaused {
			slow.take(s)
		}
	}
	for _, state := range States() {
		if n := counts[state]; n > 0 {
			sum.States = append(sum.States, stateCount{state, n})
		}
	}
	sum.Down, sum.Needy, sum.Slow = counts[StateDown], needy.list, slow.list
	return sum
}

// A first keeps the first few of many, in order.
type first struct {
	most   int
	before func(a, b *Satellite) int
	list   []*Satellite
}

func (f *first) take(s *Satellite) {
	if len(f.list) == f.most && f.before(s, f.list[f.most-1]) >= 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(f.list, s, f.before)
	f.list = slices.Insert(f.list, at, s)
	f.list = f.list[:min(len(f.list), f.most)]
}

// Rest is how many need attention beside those named.
func (s summary) Rest() int { return s.Needs - len(s.Needy) }

// compareNames sorts as people look names up, whatever the case.
func compareNames(a, b *Satellite) int {
	if by := compareTexts(strings.ToLower(a.name()), strings.ToLower(b.name())); by != 0 {
		return by
	}
	return compareTexts(a.HostID, b.HostID)
}

// Mood is how the network is, for colour and mark: the sentence says it in
// words.
type mood string

const (
	moodEmpty mood = "empty"
	moodWell  mood = "well"
	moodWarn  mood = "warn"
	moodBad   mood = "bad"
)

func (s summary) mood(d Dump) mood {
	switch {
	case s.Down > 0 || d.Trouble != "":
		return moodBad
	case s.Needs > 0:
		return moodWarn
	case s.All == 0:
		return moodEmpty
	}
	return moodWell
}

// word is a state for people, "unknown" for one that is none of ours.
func (s State) word() string {
	if slices.Contains(States(), s) {
		return string(s)
	}
	return "unknown"
}
