package web

import (
	"net/http"
	"slices"
)

// A discoveryPage is how the relay is found.
type discoveryPage struct {
	Discovery
	Heard    []Group // the groups, then unicast
	Silences []silence
	Hidden   int // services that only operators see
}

// A silence is how often there was no answer, and why.
type silence struct {
	Why   string
	Count uint64
}

func (s server) discovery(w http.ResponseWriter, r *http.Request) {
	q := queryForm{none: true}.read(r.URL)
	p := discoveryPage{Discovery: s.site.Network.Discovery()}
	if !s.site.operator(r) { // what is switched off is told to nobody by multicast either
		all := len(p.Services)
		p.Services = slices.DeleteFunc(slices.Clone(p.Services), func(s Service) bool { return s.Disabled })
		p.Hidden = all - len(p.Services)
	}
	p.Heard = append(slices.Clone(p.Groups), p.Unicast)
	c := p.Counts
	p.Silences = []silence{
		{"not a request of the protocol", c.Malformed}, {"from a host or interface that is not answered", c.Strangers},
		{"more than are answered a second", c.Limited}, {"for a service that is not offered", c.Unknown},
		{"too many for services of users at once", c.Busy}, {"the answer could not be made or sent", c.Failed},
	}
	s.show(w, r, "discovery", page{Title: "Discovery", Notes: q.notes, Data: p})
}

// Asked is how many requests came, of all kinds.
func (c Counts) Asked() uint64 { return c.Marco + c.Discover + c.RequestFor + c.Services }
