package main

import (
	"fmt"
	"maps"
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
	for _, i := range n.polo.store.List() {
		d.Services = append(d.Services, webService(i))
	}
	return d
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
