package binding

import (
	"log/slog"
	"net/netip"
	"strconv"
)

func (d *MarcoDoor) ignore(why error, from netip.AddrPort, datagram []byte) {
	d.counted.ignored.Add(1)
	d.junk.debug("request ignored", "code", "MARCO-JUNK", "remote", from, "err", why, "datagram", quoted(datagram))
}

// quoted is the beginning of a datagram for the log.
type quoted []byte

// LogValue implements [slog.LogValuer].
func (q quoted) LogValue() slog.Value {
	return slog.StringValue(strconv.QuoteToASCII(string(q[:min(len(q), 80)])))
}
