package discovery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"

	"co2/methods"
)

// Methods returns the methods by which operators rule, over XML-RPC, over what
// the host offers. Each call acts as account as, whose right it is to publish
// root services, whoever the operator is; polo tells how it fares, which must
// answer from s.
func (s *Store) Methods(as Account, polo *Polo) []methods.Method {
	m := poloMethods{s, as, polo}
	return []methods.Method{{
		Names:  []string{"polo.list"},
		Doc:    "Returns what this host's Polo offers by multicast, and what it knows of and keeps switched off, sorted by id.",
		Access: methods.Operator,
		Func:   m.list,
	}, {
		Names:  []string{"polo.info"},
		Doc:    "Returns what is known of one service.",
		Access: methods.Operator,
		Func:   m.info,
	}, {
		Names:  []string{"polo.publish"},
		Doc:    "Offers a service of this host by multicast, to whoever asks, and returns its id. It lasts until it is unpublished or the server stops; a permanent one also outlives that.",
		Access: methods.Operator,
		Func:   m.publish,
	}, {
		Names:  []string{"polo.unpublish"},
		Doc:    "Ends the offer of a service and returns 'OK'. One that is in a file comes back with polo.reload and at the next start, unless the file is deleted.",
		Access: methods.Operator,
		Func:   m.unpublish,
	}, {
		Names:  []string{"polo.reload"},
		Doc:    "Reads the service files again and returns 'OK'. Services without a file stay.",
		Access: methods.Operator,
		Func:   m.reload,
	}, {
		Names:  []string{"polo.stats"},
		Doc:    "Returns how many requests this host's Polo has answered, why it was silent to others, and what keeps it from hearing its groups.",
		Access: methods.Operator,
		Func:   m.stats,
	}}
}

// poloMethods are the handlers.
type poloMethods struct {
	store *Store
	as    Account
	polo  *Polo
}

// offered is a service as callers see it.
type offered struct {
	ID        string         `xmlrpc:"id" doc:"what Marcos ask for; user:id for a service of a user"`
	Params    map[string]any `xmlrpc:"params" doc:"what they are told of it"`
	Groups    []string       `xmlrpc:"groups" doc:"multicast groups it is offered in"`
	Disabled  bool           `xmlrpc:"disabled" doc:"whether its file switches it off"`
	Permanent bool           `xmlrpc:"permanent" doc:"whether it was published to last, in a file of its name"`
	Static    bool           `xmlrpc:"static" doc:"whether it is in a file"`
	Owner     string         `xmlrpc:"owner" doc:"the user it belongs to; empty: this host"`
}

func newOffered(i Information) offered {
	return offered{
		ID: i.Identifier, Params: PlainParams(i.Params), Groups: texts(i.Groups),
		Disabled: i.Disabled, Permanent: i.Permanent, Static: i.Static, Owner: i.Owner,
	}
}

// PlainParams are params as XML-RPC knows them: numbers become an int, an i8
// or a double, whichever holds them as they are, or else a string.
func PlainParams(params map[string]any) map[string]any {
	plain := make(map[string]any, len(params))
	for name, v := range params {
		if n, ok := v.(json.Number); ok {
			v = plainNumber(n)
		}
		plain[name] = v
	}
	return plain
}

func plainNumber(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	if f, err := n.Float64(); err == nil && !math.IsInf(f, 0) {
		return f
	}
	return n.String()
}

func texts(groups []netip.Addr) []string {
	list := make([]string, len(groups))
	for i, g := range groups {
		list[i] = g.String()
	}
	return list
}

func (m poloMethods) list(context.Context) ([]offered, error) {
	list := []offered{}
	for _, i := range m.store.List() {
		list = append(list, newOffered(i))
	}
	return list, nil
}

// namedParams names a service.
type namedParams struct {
	Service string `xmlrpc:"service" doc:"id of the service; user:id for a service of a user"`
}

func (m poloMethods) info(_ context.Context, p namedParams) (offered, error) {
	i, ok := m.store.Info(p.Service)
	if !ok {
		return offered{}, &methods.RegistryError{Text: fmt.Sprintf("no service %.60q is known; polo.list lists them", p.Service)}
	}
	return newOffered(i), nil
}

