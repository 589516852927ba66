// Package spelling writes JSON as MarcoPolo does: everything outside ASCII
// escaped, which a reader of any encoding can read.
package spelling

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// Compact returns v as JSON without blanks, in UTF-8, with <, > and & as they
// are.
func Compact(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// AppendASCII appends a character of a JSON document, escaped unless it is
// ASCII: others are only in texts.
func AppendASCII(out []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		return append(out, byte(r))
	}
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
