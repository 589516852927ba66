package discovery

import (
	"fmt"
	"net/netip"
	"time"
)

// read answers each datagram until reading fails.
func (h *hearing) read(e *ear) error {
	buf := make([]byte, MaxMessage+1) // one more, to tell what is too long
	for {
		n, path, err := e.conn.ReadFrom(buf)
		if err != nil {
			return err
		}
		request, err := ParseRequest(buf[:n])
		what := malformed
		if err == nil {
			what = h.answer(e, request, path, time.Now())
		}
		e.counts.count(what)
		if what > answered {
			h.polo.logSilence(what, request.Command, path, n)
		}
	}
}

// answer answers one request. What costs least is checked first, and nothing
// touches more than memory.
func (h *hearing) answer(e *ear, request Request, path Path, now time.Time) outcome {
	e.counts.asked(request.Command)
	p := h.polo
	if !p.around.Load().admits(path, p.cfg.Networks, !e.group.IsValid()) {
		return stranger
	}
	if !p.limiter.allow(path.Peer.Addr(), request.Command, now) {
		return limited
	}
	switch request.Command {
	case CommandRequestFor, CommandRequestForLow:
		return h.answerRequest(e, request.Service, path.Peer)
	case CommandServices:
		return e.send(p.offers.ServicesReply(e.group), path.Peer)
	default:
		return e.send(p.self, path.Peer)
	}
}

func (h *hearing) answerRequest(e *ear, id string, to netip.AddrPort) outcome {
	if !h.polo.offers.IsUserID(id) {
		datagram, ok := h.polo.offers.Reply(e.group, id)
		if !ok {
			return unknown
		}
		return e.send(datagram, to)
	}
	if !h.users.take(userRequest{e, id, to}) {
		return busy
	}
	return postponed
}

// send sends a reply, if there is one. Its source address is left to routing,
// as in the original.
func (e *ear) send(datagram []byte, to netip.AddrPort) outcome {
	if len(datagram) == 0 {
		return failed
	}
	if _, err := e.conn.WriteTo(datagram, Path{Peer: to}); err != nil {
		e.polo.regret(fmt.Errorf("answer: %w", err))
		return failed
	}
	return answered
}
