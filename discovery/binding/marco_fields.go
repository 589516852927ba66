package binding

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// fields are the keys of a request, as they are spelled.
type fields map[string]json.RawMessage

// absent holds for null too.
func (f fields) absent(key string) bool {
	raw, ok := f[key]
	return !ok || string(raw) == "null"
}

// into decodes a key that is there. Numbers stay as they are spelled.
func (f fields) into(key string, v any) error {
	if f.absent(key) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(f[key]))
	decoder.UseNumber()
	if err := decoder.Decode(v); err != nil {
		return fmt.Errorf("%s is not what it has to be", key)
	}
	return nil
}

// number returns 0 for an absent one. It is never below.
func (f fields) number(key string) (float64, error) {
	var v any
	if err := f.into(key, &v); err != nil || v == nil {
		return 0, err
	}
	text, ok := v.(json.Number)
	if !ok {
		return 0, fmt.Errorf("%s is not a number", key)
	}
	n, _ := text.Float64() // what is too great is infinite
	if !(n >= 0) {
		return 0, fmt.Errorf("%s is below 0", key)
	}
	return n, nil
}
