package web

import (
	"context"
	"errors"
	"io"
	"net/url"
	"syscall"
)

// A noAnswer is why a call brought no answer at all.
type noAnswer struct{ err error }

func (e *noAnswer) Error() string { return e.err.Error() }
func (e *noAnswer) Unwrap() error { return e.err }

// plainTrouble says why a call failed in words that are not those of a
// program, as far as there are any.
func plainTrouble(err error) string {
	var slow interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return "it took longer than these pages wait. It may be busy or hang; the call may have been carried out all the same"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens at its address (the connection was refused)"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no network leads to its address"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it closed the connection without an answer"
	}
	if inner, ok := errors.AsType[*url.Error](err); ok {
		err = inner.Err // it is plain which URL that was
	}
	return err.Error()
}
