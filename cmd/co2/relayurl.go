package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"co2/discovery"
)

// What the address of a relay is where nothing else is said.
const (
	usualScheme = "http"
	usualPort   = "2003"
	usualPath   = "/RPC2"
)

// maxPath bounds the path that an answer from the network may name, in octets.
const maxPath = 256

// plainPath is a path that means itself in a URL, whoever reads it.
var plainPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+/?$|^/$`)

// relayURL makes the address of a relay that answered by multicast. Params
// that are absent or null mean port 2003, /RPC2 and http; the host is where
// the answer came from. Anybody can answer, so what is not exactly a port, a
// plain path or http or https is an error.
func relayURL(n discovery.Node) (string, error) {
	port, err := paramPort(n.Params["port"])
	if err != nil {
		return "", err
	}
	path, err := paramText(n.Params, "path", usualPath)
	if err != nil {
		return "", err
	}
	if len(path) > maxPath || !plainPath.MatchString(path) {
		return "", fmt.Errorf("path %.64q is no plain path such as /RPC2", path)
	}
	scheme, err := paramText(n.Params, "scheme", usualScheme)
	if err != nil {
		return "", err
	}
	if scheme != "http" && scheme != "https" {
		return "", fmt.Errorf("scheme %.64q is neither http nor https", scheme)
	}
	return scheme + "://" + net.JoinHostPort(n.Addr.String(), port) + path, nil
}

// paramPort reads a port, which bindings without numbers publish as text.
func paramPort(v any) (string, error) {
	text := usualPort
	switch v := v.(type) {
	case nil:
	case json.Number:
		text = v.String()
	case string:
		text = v
	default:
		return "", fmt.Errorf("port is %T, want a number", v)
	}
	if !isPort(text) {
		return "", fmt.Errorf("port %.64q is not from 1 to 65535", text)
	}
	return text, nil
}

// isPort reports whether text is the digits of a TCP port and nothing else.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0 && text == strconv.FormatUint(n, 10)
}

func paramText(params map[string]any, name, absent string) (string, error) {
	switch v := params[name].(type) {
	case nil:
		return absent, nil
	case string:
		return v, nil
	default:
		return "", fmt.Errorf("%s is %T, want text", name, v)
	}
}

// serverURL makes a URL of what a person gives for a server: a URL, or a host
// with or without port and path, which is a relay's port and http then.
func serverURL(named string) (string, error) {
	if !strings.Contains(named, "://") {
		host, path, _ := strings.Cut(named, "/")
		named = usualScheme + "://" + withPort(host) + "/" + path
	}
	u, err := url.Parse(named)
	if err != nil || u.Port() != "" && !isPort(u.Port()) {
		return "", usagef("--relay %q is no address of a server; want something like 10.0.0.7:2003 or http://127.0.0.1:2003", named)
	}
	return named, nil
}

// withPort adds the port of a relay to a host without one.
func withPort(host string) string {
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return net.JoinHostPort(ip.String(), usualPort)
	}
	if host != "" && !strings.Contains(host, ":") {
		return net.JoinHostPort(host, usualPort)
	}
	return host
}
