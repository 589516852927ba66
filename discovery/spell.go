package discovery

import (
	"fmt"

	"co2/discovery/internal/spelling"
)

// EncodeJSON returns v as the original spells JSON: a blank after each comma
// and colon between values, and everything outside ASCII escaped, which a
// reader of any encoding can read.
func EncodeJSON(v any) ([]byte, error) {
	compact, err := spelling.Compact(v)
	if err != nil {
		return nil, fmt.Errorf("encode JSON: %w", err)
	}
	return respell(compact, true), nil
}
