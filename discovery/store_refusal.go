package discovery

import (
	"fmt"
	"net/netip"
	"unicode/utf8"
)

// A Refusal is an error of publishing or unpublishing that the program asking
// for it is told. Its text is one of the original Polo's wherever that has one
// for the case, for programs may look at it.
type Refusal struct{ Text string }

func (r *Refusal) Error() string { return r.Text }

func refuse(format string, args ...any) error { return &Refusal{Text: fmt.Sprintf(format, args...)} }

func refuseName(service, reason string) error {
	return refuse("The name of the service %s is invalid: %s", cut(service), reason)
}

func refuseGroup(group, reason string) error {
	return refuse("Invalid multicast group address '%s': %s", cut(group), reason)
}

// cut keeps a foreign text short enough for clients that read one kilobyte.
func cut(text string) string { return cutTo(60, text) }

func cutTo(most int, text string) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// ParseGroup reads the address of a multicast group, a dotted quad from
// 224.0.0.0 to 239.255.255.255 without leading zeros, or returns a [*Refusal].
func ParseGroup(text string) (netip.Addr, error) {
	group, err := netip.ParseAddr(text)
	switch {
	case err != nil || !group.Is4():
		return netip.Addr{}, refuseGroup(text, "Wrong IP format")
	case isGroup(group):
		return group, nil
	case group.As4()[0] < 100: // where the original looks for three digits
		return netip.Addr{}, refuseGroup(text, "IP is not of class D")
	}
	return netip.Addr{}, refuseGroup(text, "The IP is not in the multicast range")
}