// publishParams are those of polo.publish.
type publishParams struct {
	Service   string         `xmlrpc:"service" doc:"its id, 1 to 30 characters, not of the form user:id"`
	Params    map[string]any `xmlrpc:"params" optional:"true" doc:"what askers are told of it: strings, numbers, booleans and nil; an answer has at most 4095 octets"`
	Groups    []string       `xmlrpc:"groups" optional:"true" doc:"multicast groups to offer it in; all of this Polo's if absent or empty"`
	Permanent bool           `xmlrpc:"permanent" optional:"true" doc:"keep it in a file, so that it comes back after a restart"`
}

func (m poloMethods) publish(_ context.Context, p publishParams) (string, error) {
	id, err := m.store.Publish(m.as, Publication{
		Service: p.Service, Params: p.Params, Groups: p.Groups, Permanent: p.Permanent, Root: true,
	})
	return id, told(err)
}

// unpublishParams are those of polo.unpublish.
type unpublishParams struct {
	Service    string   `xmlrpc:"service" doc:"id of the service; user:id for a service of a user"`
	Groups     []string `xmlrpc:"groups" optional:"true" doc:"multicast groups in which the offer ends; all if absent or empty"`
	DeleteFile bool     `xmlrpc:"delete_file" optional:"true" doc:"also delete its file, so that it does not come back"`
}

func (m poloMethods) unpublish(_ context.Context, p unpublishParams) (string, error) {
	err := m.store.Unpublish(m.as, Withdrawal(p))
	if err != nil {
		return "", told(err)
	}
	return "OK", nil
}

func (m poloMethods) reload(context.Context) (string, error) {
	if err := m.store.Reload(); err != nil {
		return "", &methods.RegistryError{Text: "reload: " + err.Error()}
	}
	return "OK", nil
}

// poloFigures are the stats as callers see them.
type poloFigures struct {
	Requests  int           `xmlrpc:"requests" doc:"requests that came since the start"`
	Answered  int           `xmlrpc:"answered" doc:"those that were answered"`
	Malformed int           `xmlrpc:"malformed" doc:"datagrams that were no request"`
	Strangers int           `xmlrpc:"strangers" doc:"requests from hosts that are not answered"`
	Limited   int           `xmlrpc:"limited" doc:"requests above the rate of answers"`
	Unknown   int           `xmlrpc:"unknown" doc:"requests for services that are not offered"`
	Busy      int           `xmlrpc:"busy" doc:"requests for services of users while too many of them waited"`
	Failed    int           `xmlrpc:"failed" doc:"answers that could not be made or sent"`
	Groups    []groupFigure `xmlrpc:"groups" doc:"how each multicast group is heard"`
	Trouble   string        `xmlrpc:"trouble" doc:"why it does not hear all its groups everywhere; empty: it does"`
}

// groupFigure is one group as callers see it.
type groupFigure struct {
	Group      string   `xmlrpc:"group" doc:"its address"`
	Interfaces []string `xmlrpc:"interfaces" doc:"network interfaces on which it is heard"`
	Trouble    string   `xmlrpc:"trouble" doc:"why it is not heard everywhere; empty: it is"`
}

func (m poloMethods) stats(context.Context) (poloFigures, error) {
	s := m.polo.Stats()
	f := poloFigures{
		Requests: count(s.Marco + s.Discover + s.RequestFor + s.Services), Answered: count(s.Answered),
		Malformed: count(s.Malformed), Strangers: count(s.Strangers), Limited: count(s.Limited),
		Unknown: count(s.Unknown), Busy: count(s.Busy), Failed: count(s.Failed),
		Groups: []groupFigure{}, Trouble: reason(s.Trouble),
	}
	for _, g := range s.Groups {
		one := groupFigure{Group: g.Group.String(), Interfaces: []string{}, Trouble: reason(g.Trouble)}
		for _, i := range g.Interfaces {
			if i.Joined {
				one.Interfaces = append(one.Interfaces, i.Name)
			}
		}
		f.Groups = append(f.Groups, one)
	}
	return f, nil
}

// reason is err in words, none if it is nil.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// count is n as an int of XML-RPC, or the largest.
func count(n uint64) int { return int(min(n, math.MaxInt32)) }

// told makes a refusal one that the caller sees.
func told(err error) error {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return &methods.RegistryError{Text: refusal.Text}
	}
	return err
}
