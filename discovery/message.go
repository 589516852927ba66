package discovery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Sizes of datagrams in bytes. MaxMessage is the original Marco's receive
// buffer, the most either side reads; a message above it is ignored. MaxReply
// keeps replies below it, as MarcoPolo's documentation asks.
const (
	MaxMessage = 4096
	MaxReply   = 4095
)

// A Command says what a message is. Case counts.
type Command string

// The commands on the wire. Early Marcos send Discover for Marco; both
// spellings of Request-For are in use.
const (
	CommandMarco         Command = "Marco"
	CommandDiscover      Command = "Discover"
	CommandRequestFor    Command = "Request-For"
	CommandRequestForLow Command = "Request-for"
	CommandServices      Command = "Services"
	CommandPolo          Command = "Polo"
	CommandOK            Command = "OK"
)

// A Request is what a Marco sends to a group.
type Request struct {
	Command Command
	Service string // the id asked for; with the two Request-For commands only
}

// A Reply is what a Polo sends back to the asker.
type Reply struct {
	Command Command
	// Params are the node's with Polo and the service's with OK, never nil
	// after parsing. Numbers arrive as json.Number, spelled as they were sent.
	Params map[string]any
	// Services is the list that answers Services; nil in every other reply.
	Services []Service
	// Truncated says that Services would not all fit.
	Truncated bool
}

// ParseRequest reads one datagram. It is as strict as the original: UTF-8
// without a byte order mark, one JSON object and nothing after it, keys and
// commands in their exact case, and the last of a repeated key counts. What it
// refuses costs no memory.
func ParseRequest(datagram []byte) (Request, error) {
	command, params, err := parseKeys(datagram)
	if err != nil {
		return Request{}, err
	}
	switch r := (Request{Command: command}); command {
	case CommandRequestFor, CommandRequestForLow:
		if !isText(params) {
			return Request{}, errNoID
		}
		r.Service = string(unquote(params))
		return r, nil
	case "":
		return Request{}, errNoCommand
	default:
		return r, nil
	}
}

var (
	errNoCommand = errors.New("no known command")
	errNoID      = errors.New("no service id")
)

// parseKeys returns the command of a request, "" for any other, and the value
// of Params, nil if it is absent.
func parseKeys(datagram []byte) (command Command, params []byte, err error) {
	object, err := checkObject(datagram)
	if err != nil {
		return "", nil, err
	}
	eachMember(object, func(key, value []byte) {
		switch string(unquote(key)) {
		case "Command":
			command = commandOf(value)
		case "Params":
			params = value
		}
	})
	return command, params, nil
}

// commandOf returns the command of a request, or "".
func commandOf(value []byte) Command {
	if !isText(value) {
		return ""
	}
	text := unquote(value)
	for _, c := range [...]Command{CommandRequestFor, CommandRequestForLow, CommandMarco, CommandDiscover, CommandServices} {
		if string(text) == string(c) {
			return c
		}
	}
	return ""
}

// ParseReply reads one datagram as strictly as [ParseRequest], but takes any
// command. Params that are not an object count as none; a list in their place,
// or in Services, is the answer to Services.
func ParseReply(datagram []byte) (Reply, error) {
	keys, err := parseObject(datagram)
	if err != nil {
		return Reply{}, fmt.Errorf("parse reply: %w", err)
	}
	command, ok := parseText(keys["Command"])
	if !ok {
		return Reply{}, errors.New("parse reply: no command")
	}
	r := Reply{Command: Command(command), Params: parseParams(keys["Params"])}
	r.Services = parseServices(keys["Services"])
	if r.Services == nil {
		r.Services = parseServices(keys["Params"])
	}
	r.Truncated = string(keys["Truncated"]) == "true"
	return r, nil
}

// parseObject keeps the keys as they are spelled: encoding/json would match
// struct fields without regard to case.
func parseObject(datagram []byte) (map[string]json.RawMessage, error) {
	object, err := checkObject(datagram)
	if err != nil {
		return nil, err
	}
	keys := make(map[string]json.RawMessage)
	eachMember(object, func(key, value []byte) { keys[string(unquote(key))] = value })
	return keys, nil
}

func parseText(raw json.RawMessage) (string, bool) {
	text, ok := parseValue(raw).(string)
	return text, ok
}

func parseParams(raw json.RawMessage) map[string]any {
	if params, ok := parseValue(raw).(map[string]any); ok {
		return params
	}
	return map[string]any{}
}

// parseServices returns nil for what is not a list, and skips entries without
// an id.
func parseServices(raw json.RawMessage) []Service {
	list, ok := parseValue(raw).([]any)
	if !ok {
		return nil
	}
	services := make([]Service, 0, len(list))
	for _, item := range list {
		entry, _ := item.(map[string]any)
		if id, ok := entry["id"].(string); ok {
			params, _ := entry["params"].(map[string]any)
			services = append(services, Service{ID: id, Params: params})
		}
	}
	return services
}

// parseValue returns nil for an absent value, as for null.
func parseValue(raw json.RawMessage) any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return nil
	}
	return v
}
