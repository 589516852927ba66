package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Defaults of a [Client] (C5, C8).
const (
	defaultMaxAnswer = 1 << 20
	maxFaultAnswer   = 64 << 10
)

// A Client calls the methods of one server. Fields that are zero stand for
// their defaults. It is safe for concurrent use and must not be copied once
// used.
type Client struct {
	URL       string       // such as http://10.0.0.7:8080/RPC2
	HTTP      *http.Client // nil: one of NewHTTPClient(nil), kept
	Limits    Limits       // of answers
	MaxAnswer int64        // octets of an answer; 1 MiB
	UserAgent string       // "co2"
	Charset   string       // of calls given to Post; "utf-8"

	once sync.Once
	own  *http.Client
}

// An HTTPError says that an exchange brought no XML-RPC answer.
type HTTPError struct {
	Status int
	Text   string // what was wrong; names the status
	Cause  *Fault // the fault that came with a status other than 200, if any
}

func (e *HTTPError) Error() string { return e.Text }

// An AnswerError says that a server answered, but not with what its method
// should return. It is a [methods.Faulter] of its own, so that what is wrong
// with an answer never looks like a fault of somebody's call.
type AnswerError struct {
	Method string
	Err    error // a *SyntaxError or a *methods.ParamError
}

func (e *AnswerError) Error() string { return fmt.Sprintf("answer to %s: %v", e.Method, e.Err) }

func (e *AnswerError) Unwrap() error { return e.Err }

// Fault implements [methods.Faulter].
func (e *AnswerError) Fault() (code int, text string) {
	return TransportError, "the far end answered badly: " + e.Err.Error()
}

// Call calls method and stores its result in the value into points to; a nil
// into throws it away. A fault of the server is returned as *Fault, an answer
// that is no XML-RPC as *HTTPError, one that does not fit as *AnswerError.
func (c *Client) Call(ctx context.Context, method string, into any, params ...any) error {
	if into != nil {
		if _, err := targetFor(into); err != nil {
			return err
		}
	}
	call, err := AppendCall(nil, method, params...)
	if err != nil {
		return err
	}
	answer, charset, err := c.Post(ctx, call)
	if err != nil {
		return fmt.Errorf("call %s: %w", method, err)
	}
	err = ParseResponse(answer, charset, c.Limits, into)
	if fault, ok := err.(*Fault); ok || err == nil {
		if ok {
			return fault
		}
		return nil
	}
	if syntax, ok := errors.AsType[*SyntaxError](err); ok && syntax.foreign {
		return fmt.Errorf("call %s: %w", method, notXMLRPC(http.StatusOK))
	}
	return &AnswerError{method, err}
}

// Post makes one HTTP exchange under C4 to C8 and returns the answer, bounded
// but not yet parsed, and the charset of its Content-Type. Where no XML-RPC
// can have come the error is an *HTTPError.
func (c *Client) Post(ctx context.Context, call []byte) (answer []byte, charset string, err error) {
	req, err := c.request(ctx, call)
	if err != nil {
		return nil, "", err
	}
	resp, err := c.http().Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	return ReadAnswer(resp, c.MaxAnswer)
}

// ReadAnswer reads the body of resp as far as it may be the answer of a call
// (C4, C5, C8), but no further than max octets, 0 being 1 MiB; and returns it
// with the charset of its Content-Type. Where no XML-RPC can have come the
// error is an *HTTPError.
func ReadAnswer(resp *http.Response, max int64) (answer []byte, charset string, err error) {
	charset, isXML := mediaType(resp.Header)
	coding := resp.Header.Get("Content-Encoding")
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return nil, "", httpError(resp.StatusCode, "a redirect, which is not followed") // C4
	case coding != "" && !strings.EqualFold(coding, "identity"):
		return nil, "", httpError(resp.StatusCode, "a compressed answer") // C5
	case resp.StatusCode != http.StatusOK:
		return nil, "", refusal(resp, charset)
	case !isXML:
		return nil, "", notXMLRPC(resp.StatusCode)
	}
	answer, err = read(resp, max)
	return answer, charset, err
}

// request makes the request of C6.
func (c *Client) request(ctx context.Context, call []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(call))
	if err != nil {
		return nil, err
	}
	if req.URL.User != nil {
		return nil, errors.New("the URL of a server must not hold a password") // C4
	}
	agent := c.UserAgent
	if agent == "" {
		agent = "co2"
	}
	charset := c.Charset
	if charset == "" {
		charset = "utf-8"
	}
	req.Header.Set("Content-Type", "text/xml; charset="+charset)
	req.Header.Set("User-Agent", agent)
	req.Header.Set("Accept-Encoding", "identity")
	// The empty list sends nothing, but lets net/http repeat the request when
	// a kept connection turns out closed before the first octet (C13).
	req.Header["Idempotency-Key"] = nil
	return req, nil
}

func (c *Client) http() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	c.once.Do(func() { c.own = NewHTTPClient(nil) })
	return c.own
}

// read reads the answer as far as it is allowed to go.
func read(resp *http.Response, limit int64) ([]byte, error) {
	if limit == 0 {
		limit = defaultMaxAnswer
	}
	tooLong := httpError(resp.StatusCode, fmt.Sprintf("an answer of more than %d octets", limit))
	if resp.ContentLength > limit {
		return nil, tooLong
	}
	var b bytes.Buffer
	if resp.ContentLength > 0 {
		b.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if n > limit {
		return nil, tooLong
	}
	return b.Bytes(), err
}

// refusal is the error for a status other than 200. A fault that came with it
// says why (C8).
func refusal(resp *http.Response, charset string) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxFaultAnswer+1))
	if err != nil || len(body) > maxFaultAnswer {
		return notXMLRPC(resp.StatusCode)
	}
	fault, ok := ParseResponse(body, charset, Limits{}, nil).(*Fault)
	if !ok {
		no := notXMLRPC(resp.StatusCode)
		if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") { // as servers like ours say why
			line, _, _ := strings.Cut(string(body), "\n")
			no.Text += ": " + strconv.Quote(clip(line, 128))
		}
		return no
	}
	return &HTTPError{resp.StatusCode, fmt.Sprintf("HTTP %d with %v", resp.StatusCode, fault), fault}
}

func notXMLRPC(status int) *HTTPError { return httpError(status, "not XML-RPC") }

func httpError(status int, what string) *HTTPError {
	return &HTTPError{Status: status, Text: fmt.Sprintf("%s, HTTP %d", what, status)}
}

// mediaType tells the charset of an answer and whether it can be XML; one
// without a type may be (C8).
func mediaType(h http.Header) (charset string, isXML bool) {
	value := h.Get("Content-Type")
	if value == "" {
		return "", true
	}
	name, params, err := mime.ParseMediaType(value)
	if err != nil && name == "" {
		return "", false
	}
	switch name {
	case "text/xml", "application/xml", "application/xml-rpc":
		return params["charset"], true
	}
	top, sub, _ := strings.Cut(name, "/")
	return params["charset"], (top == "text" || top == "application") && strings.HasSuffix(sub, "+xml")
}
