// Package conformance judges XML-RPC servers from outside: it holds a table of
// requests with what must come back, speaks raw TCP or TLS, and reads answers
// with code of its own, so that it shares no mistake with the server it judges.
//
// Rules are those of co2's contract (H HTTP, X document, S structure, V values,
// F faults, M methods, L limits). Each [Case] has a [Level], so that a server
// of others can be held to the public text alone.
package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// A Level says whose demand a case is. Each includes those before it.
type Level int

const (
	// Spec is the public text of XML-RPC, and XML 1.0 and HTTP below it.
	Spec Level = iota + 1
	// Convention is what servers have agreed on since: fault codes,
	// introspection, multicall, the validator, i8 and nil.
	Convention
	// CO2 is the stricter contract of this project.
	CO2
)

// exact is beyond all levels: results are compared letter by letter.
const exact = CO2 + 1

var levelNames = []string{Spec: "spec", Convention: "convention", CO2: "co2"}

func (l Level) String() string { return levelNames[l] }

// ParseLevel is the opposite of String.
func ParseLevel(name string) (Level, error) {
	if i := slices.Index(levelNames, name); i >= int(Spec) {
		return Level(i), nil
	}
	return 0, fmt.Errorf("no level %q; there are %s", name, strings.Join(levelNames[Spec:], ", "))
}

// A Case is one thing a server has to do. It is read only.
type Case struct {
	Rule  string // its number, as "H10" or "V-INT-2"
	Words string
	Level Level
	Needs []string                  // methods the server must have
	Talk  []Turn                    // on one connection
	Do    func(*Talker) *Difference // instead of Talk, for what is no talk
	Heavy bool                      // takes seconds or megabytes: a limit
	Alone bool                      // would disturb others
}

// Name is the case as tests call it.
func (c Case) Name() string { return c.Rule + " " + c.Words }

// A Turn is a request, and the answer that must come.
type Turn struct {
	Send sender
	Want Want
	Then after
}

// after is what happens to the connection behind a turn.
type after int

const (
	stays     after = iota
	ends            // the server closes it
	halfClose       // the client closes its side as soon as it has sent
)

// Cases returns the suite up to a level, in the order of the rules.
func Cases(level Level) []Case {
	return slices.DeleteFunc(allCases(), func(c Case) bool { return c.Level > level })
}

func allCases() []Case {
	return slices.Concat(
		requestLineCases(), mediaTypeCases(), lengthCases(), codingCases(), gzipAnswerCases(), connectionCases(), browserCases(),
		encodingCases(), markupCases(), whiteSpaceCases(),
		structureCases(), numberCases(), textCases(), compoundCases(), extensionCases(),
		faultCases(), nameCases(), introspectionCases(), multicallCases(), validatorCases(),
		headLimitCases(), bodyLimitCases(), documentLimitCases(), timeLimitCases(), crowdCases(),
		vectorCases(),
	)
}

// A Section is a chapter of the report.
type Section struct{ Title, prefix string }

var sections = []Section{
	{"HTTP", "H"}, {"Document", "X"}, {"Structure", "S"}, {"Values", "V-"}, {"Faults", "F"},
	{"Methods", "M"}, {"The validator's methods", "validator1"}, {"Limits", "L"}, {"Vectors", "14"},
}

// sectionOf finds the section of a rule.
func sectionOf(rule string) Section {
	for _, s := range sections {
		if strings.HasPrefix(rule, s.prefix) {
			return s
		}
	}
	return Section{Title: rule}
}
