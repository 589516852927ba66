package registry

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// checkBrowser keeps web pages of others from using a person's browser to
// reach this server: requests from foreign origins are refused, and so are
// requests of browsers under a host name that is not ours, which is how a
// rebound DNS name comes in (H25, H26).
func (s *Server) checkBrowser(r *http.Request) *refusal {
	switch {
	case (isRead(r) || fromBrowser(r)) && !s.knownHost(r.Host):
		return &refusal{status: http.StatusMisdirectedRequest, text: "unknown host name; use the IP address, localhost, or a name given to the server"}
	case !isRead(r) && fromElsewhere(r):
		return &refusal{status: http.StatusForbidden, text: "calls from other sites' pages are refused"}
	}
	return nil
}

// fromElsewhere reports whether a page of another site makes the request.
func fromElsewhere(r *http.Request) bool {
	return slices.ContainsFunc(r.Header.Values("Sec-Fetch-Site"), func(site string) bool {
		return site != "same-origin" && site != "none"
	}) || slices.ContainsFunc(r.Header.Values("Origin"), func(origin string) bool {
		return !sameOrigin(origin, r)
	})
}

func fromBrowser(r *http.Request) bool {
	for name := range r.Header {
		if name == "Origin" || name == "Cookie" || strings.HasPrefix(name, "Sec-Fetch-") {
			return true
		}
	}
	return false
}

// knownHost reports whether host is an IP literal, localhost or a configured
// name; the port is not compared. Only HTTP/1.0 may leave it out.
func (s *Server) knownHost(host string) bool {
	if host == "" {
		return true
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

func sameOrigin(origin string, r *http.Request) bool {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return r.Host != "" && strings.EqualFold(origin, scheme+r.Host)
}
