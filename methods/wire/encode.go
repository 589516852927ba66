package wire

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Pieces of documents.
const (
	declarationText = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

	arrayOpen   = "<value><array><data>"
	arrayClose  = "</data></array></value>"
	structOpen  = "<value><struct>"
	structClose = "</struct></value>"
	memberClose = "</member>"
	nilValue    = "<value><nil/></value>"
)

// maxNesting is how deep Go values may nest. It is far above what a reader
// takes and there to stop values that hold themselves.
const maxNesting = 512

// A room is where a value is written: how many are open around it, and how
// long the document may be. What grows beyond that is given up at the next
// value, so that spelling out numbers costs no more than an answer may (L13).
type room struct{ depth, end int }

var endless = room{end: math.MaxInt}

func roomOf(dst []byte, max int) room { return room{end: len(dst) + max} }

func (in room) deeper() room { return room{in.depth + 1, in.end} }

// ErrTooLong is the error for what would be longer than it may.
var ErrTooLong = errors.New("too long")

var (
	errNesting = fmt.Errorf("nested more than %d deep", maxNesting)
	errNil     = errors.New("a nil pointer has no XML-RPC spelling")
	errNoValue = errors.New("a Raw without a value")
)

// AppendValue appends <value>…</value> in the canonical spelling of xmlrpc.md
// section 5. Struct fields come in the order of declaration, map members
// sorted. A nil slice is an empty array, a nil map an empty struct, a nil any
// nil; a nil pointer or a zero Raw is left out where its field is optional
// and else an error, as are NaN, infinities and integers beyond 64 bit. On an
// error it returns dst as it was.
func AppendValue(dst []byte, v any) ([]byte, error) {
	out, err := appendAny(dst, v, endless)
	if err != nil {
		return dst, fmt.Errorf("encode: %w", err)
	}
	return out, nil
}

// appendAny appends v; the usual types go without reflection.
func appendAny(dst []byte, v any, in room) ([]byte, error) {
	if len(dst) > in.end {
		return dst, ErrTooLong
	}
	switch v := v.(type) {
	case nil:
		return append(dst, nilValue...), nil
	case string:
		return appendString(dst, v), nil
	case bool:
		return appendBool(dst, v), nil
	case int:
		return appendInt(dst, int64(v)), nil
	case int64:
		return appendInt(dst, v), nil
	case float64:
		return appendDouble(dst, v, 64)
	case time.Time:
		return appendTime(dst, v)
	case []byte:
		return appendBytes(dst, v), nil
	case Raw:
		return appendRaw(dst, v)
	case Canonical:
		return appendCanonical(dst, v, in)
	case []any:
		return appendList(dst, v, in)
	case map[string]any:
		return appendMembers(dst, v, in)
	}
	return appendReflected(dst, v, in)
}

func appendString(dst []byte, s string) []byte {
	dst = AppendText(append(dst, "<value><string>"...), s)
	return append(dst, "</string></value>"...)
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "<value><boolean>1</boolean></value>"...)
	}
	return append(dst, "<value><boolean>0</boolean></value>"...)
}

// appendInt writes <int> inside 32 bit, else <i8> (V-INT-4).
func appendInt(dst []byte, n int64) []byte {
	if fitsInt(n) {
		dst = strconv.AppendInt(append(dst, "<value><int>"...), n, 10)
		return append(dst, "</int></value>"...)
	}
	dst = strconv.AppendInt(append(dst, "<value><i8>"...), n, 10)
	return append(dst, "</i8></value>"...)
}

func appendUint(dst []byte, n uint64) ([]byte, error) {
	if n > math.MaxInt64 {
		return dst, fmt.Errorf("%d is beyond 64 bit", n) // V-INT-5
	}
	return appendInt(dst, int64(n)), nil
}

func appendDouble(dst []byte, f float64, bits int) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, fmt.Errorf("%g has no XML-RPC spelling", f) // V-DBL-4
	}
	dst = appendFloat(append(dst, "<value><double>"...), f, bits)
	return append(dst, "</double></value>"...), nil
}

// appendFloat writes the shortest digits that read back the same, with a
// point and without an exponent (V-DBL-3).
func appendFloat(dst []byte, f float64, bits int) []byte {
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
	if slices.Index(dst[from:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

func appendTime(dst []byte, t time.Time) ([]byte, error) {
	out, ok := appendDate(append(dst, "<value><dateTime.iso8601>"...), t)
	if !ok {
		return dst, fmt.Errorf("year %d has no XML-RPC spelling", t.UTC().Year())
	}
	return append(out, "</dateTime.iso8601></value>"...), nil
}

func appendBytes(dst, b []byte) []byte {
	dst = base64.StdEncoding.AppendEncode(append(dst, "<value><base64>"...), b)
	return append(dst, "</base64></value>"...)
}

func appendRaw(dst []byte, r Raw) ([]byte, error) {
	if r.IsZero() {
		return dst, errNoValue
	}
	return append(dst, r.xml...), nil
}

func appendList(dst []byte, list []any, in room) (_ []byte, err error) {
	if in.depth == maxNesting {
		return dst, errNesting
	}
	dst = append(dst, arrayOpen...)
	for i, v := range list {
		if dst, err = appendAny(dst, v, in.deeper()); err != nil {
			return dst, within(indexKey(i), err)
		}
	}
	return append(dst, arrayClose...), nil
}

// appendScalar appends a scalar whose text is canonical but not escaped.
func appendScalar(dst []byte, k kind, text string) []byte {
	switch k {
	case kindNil:
		return append(dst, nilValue...)
	case kindString:
		return appendString(dst, text)
	}
	name := k.String()
	dst = append(append(append(dst, "<value><"...), name...), '>')
	dst = append(append(dst, text...), "</"...)
	return append(append(dst, name...), "></value>"...)
}

// An encodeError is an error of a value inside another.
type encodeError struct {
	path string
	err  error
}

func (e *encodeError) Error() string { return fmt.Sprintf("key %q: %v", clip(e.path, 64), e.err) }

func (e *encodeError) Unwrap() error { return e.err }

// within puts key before the path of err.
func within(key string, err error) error {
	inner, ok := err.(*encodeError)
	switch {
	case !ok:
		return &encodeError{key, err}
	case !strings.HasPrefix(inner.path, "["):
		key += "."
	}
	return &encodeError{key + inner.path, inner.err}
}
