package binding

import (
	"fmt"
	"unicode/utf8"

	"co2/discovery/internal/spelling"
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
	compact, err := spelling.Compact(value)
	if err != nil {
		return nil, err
	}
	reply := fmt.Appendf(nil, `{"%s": `, key)
	for _, r := range string(compact) {
		reply = spelling.AppendASCII(reply, r)
	}
	return append(reply, '}'), nil
}
