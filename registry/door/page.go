package door

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Page makes an action of a handler of net/http. Its answer is sent whole,
// with its length, unless the handler flushes: then it is a stream, whose
// pieces go out as they are flushed. The request's context ends when the peer
// of a stream has gone or the server stops. For streams there is so much room
// ([Config].MaxStreams); where it is taken the flush fails, and a refusal goes
// out in the place of the answer.
func Page(h http.Handler) Action {
	return func(ctx context.Context, r *Request, body []byte, a *Answer) {
		req, err := standard(r, body)
		if err != nil {
			a.Status, a.Body = http.StatusBadRequest, append(a.Body, "not a target of a request\n"...)
			a.Fields = append(a.Fields, Field{"Content-Type", "text/plain; charset=utf-8"})
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		w := &pageWriter{answer: a, header: http.Header{}, cancel: cancel}
		defer w.end()
		h.ServeHTTP(w, req.WithContext(ctx))
		w.whole = true
	}
}

// standard is r as net/http has it.
func standard(r *Request, body []byte) (*http.Request, error) {
	u, err := url.ParseRequestURI(r.Target)
	if err != nil {
		return nil, err
	}
	if u.Host != "" { // the target is a whole URL
		u.Scheme, u.Host, u.Path = "", "", r.Path
	}
	header := http.Header{}
	for _, f := range r.Fields {
		if !strings.EqualFold(f.Name, "Host") {
			header.Add(f.Name, f.Value)
		}
	}
	req := &http.Request{
		Method: r.Method, URL: u, RequestURI: r.Target, Host: r.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: r.Minor, RemoteAddr: r.Remote.String(),
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
	}
	if r.Minor == 0 {
		req.Proto = "HTTP/1.0"
	}
	return req, nil
}

// A pageWriter is the http.ResponseWriter of a page. It is for one goroutine.
type pageWriter struct {
	answer *Answer
	header http.Header
	cancel context.CancelFunc
	begun  bool
	whole  bool // the handler has returned
}

// Header implements http.ResponseWriter.
func (w *pageWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *pageWriter) WriteHeader(status int) {
	if w.begun || status < 200 {
		return
	}
	w.begun = true
	a := w.answer
	a.Status = status
	for _, name := range slices.Sorted(keys(w.header)) {
		switch name {
		case "Content-Length":
			if a.conn.request.isHead() { // handlers know and may leave out the body
				a.length, _ = strconv.ParseInt(w.header.Get(name), 10, 64)
			}
		case "Transfer-Encoding", "Date":
		case "Connection":
			a.Close = a.Close || strings.EqualFold(w.header.Get(name), "close")
		default:
			for _, value := range w.header[name] {
				a.Fields = append(a.Fields, Field{name, oneLine(value)})
			}
		}
	}
}

func keys(h http.Header) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range h {
			if isToken(name) && !yield(name) {
				return
			}
		}
	}
}

// oneLine keeps a value from ending its line.
var oneLine = strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace

// Write implements http.ResponseWriter.
func (w *pageWriter) Write(p []byte) (int, error) {
	if w.header.Get("Content-Type") == "" && !w.begun {
		w.header.Set("Content-Type", http.DetectContentType(p))
	}
	w.WriteHeader(http.StatusOK)
	w.answer.Body = append(w.answer.Body, p...)
	if w.answer.flowing != nil && len(w.answer.Body) >= flowPiece {
		return len(p), w.FlushError()
	}
	return len(p), nil
}

// FlushError sends what there is, as one piece. The first one makes the answer
// a stream.
func (w *pageWriter) FlushError() error {
	w.WriteHeader(http.StatusOK)
	a := w.answer
	if a.refused != nil {
		return a.refused
	}
	if a.flowing == nil {
		if err := a.flow(w.cancel); err != nil {
			return err
		}
	}
	piece := a.Body
	a.Body = a.Body[:0]
	return a.flowing.send(piece)
}

// Flush implements http.Flusher.
func (w *pageWriter) Flush() { w.FlushError() }

// end finishes the answer, also one without a body. That of a handler that
// panicked is cut off.
func (w *pageWriter) end() {
	w.WriteHeader(http.StatusOK)
	if f := w.answer.flowing; f != nil {
		if w.whole {
			f.send(w.answer.Body)
		}
		w.answer.kept = f.end(w.whole)
	}
}
