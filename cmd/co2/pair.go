package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A pair is KEY=VALUE, whose text is a string, or KEY:=JSON, as a command line
// gives names and values.
type pair struct {
	key, text string
	isJSON    bool
}

func readPair(arg string) (pair, error) {
	key, text, ok := strings.Cut(arg, "=")
	if !ok {
		return pair{}, usagef("%q is not KEY=VALUE (a string) or KEY:=JSON", arg)
	}
	key, isJSON := strings.CutSuffix(key, ":")
	return pair{key, text, isJSON}, nil
}

// value is what JSON knows of it. Numbers keep their spelling.
func (p pair) value() (v any, err error) {
	if !p.isJSON {
		return p.text, nil
	}
	in := json.NewDecoder(strings.NewReader(p.text))
	in.UseNumber()
	if err := in.Decode(&v); err != nil || !json.Valid([]byte(p.text)) {
		return nil, fmt.Errorf("%q is no value of JSON", p.text)
	}
	return v, nil
}
