package binding

import (
	"context"
	"log/slog"
	"net/netip"
	"strconv"
	"time"
)

func (d *MarcoDoor) ignore(why error, from netip.AddrPort, datagram []byte) {
	d.counted.ignored.Add(1)
	d.tell(slog.LevelDebug, "request ignored", "code", "MARCO-JUNK", "remote", from, "err", why, "datagram", quoted(datagram))
}

// tell logs, but not as often as local programs may like.
func (d *MarcoDoor) tell(level slog.Level, what string, args ...any) {
	if d.log.Enabled(context.Background(), level) && d.lines.AllowN(time.Now(), 1) {
		d.log.Log(context.Background(), level, what, args...)
	}
}

// quoted is the beginning of a datagram for the log.
type quoted []byte

// LogValue implements [slog.LogValuer].
func (q quoted) LogValue() slog.Value {
	return slog.StringValue(strconv.QuoteToASCII(string(q[:min(len(q), 80)])))
}
