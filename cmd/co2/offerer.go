package main

import (
	"context"
	"fmt"
	"strings"

	"co2/discovery"
	"co2/discovery/binding"
	"co2/satellite"
)

// toPolo names the Polo of a command.
type toPolo struct {
	Relay  string `arg:"--relay" placeholder:"URL" help:"have the relay at URL do it [default: the Polo of this host by its Unix socket, else by TLS, else the relay on this host]"`
	Socket string `arg:"--socket,env:CO2_POLO_SOCKET" placeholder:"FILE" help:"the Unix socket of a Polo elsewhere than usual"`
}

// An offerer is a Polo as commands reach it.
type offerer interface {
	// where tells people which one it is.
	where() string
	// hasUsers reports whether it offers services of users too.
	hasUsers() bool
	publish(ctx context.Context, p discovery.Publication) (id string, err error)
	unpublish(ctx context.Context, w discovery.Withdrawal) error
	list(ctx context.Context) ([]offer, error)
	Close() error
}

// An offer is a service as co2 services tells it; its tags are the ones of
// polo.list.
type offer struct {
	ID        string         `xmlrpc:"id" json:"id"`
	Params    map[string]any `xmlrpc:"params" json:"params"`
	Groups    []string       `xmlrpc:"groups" json:"groups"`
	Disabled  bool           `xmlrpc:"disabled" json:"disabled"`
	Permanent bool           `xmlrpc:"permanent" json:"permanent"`
	Static    bool           `xmlrpc:"static" json:"static"`
	Owner     string         `xmlrpc:"owner" json:"owner"`
}

// A noPoloError says where none was found.
type noPoloError struct{ polo, relay error }

func (e *noPoloError) Error() string {
	polo := strings.ReplaceAll(e.polo.Error(), "\n", "; ")
	return fmt.Sprintf("no Polo on this host can be reached, and no relay: start one with co2 polo or co2 serve. Tried: %s; %v", polo, e.relay)
}

// reach finds the Polo.
func (p *toPolo) reach(ctx context.Context) (offerer, error) {
	if p.Relay != "" {
		url, err := serverURL(p.Relay)
		if err != nil {
			return nil, err
		}
		return reachRelay(url)
	}
	polo, poloErr := binding.Dial(ctx, binding.Config{Socket: p.Socket})
	if poloErr == nil {
		return &poloOfferer{polo}, nil
	}
	if p.Socket != "" {
		return nil, poloErr
	}
	if relayErr := askRelay(ctx, localRelay); relayErr != nil {
		return nil, &noPoloError{poloErr, fmt.Errorf("%s: %w", localRelay, relayErr)}
	}
	return reachRelay(localRelay)
}

func reachRelay(url string) (offerer, error) {
	control, err := satellite.NewControl(url)
	if err != nil {
		return nil, &usageError{err}
	}
	return &relayOfferer{control}, nil
}

// A relayOfferer is the Polo of a relay.
type relayOfferer struct{ control *satellite.Control }

func (r *relayOfferer) where() string  { return "the relay at " + r.control.URL() }
func (r *relayOfferer) hasUsers() bool { return false }
func (r *relayOfferer) Close() error   { return nil }

func (r *relayOfferer) publish(ctx context.Context, p discovery.Publication) (id string, err error) {
	err = r.control.Client().Call(ctx, "polo.publish", &id, struct {
		Service   string         `xmlrpc:"service"`
		Params    map[string]any `xmlrpc:"params"`
		Groups    []string       `xmlrpc:"groups"`
		Permanent bool           `xmlrpc:"permanent"`
	}{p.Service, discovery.PlainParams(p.Params), p.Groups, p.Permanent})
	return id, err
}

func (r *relayOfferer) unpublish(ctx context.Context, w discovery.Withdrawal) error {
	return r.control.Client().Call(ctx, "polo.unpublish", nil, struct {
		Service    string   `xmlrpc:"service"`
		Groups     []string `xmlrpc:"groups"`
		DeleteFile bool     `xmlrpc:"delete_file"`
	}{w.Service, w.Groups, w.DeleteFile})
}

func (r *relayOfferer) list(ctx context.Context) (list []offer, err error) {
	err = r.control.Client().Call(ctx, "polo.list", &list)
	return list, err
}

// A poloOfferer is a Polo of its own.
type poloOfferer struct{ *binding.Polo }

func (p *poloOfferer) where() string  { return "the Polo at " + p.Polo.Where() }
func (p *poloOfferer) hasUsers() bool { return true }

func (p *poloOfferer) publish(_ context.Context, w discovery.Publication) (string, error) {
	return p.PublishService(w.Service, w.Params, w.Groups, w.Permanent, w.Root)
}

func (p *poloOfferer) unpublish(_ context.Context, w discovery.Withdrawal) error {
	return p.UnpublishService(w.Service, w.Groups, w.DeleteFile)
}

func (p *poloOfferer) list(context.Context) ([]offer, error) {
	services, err := p.Services()
	list := make([]offer, len(services))
	for i, s := range services {
		list[i] = offer{
			ID: s.Identifier, Params: s.Params, Disabled: s.Disabled, Permanent: s.Permanent, Static: s.Static, Owner: s.Owner,
		}
		for _, g := range s.Groups {
			list[i].Groups = append(list[i].Groups, g.String())
		}
	}
	return list, err
}
