package registry

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"co2/registry/door"
)

// checkBrowser keeps web pages of others from using a person's browser to
// reach this server: requests from foreign origins are refused, and so are
// requests of browsers under a host name that is not ours, which is how a
// rebound DNS name comes in (H25, H26). A form can come from any page without
// being asked about first, and there is no session that another site would
// lack; so it has to say itself that it is of ours.
func (s *Server) checkBrowser(r *door.Request) *door.Refusal {
	form := !isRead(r) && s.takesForms(r.Path)
	switch {
	case (isRead(r) || form || fromBrowser(r)) && !s.knownHost(r):
		return &door.Refusal{Status: http.StatusMisdirectedRequest, Text: "unknown host name; use the IP address, localhost, or a name given to the server (co2 serve --host NAME)"}
	case !isRead(r) && s.fromElsewhere(r):
		return &door.Refusal{Status: http.StatusForbidden, Text: "calls from other sites' pages are refused"}
	case form && r.Get("Origin") == "" && r.Get("Sec-Fetch-Site") == "":
		return &door.Refusal{Status: http.StatusForbidden, Text: "forms are taken from this server's own pages alone, and this one does not say where it is from; programs make calls to /RPC2"}
	}
	return nil
}

// fromElsewhere reports whether a page makes the request that is neither ours
// nor of an origin let in.
func (s *Server) fromElsewhere(r *door.Request) bool {
	let := false
	for _, f := range r.Fields {
		if len(f.Name) == len("Origin") && strings.EqualFold(f.Name, "Origin") {
			if !sameOrigin(f.Value, r) {
				if !s.letIn(f.Value) {
					return true
				}
				let = true
			}
		}
	}
	return !let && slices.ContainsFunc(r.Values("Sec-Fetch-Site"), func(site string) bool {
		return site != "same-origin" && site != "none"
	})
}

// letIn reports whether an origin is on the list.
func (s *Server) letIn(origin string) bool {
	return slices.ContainsFunc(s.cfg.Origins, func(o string) bool { return strings.EqualFold(o, origin) })
}

func fromBrowser(r *door.Request) bool {
	return slices.ContainsFunc(r.Fields, func(f door.Field) bool {
		const fetch = "Sec-Fetch-"
		return strings.EqualFold(f.Name, "Origin") || strings.EqualFold(f.Name, "Cookie") ||
			len(f.Name) > len(fetch) && strings.EqualFold(f.Name[:len(fetch)], fetch)
	})
}

// knownHost reports whether host is an IP literal, localhost or a configured
// name; the port is not compared. Only HTTP/1.0 may leave it out.
func (s *Server) knownHost(r *door.Request) bool {
	host := r.Host
	if host == "" {
		return r.Minor == 0
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return strings.EqualFold(name, "localhost") ||
		slices.ContainsFunc(s.cfg.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

func sameOrigin(origin string, r *door.Request) bool {
	return r.Host != "" && strings.EqualFold(origin, r.Scheme()+"://"+r.Host)
}
