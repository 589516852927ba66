package binding

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// MaxRequest is the greatest size of a request, and of a reply that the client
// takes, in bytes with the blanks before it.
const MaxRequest = 64 << 10

var (
	errMalformed = errors.New("malformed JSON")
	errTooLarge  = fmt.Errorf("longer than %d bytes", MaxRequest)
)

// A stream is what a peer sends: JSON values, one after another. The original
// took each chunk that arrived for one value; here a value may come in many
// chunks, and a chunk may hold many.
type stream struct{ in *bufio.Reader }

func newStream(r io.Reader) stream { return stream{bufio.NewReader(r)} }

// begun returns once there is something to read.
func (s stream) begun() error {
	_, err := s.in.Peek(1)
	return err
}

// next returns the next value, and reads nothing beyond it. The error is
// io.EOF when the stream ended between two values, errMalformed or errTooLarge
// when what came is no value, or what reading failed with. After each of them
// the rest of the stream means nothing.
func (s stream) next() (json.RawMessage, error) {
	left := octets{s.in, MaxRequest}
	first, err := left.peekPastBlanks()
	if err != nil {
		return nil, err
	}
	if first != '{' && first != '[' {
		return s.chunk()
	}
	var value json.RawMessage
	switch err := json.NewDecoder(&left).Decode(&value); {
	case err == nil && utf8.Valid(value):
		return value, nil
	case err == nil, errors.Is(err, io.ErrUnexpectedEOF), isSyntax(err):
		return nil, errMalformed
	default:
		return nil, err
	}
}

func isSyntax(err error) bool {
	_, ok := errors.AsType[*json.SyntaxError](err)
	return ok
}

// chunk returns what has arrived by now: a number, text or word, none of which
// can be a request, does not tell where it ends.
func (s stream) chunk() (json.RawMessage, error) {
	there, err := s.in.Peek(s.in.Buffered())
	if err != nil {
		return nil, err
	}
	if !json.Valid(there) || !utf8.Valid(there) {
		return nil, errMalformed
	}
	value := append(json.RawMessage(nil), there...)
	_, err = s.in.Discard(len(there))
	return value, err
}

// octets reads one byte at a time, so that a decoder takes none of what
// follows its value, and only so many.
type octets struct {
	in   *bufio.Reader
	left int
}

func (o *octets) Read(p []byte) (int, error) {
	if o.left == 0 {
		return 0, errTooLarge
	}
	b, err := o.in.ReadByte()
	if err != nil {
		return 0, err
	}
	o.left--
	p[0] = b
	return 1, nil
}

// peekPastBlanks returns the first byte that is not blank and leaves it.
func (o *octets) peekPastBlanks() (byte, error) {
	var b [1]byte
	for {
		switch _, err := o.Read(b[:]); {
		case err != nil:
			return 0, err
		case b[0] != ' ' && b[0] != '\t' && b[0] != '\r' && b[0] != '\n':
			o.left++
			return b[0], o.in.UnreadByte()
		}
	}
}
