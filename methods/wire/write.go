package wire

import (
	"fmt"
	"math"
)

// AppendCall appends a whole call of method with these params.
func AppendCall(dst []byte, method string, params ...any) ([]byte, error) {
	if trim(method) == "" || len(method) > 255 {
		return dst, fmt.Errorf("encode a call: %q is no name of a method", clip(method, 64))
	}
	out := append(dst, declarationText+"<methodCall><methodName>"...)
	out = append(AppendText(out, method), "</methodName><params>"...)
	for i, p := range params {
		var err error
		out = append(out, "<param>"...)
		if out, err = appendAny(out, p, endless); err != nil {
			return dst, fmt.Errorf("encode param %d of %s: %w", i+1, method, err)
		}
		out = append(out, "</param>"...)
	}
	return append(out, "</params></methodCall>\n"...), nil
}

// AppendResponse appends a whole answer with its one result (S12).
func AppendResponse(dst []byte, result any) ([]byte, error) {
	return AppendResponseWithin(dst, math.MaxInt-len(dst), result)
}

// AppendResponseWithin is [AppendResponse] for an answer of at most max
// octets. A longer one is an [ErrTooLong].
func AppendResponseWithin(dst []byte, max int, result any) ([]byte, error) {
	out := append(dst, declarationText+"<methodResponse><params><param>"...)
	out, err := appendAny(out, result, roomOf(dst, max))
	if err != nil {
		return dst, fmt.Errorf("encode a result: %w", err)
	}
	if out = append(out, "</param></params></methodResponse>\n"...); len(out)-len(dst) > max {
		return dst, fmt.Errorf("encode a result: %w", ErrTooLong)
	}
	return out, nil
}

// AppendFault appends a whole answer that is a fault (F1). Its text becomes
// one line of at most 512 octets (F3).
func AppendFault(dst []byte, f Fault) []byte {
	dst = append(dst, declarationText+"<methodResponse><fault>"+structOpen...)
	dst = append(dst, "<member><name>faultCode</name>"...)
	dst = append(appendInt(dst, int64(f.Code)), memberClose...)
	dst = append(dst, "<member><name>faultString</name>"...)
	dst = append(appendString(dst, oneLine(f.String)), memberClose...)
	return append(dst, structClose+"</fault></methodResponse>\n"...)
}
