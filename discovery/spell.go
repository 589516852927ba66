package discovery

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// EncodeJSON returns v as the original spells JSON: a blank after each comma
// and colon between values, and everything outside ASCII escaped, which a
// reader of any encoding can read.
func EncodeJSON(v any) ([]byte, error) {
	var compact bytes.Buffer
	encoder := json.NewEncoder(&compact)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encode JSON: %w", err)
	}
	return respell(bytes.TrimSpace(compact.Bytes()), true), nil
}
