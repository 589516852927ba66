package methods

import (
	"fmt"
	"strings"
)

// The fault codes methods need of the fault code interoperability convention
// (20010516); wire and registry use the same numbers.
const (
	CodeMethodNotFound = -32601
	CodeInvalidParams  = -32602
	CodeInternal       = -32603
	CodeNotPermitted   = -32004
)

// A Faulter is an error that a remote caller may see. Any other error is told
// to the log only.
type Faulter interface {
	error
	// Fault returns the fault code and its one line of text.
	Fault() (code int, text string)
}

// A ParamError says which param or key of a call is wrong, what came and what
// was wanted. It faults with -32602.
type ParamError struct {
	Key  string // path to the value, as in "port" or "entries[2].name"; empty: the param itself
	Got  string // what came: an XML-RPC type name, "nothing", or a short value
	Want string // what was wanted
}

func (e *ParamError) Error() string {
	what := "the param"
	if e.Key != "" {
		what = fmt.Sprintf("key %q", clip(e.Key, 64))
	}
	return fmt.Sprintf("%s: got %s, want %s", what, e.Got, e.Want)
}

// Fault implements [Faulter].
func (e *ParamError) Fault() (int, string) { return CodeInvalidParams, e.Error() }

// In returns e with its path put below key, for errors found inside a struct
// member or an array item ("[3]").
func (e *ParamError) In(key string) *ParamError {
	below := *e
	switch {
	case e.Key == "":
		below.Key = key
	case strings.HasPrefix(e.Key, "["):
		below.Key = key + e.Key
	default:
		below.Key = key + "." + e.Key
	}
	return &below
}

// A CountError says that a call carried too few or too many params. It faults
// with -32602.
type CountError struct {
	Got  int
	Want string // "1 param", "no param or 1 struct"
}

func (e *CountError) Error() string {
	if e.Got == 1 {
		return "got 1 param, want " + e.Want
	}
	return fmt.Sprintf("got %d params, want %s", e.Got, e.Want)
}

// Fault implements [Faulter].
func (e *CountError) Fault() (int, string) { return CodeInvalidParams, e.Error() }

// A NotFoundError says that no method has the name. It faults with -32601.
type NotFoundError struct{ Name string }

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("no method %q; sys.listMethods lists them", clip(e.Name, 64))
}

// Fault implements [Faulter].
func (e *NotFoundError) Fault() (int, string) { return CodeMethodNotFound, e.Error() }

// A DeniedError says that the caller may not call the method. It faults with
// -32004.
type DeniedError struct {
	Name string
	Need Access
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("%s is for %s access only", e.Name, e.Need)
}

// Fault implements [Faulter].
func (e *DeniedError) Fault() (int, string) { return CodeNotPermitted, e.Error() }

// A RegistryError is co2's own kind of error, the one its servers raise where
// no other is documented. Old callers may read its name out of the fault text
// (co2.md 2.8).
type RegistryError struct{ Text string }

func (e *RegistryError) Error() string { return e.Text }

// Fault implements [Faulter]: code 1 and the name co2 (2003) printed.
func (e *RegistryError) Fault() (int, string) { return 1, "registry.Co2RegistryError:" + e.Text }

// A PanicError is what became of a handler that panicked. It is no Faulter:
// callers see an internal error, the log gets the value and the stack.
type PanicError struct {
	Method string
	Value  any
	Stack  []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic in %s: %v", e.Method, e.Value) }

// clip cuts s to at most n runes.
func clip(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "…"
		}
	}
	return s
}
