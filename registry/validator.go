package registry

import (
	"context"
	"strings"
	"time"

	"co2/methods"
)

// Validator returns the eight methods by which the protocol's author let
// servers be validated: documented at
// http://1998.xmlrpc.com/validator1Docs.html. They take their params one by
// one, as no method of co2 does.
func Validator() []methods.Method {
	return []methods.Method{
		validator("arrayOfStructsTest", "Returns the sum of the members curly of an array of structs.", arrayOfStructs),
		validator("countTheEntities", "Counts the five characters of a string that XML has entities for: a struct of ctLeftAngleBrackets, ctRightAngleBrackets, ctAmpersands, ctApostrophes and ctQuotes.", countTheEntities),
		validator("easyStructTest", "Returns the sum of the members moe, larry and curly of a struct.", easyStruct),
		validator("echoStructTest", "Returns the struct it is given.", echoStruct),
		validator("manyTypesTest", "Returns an array of its six params.", manyTypes),
		validator("moderateSizeArrayCheck", "Returns the first and the last string of an array, joined.", moderateSizeArray),
		validator("nestedStructTest", "Returns the sum of moe, larry and curly on 1 April 2000 in a calendar, which is a struct of years of structs of months of structs of days.", nestedStruct),
		validator("simpleStructReturnTest", "Returns a struct of times10, times100 and times1000: the multiples of a number.", simpleStructReturn),
	}
}

func validator(name, doc string, fn any) methods.Method {
	return methods.Method{
		Names: methods.Under(name, "validator1"), Doc: doc,
		Access: methods.Public, Params: methods.Positional, Func: fn,
	}
}

// stooges is the struct of three numbers that most of the methods get; there
// may be more members.
type stooges struct {
	Moe   int32 `xmlrpc:"moe" doc:"a number"`
	Larry int32 `xmlrpc:"larry" doc:"a number"`
	Curly int32 `xmlrpc:"curly" doc:"a number"`
}

func (s stooges) sum() int { return int(s.Moe) + int(s.Larry) + int(s.Curly) }

type arrayOfStructsParams struct {
	Structs []stooges `xmlrpc:"structs" doc:"structs with the numbers moe, larry and curly"`
}

func arrayOfStructs(_ context.Context, p arrayOfStructsParams) (sum int, err error) {
	for _, s := range p.Structs {
		sum += int(s.Curly)
	}
	return sum, nil
}

type countTheEntitiesParams struct {
	Text string `xmlrpc:"text" doc:"any text"`
}

type entityCounts struct {
	LeftAngleBrackets  int `xmlrpc:"ctLeftAngleBrackets"`
	RightAngleBrackets int `xmlrpc:"ctRightAngleBrackets"`
	Ampersands         int `xmlrpc:"ctAmpersands"`
	Apostrophes        int `xmlrpc:"ctApostrophes"`
	Quotes             int `xmlrpc:"ctQuotes"`
}

func countTheEntities(_ context.Context, p countTheEntitiesParams) (entityCounts, error) {
	count := func(character string) int { return strings.Count(p.Text, character) }
	return entityCounts{count("<"), count(">"), count("&"), count("'"), count(`"`)}, nil
}

type easyStructParams struct {
	Struct stooges `xmlrpc:"struct" doc:"a struct with the numbers moe, larry and curly"`
}

func easyStruct(_ context.Context, p easyStructParams) (int, error) { return p.Struct.sum(), nil }

type echoStructParams struct {
	Struct map[string]any `xmlrpc:"struct" doc:"any struct"`
}

func echoStruct(_ context.Context, p echoStructParams) (map[string]any, error) { return p.Struct, nil }

type manyTypesParams struct {
	Number  int64     `xmlrpc:"number" doc:"an int"`
	Boolean bool      `xmlrpc:"boolean" doc:"a boolean"`
	String  string    `xmlrpc:"string" doc:"a string"`
	Double  float64   `xmlrpc:"double" doc:"a double"`
	Date    time.Time `xmlrpc:"dateTime" doc:"a dateTime.iso8601"`
	Octets  []byte    `xmlrpc:"base64" doc:"a base64"`
}

func manyTypes(_ context.Context, p manyTypesParams) ([]any, error) {
	return []any{p.Number, p.Boolean, p.String, p.Double, p.Date, p.Octets}, nil
}

type moderateSizeArrayParams struct {
	Strings []string `xmlrpc:"strings" doc:"strings, at least one; the suite sends 100 to 200"`
}

func moderateSizeArray(_ context.Context, p moderateSizeArrayParams) (string, error) {
	if len(p.Strings) == 0 {
		return "", &methods.ParamError{Key: "strings", Got: "an empty array", Want: "an array of strings"}
	}
	return p.Strings[0] + p.Strings[len(p.Strings)-1], nil
}

// nestedStructParams names the one day that counts; days are empty otherwise.
type nestedStructParams struct {
	Calendar struct {
		Y2000 struct {
			April struct {
				First stooges `xmlrpc:"01" doc:"the day, with the numbers moe, larry and curly"`
			} `xmlrpc:"04" doc:"the month"`
		} `xmlrpc:"2000" doc:"the year"`
	} `xmlrpc:"calendar" doc:"years by number, in them months and days by two digits"`
}

func nestedStruct(_ context.Context, p nestedStructParams) (int, error) {
	return p.Calendar.Y2000.April.First.sum(), nil
}

type simpleStructReturnParams struct {
	Number int32 `xmlrpc:"number" doc:"a number of at most 32 bit"`
}

type multiples struct {
	Times10   int64 `xmlrpc:"times10"`
	Times100  int64 `xmlrpc:"times100"`
	Times1000 int64 `xmlrpc:"times1000"`
}

func simpleStructReturn(_ context.Context, p simpleStructReturnParams) (multiples, error) {
	n := int64(p.Number)
	return multiples{10 * n, 100 * n, 1000 * n}, nil
}
