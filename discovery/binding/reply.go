package binding

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// maxReply is how much of a reply the original's Python binding reads: what it
// gets with one recv of 1024 bytes is the whole of it.
const maxReply = 1024

// okReply returns {"OK": value}. Only the answers to Service-info and List, which
// no program of the original reads, may be longer than maxReply.
func okReply(value any) ([]byte, error) { return encodeReply("OK", value) }

// errorReply returns {"Error": text}, the text shortened at its end to what
// fits.
func errorReply(text string) []byte {
	for {
		reply, err := encodeReply("Error", text)
		if err == nil && len(reply) <= maxReply {
			return reply
		}
		text = text[:len(text)*3/4]
		for text != "" && !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
}

// encodeReply writes non-ASCII characters as the original does, which old
// clients may have to rely on.
func encodeReply(key string, value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	reply := fmt.Appendf(nil, `{"%s": `, key)
	for _, r := range string(bytes.TrimSpace(b.Bytes())) {
		reply = appendASCII(reply, r)
	}
	return append(reply, '}'), nil
}

// appendASCII appends a character of a JSON document, escaped unless it is
// ASCII: others are only in texts.
func appendASCII(out []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		return append(out, byte(r))
	}
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
