package discovery

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxServiceID is the greatest length of a service id, in Unicode code points.
// MarcoPolo's documentation sets it; the original never checks it.
const MaxServiceID = 30

// userService is the form of the id of a user's service, "user:id", which a
// Polo looks up among that user's files and never among its own services.
var userService = regexp.MustCompile(`^([\p{L}\p{N}_.-]+):([\p{L}\p{N}_.-]+)\z`)

// A Service is something a host offers and others look for by id.
type Service struct {
	// ID is 1 to [MaxServiceID] code points without control characters, not of
	// the form user:id. Case and blanks count.
	ID string `json:"id"`
	// Params are told to everybody who asks; nil means none. Values are
	// strings, bools, nil, json.Number, and Go's ints and floats.
	Params map[string]any `json:"params"`
}

// Validate reports why s could not be offered, as a root service if ID is not
// of the form user:id, or nil. A [Store] whose form of user services is not the
// default may decide otherwise.
func (s Service) Validate() error {
	err := checkID(s.ID)
	if err == nil && userService.MatchString(s.ID) {
		err = errors.New("has the form user:id, which is kept for services of users")
	}
	if err != nil {
		return fmt.Errorf("service id %.60q: %w", s.ID, err)
	}
	if _, err := newItem(s); err != nil {
		return fmt.Errorf("service %q: %w", s.ID, err)
	}
	return nil
}

// reply returns the answer to a request for s.
func (s Service) reply() Reply { return Reply{Command: CommandOK, Params: s.Params} }

func checkID(id string) error {
	switch n := utf8.RuneCountInString(id); {
	case n == 0:
		return errors.New("empty")
	case n > MaxServiceID:
		return fmt.Errorf("%d characters, at most %d", n, MaxServiceID)
	case strings.ContainsRune(id, utf8.RuneError): // also what encoding/json makes of half a surrogate pair
		return errors.New("not UTF-8")
	case strings.ContainsFunc(id, unicode.IsControl):
		return errors.New("has a control character")
	}
	return nil
}

func checkParams(params map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(params))
	for name, value := range params {
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("param %q: name is not UTF-8", name)
		}
		v, err := checkValue(value)
		if err != nil {
			return nil, fmt.Errorf("param %q: %w", name, err)
		}
		out[name] = v
	}
	return out, nil
}

func checkValue(value any) (any, error) {
	switch v := value.(type) {
	case nil, bool:
		return v, nil
	case string:
		if !utf8.ValidString(v) {
			return nil, errors.New("text is not UTF-8")
		}
		return v, nil
	case json.Number, float32, float64,
		int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return number(v)
	}
	return nil, fmt.Errorf("is %s, want text, a number, a bool or nil", kind(value))
}

func kind(value any) string {
	switch value.(type) {
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("%T", value)
}

// number returns v as JSON writes it. A json.Number keeps its spelling.
func number(v any) (json.Number, error) {
	if n, ok := v.(json.Number); ok && n == "" {
		return "", errors.New("empty number") // json.Marshal would make it 0
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("not a JSON number: %w", err)
	}
	return json.Number(text), nil
}
