package binding

import (
	"bytes"
	"encoding/json"
	"fmt"

	"co2/discovery"
)

// A request is what a program sends. Its keys count as they are spelled.
type request struct {
	command string
	args    args
}

// args are the arguments of a command, each as it was sent. Where the original
// has a default for an absent one, null stands for absent too.
type args map[string]json.RawMessage

// parseRequest returns a refusal for a value that is no request.
func parseRequest(value json.RawMessage) (request, error) {
	var keys map[string]json.RawMessage
	if value[0] != '{' || json.Unmarshal(value, &keys) != nil || isNull(keys["Command"]) {
		return request{}, refuse("Missing command")
	}
	command, ok := textOf(keys["Command"])
	if !ok {
		return request{}, refuse(unknownCommand)
	}
	r := request{command: command, args: args{}}
	if !isNull(keys["Args"]) && (json.Unmarshal(keys["Args"], &r.args) != nil) {
		return request{}, refuse(unknownCommand)
	}
	return r, nil
}

// known returns the command if there is such a one.
func (r request) known() string {
	if _, ok := commandFor(r.command); ok {
		return r.command
	}
	return "none"
}

// text returns a text argument; given tells whether there is one of any type.
func (a args) text(name string) (text string, given, ok bool) {
	if isNull(a[name]) {
		return "", false, false
	}
	text, ok = textOf(a[name])
	return text, true, ok
}

// flag returns a truth value, false if it is absent. Null is none: the
// original refuses it.
func (a args) flag(name string) (bool, error) {
	switch raw := a[name]; {
	case raw == nil, string(raw) == "false":
		return false, nil
	case string(raw) == "true":
		return true, nil
	}
	return false, refuse(name + " must be boolean")
}

// service returns the id of a service: text, and not empty. Whether there can
// be such a service is not its matter.
func (a args) service() (string, error) {
	id, given, ok := a.text("service")
	if given && !ok {
		return "", refuse(badService(string(a["service"]), "Service must be a string"))
	}
	return id, checkService(id)
}

// groups returns the addresses of multicast groups, none for all of them.
func (a args) groups() ([]string, error) {
	raw := a["multicast_groups"]
	if isNull(raw) {
		return nil, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw} // refused below, unless it is the text of an address
		if text, ok := textOf(raw); ok {
			return nil, refuse(badGroup(text, "Wrong IP format"))
		}
	}
	groups := make([]string, len(list))
	for i, item := range list {
		text, ok := textOf(item)
		if !ok {
			return nil, refuse(badGroup(string(item), "IP must be a string"))
		}
		if _, err := discovery.ParseGroup(text); err != nil {
			return nil, err
		}
		groups[i] = text
	}
	return groups, nil
}

// params returns those of a service, their numbers as they were written.
func (a args) params() (map[string]any, error) {
	if isNull(a["params"]) {
		return nil, nil
	}
	var params map[string]any
	if decodeValue(a["params"], &params) != nil {
		return nil, refuse("params must be an object")
	}
	return params, nil
}

// uid returns a user's number; ok tells whether there is one.
func (a args) uid() (uid uint32, ok bool) {
	return uid, !isNull(a["uid"]) && json.Unmarshal(a["uid"], &uid) == nil
}

func isNull(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }

func textOf(raw json.RawMessage) (text string, ok bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	return text, json.Unmarshal(raw, &text) == nil
}

// decodeValue keeps the spelling of numbers.
func decodeValue(raw json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return decoder.Decode(into)
}

func refuse(text string) error { return &discovery.Refusal{Text: text} }

func badService(id, reason string) string {
	return fmt.Sprintf("The name of the service %s is invalid: %s", shown(id), reason)
}

func badGroup(group, reason string) string {
	return fmt.Sprintf("Invalid multicast group address '%s': %s", shown(group), reason)
}
