package wire

import (
	"fmt"
	"slices"
	"strings"

	"co2/methods"
)

// A Dialect is how a receiver that cannot read everything wants its documents
// spelled (xmlrpc.md C7): a set of changes to what was sent. The zero Dialect
// changes nothing. Dialects can be compared.
type Dialect uint8

// The changes. At most one of NilOmit and NilEmpty holds, and at most one of
// Latin1 and ASCII; of two the first counts.
const (
	NilOmit     Dialect = 1 << iota // a member that is nil is left out; nil in an array or alone is the empty string
	NilEmpty                        // nil is the empty string
	I8String                        // an i8 is the string of its digits
	DateBasic                       // dates are YYYYMMDDTHH:MM:SS in UTC (V-DT-4)
	NumberPlain                     // numbers have no plus and no leading zeros, doubles a point and no exponent (V-INT-4, V-DBL-3)
	Latin1                          // documents are ISO-8859-1, other characters numeric references
	ASCII                           // documents are US-ASCII, likewise
)

// A dialectWord is a word that people use for changes.
type dialectWord struct {
	word string
	is   Dialect
}

// dialectWords are the words of single changes, in the order they are told.
var dialectWords = []dialectWord{
	{"nil-omit", NilOmit}, {"nil-empty", NilEmpty}, {"i8-string", I8String}, {"date-basic", DateBasic},
	{"number-plain", NumberPlain}, {"latin1", Latin1}, {"ascii", ASCII},
}

// dialectPeers are the words for all that well-known peers need (xmlrpc.md
// section 11).
var dialectPeers = []dialectWord{
	{"python", NilOmit | I8String | DateBasic},
	{"tcl", NilOmit | I8String | DateBasic | NumberPlain | ASCII},
	{"frontier", NilOmit | I8String},
}

// contradictions are changes that exclude each other.
var contradictions = [...]Dialect{NilOmit | NilEmpty, Latin1 | ASCII}

// ParseDialect reads words with blanks or commas between them. Where it
// reports a word it does not know, the Dialect holds the others.
func ParseDialect(words string) (Dialect, error) {
	d, misfit := parseDialect(words)
	if misfit != nil {
		return d, fmt.Errorf("dialect: got %s, want %s", misfit.Got, misfit.Want)
	}
	return d, nil
}

func parseDialect(words string) (d Dialect, misfit *methods.ParamError) {
	for word := range strings.FieldsFuncSeq(words, func(r rune) bool { return r == ',' || r < 0x80 && isSpace(byte(r)) }) {
		change, known := changeFor(word)
		if !known && misfit == nil {
			misfit = &methods.ParamError{Got: quote(word), Want: "words of " + knownWords()}
		}
		d |= change
	}
	for _, both := range contradictions {
		if d&both == both && misfit == nil {
			misfit = &methods.ParamError{Got: strings.Replace((d & both).String(), " ", " and ", 1), Want: "one of them"}
		}
	}
	return d, misfit
}

func changeFor(word string) (change Dialect, known bool) {
	for _, w := range slices.Concat(dialectWords, dialectPeers) {
		if w.word == word {
			return w.is, true
		}
	}
	return 0, false
}

func knownWords() string {
	var list []string
	for _, w := range slices.Concat(dialectWords, dialectPeers) {
		list = append(list, w.word)
	}
	return strings.Join(list, ", ")
}

// String returns the words of d's changes with blanks between them, those of
// peers spelled out; empty for the zero Dialect.
func (d Dialect) String() string {
	var list []string
	for _, w := range dialectWords {
		if d&w.is != 0 {
			list = append(list, w.word)
		}
	}
	return strings.Join(list, " ")
}

// MarshalText implements [encoding.TextMarshaler].
func (d Dialect) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Dialect) UnmarshalText(words []byte) (err error) {
	*d, err = ParseDialect(string(words))
	return err
}

// XMLRPCType implements [methods.Typer].
func (Dialect) XMLRPCType() string { return "string" }

// SetXMLRPC implements [methods.Setter]: a string of words, or an array of
// such strings.
func (d *Dialect) SetXMLRPC(plain any) error {
	words, ok := joinWords(plain)
	if !ok {
		return &methods.ParamError{Got: methods.GotType(plain), Want: "a string of words or an array of strings"}
	}
	var misfit *methods.ParamError
	if *d, misfit = parseDialect(words); misfit != nil {
		return misfit
	}
	return nil
}

func joinWords(plain any) (words string, ok bool) {
	items, isList := plain.([]any)
	if !isList {
		words, ok = plain.(string)
		return words, ok
	}
	list := make([]string, len(items))
	for i := range items {
		if list[i], ok = items[i].(string); !ok {
			return "", false
		}
	}
	return strings.Join(list, " "), true
}
