package discovery

import (
	"errors"
	"fmt"
	"sort"
	"unicode/utf8"

	"co2/discovery/internal/spelling"
)

// errTooLong is returned for a message that its receiver would cut.
var errTooLong = errors.New("message too long")

// envelope is the JSON form of every message.
type envelope struct {
	Command   Command
	Params    any  `json:",omitempty"`
	Services  any  `json:",omitempty"`
	Truncated bool `json:",omitempty"`
}

// Encode returns the datagram, or an error if the service id is not UTF-8 or
// the whole longer than [MaxMessage].
func (r Request) Encode() ([]byte, error) {
	e := envelope{Command: r.Command}
	if r.Command == CommandRequestFor || r.Command == CommandRequestForLow {
		e.Params = r.Service
	}
	if !utf8.ValidString(r.Service) {
		return nil, fmt.Errorf("encode request for %.60q: not UTF-8", r.Service)
	}
	return e.encode(MaxMessage)
}

// Encode returns the datagram, or an error if it would be longer than
// [MaxReply]. A list of services goes under both Services, where the original
// Polo meant to write it, and Params, where the original Marco reads it. If
// that is too long, only Params stays, and then as many services from the
// front as fit, marked Truncated.
func (r Reply) Encode() ([]byte, error) {
	if r.Services != nil {
		return encodeServices(r.Command, r.Services)
	}
	if r.Params == nil {
		r.Params = map[string]any{}
	}
	return envelope{Command: r.Command, Params: r.Params}.encode(MaxReply)
}

func encodeServices(command Command, list []Service) ([]byte, error) {
	whole := envelope{Command: command, Params: list, Services: list}
	if datagram, err := whole.encode(MaxReply); !errors.Is(err, errTooLong) {
		return datagram, err
	}
	whole.Services = nil
	if datagram, err := whole.encode(MaxReply); !errors.Is(err, errTooLong) {
		return datagram, err
	}
	prefix := func(n int) ([]byte, error) {
		return envelope{Command: command, Params: list[:n], Truncated: true}.encode(MaxReply)
	}
	fits := sort.Search(len(list), func(n int) bool {
		_, err := prefix(n + 1)
		return err != nil
	})
	return prefix(fits)
}

// encode writes e the way the original does, whose Polo reply is compact and
// whose other messages have a blank after commas and colons.
func (e envelope) encode(limit int) ([]byte, error) {
	compact, err := spelling.Compact(e)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Command, err)
	}
	datagram := respell(compact, e.Command != CommandPolo)
	if len(datagram) > limit {
		return nil, fmt.Errorf("encode %s: %w: %d bytes, at most %d", e.Command, errTooLong, len(datagram), limit)
	}
	return datagram, nil
}

// respell returns compact JSON with non-ASCII characters escaped and, if
// spaced, a blank after each comma and colon between values.
func respell(compact []byte, spaced bool) []byte {
	out := make([]byte, 0, len(compact)+len(compact)/4)
	quoted, escaped := false, false
	for _, r := range string(compact) {
		out = spelling.AppendASCII(out, r)
		if spaced && !quoted && (r == ',' || r == ':') {
			out = append(out, ' ')
		}
		if r == '"' && !escaped {
			quoted = !quoted
		}
		escaped = r == '\\' && !escaped
	}
	return out
}
