package binding

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"co2/discovery"
)

var (
	errForeign = errors.New("not of this host")
	// errRefused is wrapped by what is answered with marcoError.
	errRefused = errors.New("bad request")
)

// A marcoRequest is a request of a local program, ready to be made.
type marcoRequest struct {
	query  discovery.Query
	reader marcoReader
	at     time.Time // when it came
}

// due returns the query with what is left of its time, counted from when the
// request came: many that come at once wait for one another.
func (r marcoRequest) due() discovery.Query {
	q := r.query
	q.Timeout = max(time.Millisecond, cmp.Or(q.Timeout, discovery.DefaultTimeout)-time.Since(r.at))
	return q
}

// hostName is what names of hosts look like. Others are not looked up: errors
// quote what was.
var hostName = regexp.MustCompile(`^[A-Za-z0-9._-]{0,253}$`)

// find makes the query.
func (r marcoRequest) find(ctx context.Context) ([]discovery.Node, error) {
	if !hostName.MatchString(r.query.Node) {
		return nil, fmt.Errorf("the node is not a host name, it has %d bytes", len(r.query.Node))
	}
	return discovery.Find(ctx, r.due())
}

// parseMarcoRequest reads one datagram; base is what the datagram leaves open.
// What is not an object of JSON is met with silence, as by the original, and
// so is an error, lest two doors answer each other for ever. Errors are for the
// log and quote nothing of the datagram.
func parseMarcoRequest(datagram []byte, base discovery.Query) (marcoRequest, error) {
	var keys fields
	switch {
	case len(datagram) > maxMarcoRequest:
		return marcoRequest{}, fmt.Errorf("longer than %d bytes", maxMarcoRequest)
	case !utf8.Valid(datagram):
		return marcoRequest{}, errors.New("not UTF-8")
	case json.Unmarshal(datagram, &keys) != nil || keys == nil:
		return marcoRequest{}, errors.New("not an object of JSON")
	case keys.absent("Command") && !keys.absent("Error"):
		return marcoRequest{}, errors.New("an error, not a request")
	}
	query, err := keys.query(base)
	if err != nil {
		return marcoRequest{}, fmt.Errorf("%w: %w", errRefused, err)
	}
	return marcoRequest{query, keys.reader(datagram), time.Now()}, nil
}

// query returns what to ask.
func (f fields) query(base discovery.Query) (discovery.Query, error) {
	q := discovery.Query{
		Groups: base.Groups, Port: base.Port, Interfaces: base.Interfaces, Timeout: base.Timeout, Retries: base.Retries,
		Open: base.Open, LookUp: base.LookUp, MaxBytes: marcoAnswerBytes,
	}
	err := errors.Join(f.command(&q), f.into("node", &q.Node),
		f.groups(&q), f.exclude(&q), f.maxNodes(&q), f.timeout(&q), f.retries(&q))
	if q.Command == discovery.CommandServices {
		if q.Node == "" {
			err = errors.Join(err, errors.New("no node to ask for its services"))
		}
	} else {
		err = errors.Join(err, f.into("params", &q.Params))
	}
	return q, err
}

func (f fields) command(q *discovery.Query) error {
	if err := f.into("Command", &q.Command); err != nil {
		return err
	}
	switch q.Command {
	case discovery.CommandMarco, discovery.CommandServices:
		return nil
	case discovery.CommandRequestFor, discovery.CommandRequestForLow:
		q.Command = discovery.CommandRequestFor // the spelling on the wire
		if err := f.into("Params", &q.Service); err != nil {
			return err
		}
		if q.Service == "" {
			return errors.New("no service to ask for")
		}
		if _, err := (discovery.Request{Command: q.Command, Service: q.Service}).Encode(); err != nil {
			return errors.New("the service id is too long")
		}
		return nil
	}
	return errors.New("no command of Marco's door")
}

// groups reads one group or a list of them.
func (f fields) groups(q *discovery.Query) error {
	var list []string
	if err := f.into("group", &list); err != nil {
		list = []string{""}
		if err := f.into("group", &list[0]); err != nil {
			return err
		}
	}
	var groups []netip.Addr
	for _, text := range list {
		if text == "" && len(list) == 1 { // a binding without a group
			continue
		}
		group, err := netip.ParseAddr(text)
		if err != nil || !group.Is4() || !group.IsMulticast() {
			return errors.New("group is not an IPv4 multicast address")
		}
		if !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	if len(groups) > discovery.MaxGroups {
		return fmt.Errorf("%d groups, at most %d", len(groups), discovery.MaxGroups)
	}
	if len(groups) > 0 {
		q.Groups = groups
	}
	return nil
}

// exclude reads addresses, alone or as [address, port]. A text that is no
// address excludes nobody.
func (f fields) exclude(q *discovery.Query) error {
	var list []any
	if err := f.into("exclude", &list); err != nil {
		return err
	}
	for _, item := range list {
		if pair, ok := item.([]any); ok && len(pair) == 2 {
			item = pair[0]
		}
		text, ok := item.(string)
		if !ok {
			return errors.New("exclude: neither an address nor [address, port]")
		}
		if addr, err := netip.ParseAddr(text); err == nil {
			q.Exclude = append(q.Exclude, addr)
		}
	}
	return nil
}

// maxNodes also reads max-nodes, as the Java binding spells it.
func (f fields) maxNodes(q *discovery.Query) error {
	key := "max_nodes"
	if f.absent(key) {
		key = "max-nodes"
	}
	n, err := f.number(key)
	if err != nil || n != math.Trunc(n) {
		return fmt.Errorf("%s is not a number of nodes", key)
	}
	q.MaxNodes = int(min(n, math.MaxInt32))
	return nil
}

// timeout is in milliseconds.
func (f fields) timeout(q *discovery.Query) error {
	ms, err := f.number("timeout")
	if err != nil {
		return err
	}
	if ms > 0 {
		ms = max(1, min(ms, float64(discovery.MaxTimeout.Milliseconds())))
		q.Timeout = time.Duration(ms * float64(time.Millisecond))
	}
	return nil
}

// retries is not sent by any binding of 2015, though they have the word.
func (f fields) retries(q *discovery.Query) error {
	n, err := f.number("retries")
	if err != nil || n != math.Trunc(n) {
		return errors.New("retries is not a number of times")
	}
	if !f.absent("retries") {
		q.Retries = int(min(n, discovery.MaxRetries))
	}
	return nil
}
