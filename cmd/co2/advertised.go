package main

import (
	"fmt"
	"maps"
	"net"
	"slices"

	"co2/discovery"
	"co2/registry/web"
)

// Discovery implements [web.Network].
func (n *network) Discovery() web.Discovery {
	if n.polo == nil {
		return web.Discovery{Off: n.noPolo}
	}
	s := n.polo.polo.Stats()
	d := web.Discovery{
		Port: int(n.polo.port), Trouble: words(s.Trouble), Counts: web.Counts(s.Counts), Unicast: webGroup(s.Unicast),
		Sources: s.Sources, LastError: s.LastError, LastErrorAt: s.LastErrorAt,
	}
	for _, g := range s.Groups {
		d.Groups = append(d.Groups, webGroup(g))
	}
	n.polo.finders(&d)
	for _, i := range n.polo.store.List() {
		d.Services = append(d.Services, webService(i))
	}
	return d
}

// finders tells who can find the relay: whoever is on an interface where one of
// the groups is heard. A relay on a loopback address is heard there alone.
func (p *relayPolo) finders(d *web.Discovery) {
	for _, g := range append(slices.Clone(d.Groups), d.Unicast) {
		for _, i := range g.Interfaces {
			switch {
			case !i.Joined || slices.Contains(d.Networks, i.Name):
			case isLoopback(i.Name):
				d.Host = true
			case g.Address != "":
				d.Host, d.Networks = true, append(d.Networks, i.Name)
			}
		}
	}
	switch {
	case len(d.Networks) > 0:
	case p.at.Addr().IsLoopback():
		d.LocalOnly = "the relay listens on " + p.at.Addr().String() + " alone; co2 serve --lan lets others in"
	default:
		d.LocalOnly = "no group is heard on another interface"
	}
	d.Find = "co2 find"
	if p.port != defaultPoloPort {
		d.Find += fmt.Sprintf(" --polo-port %d", p.port)
	}
}

const defaultPoloPort = 1337

func isLoopback(name string) bool {
	i, err := net.InterfaceByName(name)
	return err == nil && i.Flags&net.FlagLoopback != 0
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func webGroup(g discovery.GroupStats) web.Group {
	w := web.Group{Counts: web.Counts(g.Counts), Trouble: words(g.Trouble)}
	if g.Group.IsValid() {
		w.Address = g.Group.String()
	}
	for _, i := range g.Interfaces {
		at := web.Interface{Name: i.Name, Joined: i.Joined, Trouble: words(i.Trouble)}
		if i.Addr.IsValid() {
			at.Address = i.Addr.String()
		}
		w.Interfaces = append(w.Interfaces, at)
	}
	return w
}

func webService(i discovery.Information) web.Service {
	s := web.Service{ID: i.Identifier, Owner: i.Owner, Disabled: i.Disabled, Permanent: i.Permanent, Static: i.Static}
	for _, name := range slices.Sorted(maps.Keys(i.Params)) {
		s.Params = append(s.Params, web.Property{Name: name, Value: fmt.Sprint(i.Params[name])})
	}
	for _, g := range i.Groups {
		s.Groups = append(s.Groups, g.String())
	}
	return s
}
