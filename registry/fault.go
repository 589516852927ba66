package registry

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"unicode"

	"co2/methods"
	"co2/methods/wire"
)

// maxFaultText is the longest fault text in octets (xmlrpc.md L14).
const maxFaultText = 512

// faultFor is the one place where an error becomes a fault. Errors that are
// not meant for callers stay in the log, under an id that the fault names.
func (s *Server) faultFor(ctx context.Context, method string, err error) wire.Fault {
	if f, ok := errors.AsType[methods.Faulter](err); ok {
		code, text := f.Fault()
		s.logFault(ctx, slog.LevelDebug, method, err)
		return wire.Fault{Code: code, String: oneLine(text)}
	}
	if ctx.Err() != nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		s.logFault(ctx, slog.LevelDebug, method, err)
		return wire.Fault{Code: wire.DeadlineExceeded, String: "the call took longer than " + s.cfg.CallTimeout.String()}
	}
	var id [4]byte
	rand.Read(id[:])
	name := hex.EncodeToString(id[:])
	attrs := []slog.Attr{slog.String("id", name)}
	if p, ok := errors.AsType[*methods.PanicError](err); ok {
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	s.logFault(ctx, slog.LevelError, method, err, attrs...)
	return wire.Fault{Code: wire.InternalError, String: "internal error; the server's log tells more under id " + name}
}

func (s *Server) logFault(ctx context.Context, level slog.Level, method string, err error, more ...slog.Attr) {
	if !s.log.Enabled(ctx, level) {
		return
	}
	code := "CALL-FAULT"
	if level >= slog.LevelError {
		code = "CALL-ERROR"
	}
	attrs := append([]slog.Attr{
		slog.String("code", code),
		slog.String("method", quoteShort(method)),
		slog.String("remote", methods.Peer(ctx).Addr.String()),
		slog.String("err", quoteShort(loggable(err))),
	}, more...)
	s.log.LogAttrs(ctx, level, "call failed", attrs...)
}

// loggable is what the log may hold of an error. What is wrong with a document
// is told to its caller in words that quote it, and it may hold a password.
func loggable(err error) string {
	if e, ok := errors.AsType[*wire.SyntaxError](err); ok {
		return fmt.Sprintf("fault %d at line %d, column %d of the document", e.Code, e.Line, e.Column)
	}
	return err.Error()
}

// quoteShort makes text from outside safe for a log line (xmlrpc.md M4).
func quoteShort(s string) string {
	if len(s) > maxFaultText {
		s = s[:maxFaultText]
	}
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

// oneLine cuts text to what a fault may hold, on one line.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	if len(text) <= maxFaultText {
		return text
	}
	return strings.ToValidUTF8(text[:maxFaultText-len("…")], "") + "…"
}
