package door

import "net/http"

// A Refusal is an answer in place of what was asked for: a status and one
// line of plain text, which repeats nothing of the request (H28).
type Refusal struct {
	Status int
	Text   string
	Fields []Field // to go with it

	close bool // where the request ends is not known, or not worth reading
}

// Error makes a refusal an error.
func (no *Refusal) Error() string { return http.StatusText(no.Status) + ": " + no.Text }

// cut is a refusal after which the connection is closed.
func cut(status int, text string) *Refusal {
	return &Refusal{Status: status, Text: text, close: true}
}

func bad(text string) *Refusal { return cut(http.StatusBadRequest, text) }

// errGone ends a connection on which nothing can be said any more.
var errGone = &Refusal{close: true}

// retryAfter is when those who found no room may come again, in seconds.
var retryAfter = []Field{{"Retry-After", "5"}}

// overfull refuses for want of room (L19, L20).
func overfull(text string) *Refusal {
	return &Refusal{http.StatusServiceUnavailable, text, retryAfter, true}
}
