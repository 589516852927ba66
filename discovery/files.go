package discovery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"unicode/utf8"

	"co2/discovery/internal/folder"
)

// A ServiceFile is what a service file says: JSON such as
//
//	{"id": "printer", "params": {"port": 9100}, "groups": ["224.0.0.112"], "disabled": false}
//
// of which only id is required, and in which other keys are ignored.
type ServiceFile struct {
	Service // the id without the user, also of a user's service
	// Groups are where it is offered, as they are written; none means in all
	// configured groups. Those that are not configured do not count.
	Groups   []string
	Disabled bool // offered nowhere
}

// ParseServiceFile reads a service file of at most 64 KiB. What it takes is
// checked as [Service.Validate] does, but for the form of user services. A
// value of disabled other than true and false does not count; odd says so.
func ParseServiceFile(data []byte) (f ServiceFile, odd []string, err error) {
	keys, err := fileKeys(data)
	if err != nil {
		return ServiceFile{}, nil, err
	}
	id, ok := parseText(keys["id"])
	if !ok {
		return ServiceFile{}, nil, errors.New("no id that is text")
	}
	if err := checkID(id); err != nil {
		return ServiceFile{}, nil, fmt.Errorf("id %.60q: %w", id, err)
	}
	if f.Groups, err = parseTexts(keys["groups"]); err != nil {
		return ServiceFile{}, nil, fmt.Errorf("groups: %w", err)
	}
	params, ok := parseValue(keys["params"]).(map[string]any)
	if !ok && !isNull(keys["params"]) {
		return ServiceFile{}, nil, errors.New("params: not an object")
	}
	it, err := newItem(Service{ID: id, Params: params})
	if err != nil {
		return ServiceFile{}, nil, err
	}
	f.Service, f.Disabled = it.Service, string(keys["disabled"]) == "true"
	if d := keys["disabled"]; !f.Disabled && !isNull(d) && string(d) != "false" {
		odd = append(odd, fmt.Sprintf("disabled is %.20s, neither true nor false, and does not count", d))
	}
	return f, odd, nil
}

// Encode returns the text of the file, with each number as it is in Params.
func (f ServiceFile) Encode() ([]byte, error) {
	if err := checkID(f.ID); err != nil {
		return nil, fmt.Errorf("service id %.60q: %w", f.ID, err)
	}
	it, err := newItem(f.Service)
	if err != nil {
		return nil, fmt.Errorf("service %q: %w", f.ID, err)
	}
	text, err := fileText(struct {
		ID       string         `json:"id"`
		Params   map[string]any `json:"params"`
		Groups   []string       `json:"groups"`
		Disabled bool           `json:"disabled"`
	}{f.ID, it.Params, append([]string{}, f.Groups...), f.Disabled})
	if err != nil {
		return nil, fmt.Errorf("service %q: %w", f.ID, err)
	}
	return text, nil
}

// fileText is JSON for people, too.
func fileText(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(v)
	return text.Bytes(), err
}

// offeredIn returns those of the configured groups that texts name, all of
// them if there are no texts, and what else texts name.
func offeredIn(configured []netip.Addr, texts []string) (groups []netip.Addr, unknown []string) {
	if len(texts) == 0 {
		return configured, nil
	}
	named := make(map[netip.Addr]bool, len(texts))
	for _, text := range texts {
		group, err := ParseGroup(text)
		if err != nil {
			unknown = append(unknown, text)
			continue
		}
		named[group] = true
	}
	for _, group := range configured {
		if named[group] {
			groups = append(groups, group)
			delete(named, group)
		}
	}
	for _, group := range slices.SortedFunc(maps.Keys(named), netip.Addr.Compare) {
		unknown = append(unknown, group.String())
	}
	return groups, unknown
}

// fileKeys keeps the keys as they are spelled: encoding/json would match
// struct fields without regard to case. Of a repeated key the last counts.
func fileKeys(data []byte) (map[string]json.RawMessage, error) {
	if len(data) > folder.MaxFile {
		return nil, folder.ErrTooLarge
	}
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	if keys == nil {
		return nil, errors.New("null, want an object")
	}
	return keys, nil
}

// parseTexts returns nil for an absent list as for an empty one.
func parseTexts(raw json.RawMessage) ([]string, error) {
	if isNull(raw) {
		return nil, nil
	}
	list, ok := parseValue(raw).([]any)
	if !ok {
		return nil, errors.New("not a list")
	}
	var texts []string
	for _, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("%v is not text", item)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
