package discovery

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"
)

// Why a request is met with silence, the only refusal the protocol knows.
var (
	errMalformed = errors.New("not a request")
	errStranger  = errors.New("sender is not on an attached network")
	errTooMany   = errors.New("too many requests")
)

// answer returns the reply to one datagram, or why there is none. What costs
// least is checked first.
func (p *Polo) answer(datagram []byte, path Path, now time.Time) ([]byte, error) {
	request, err := ParseRequest(datagram)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if !p.neighbours.admits(path, now) {
		return nil, errStranger
	}
	if !p.limiter.allow(path.Peer.Addr(), cost(request), now) {
		return nil, errTooMany
	}
	reply, err := p.reply(request)
	if err != nil {
		return nil, err
	}
	return reply.Encode()
}

func (p *Polo) reply(request Request) (Reply, error) {
	switch request.Command {
	case CommandRequestFor, CommandRequestForLow:
		s, ok := p.services.Lookup(request.Service)
		if !ok {
			return Reply{}, ErrNoService
		}
		return s.reply(), nil
	case CommandServices:
		return Reply{Command: CommandOK, Services: p.services.List()}, nil
	}
	return Reply{Command: CommandPolo, Params: map[string]any{"hostname": p.cfg.Hostname}}, nil
}

func cost(request Request) int {
	if request.Command == CommandServices {
		return servicesCost
	}
	return 1
}

// An excerpt is a datagram for the log: its first bytes, quoted, and only if
// the line is written at all.
type excerpt []byte

// LogValue implements [slog.LogValuer].
func (e excerpt) LogValue() slog.Value {
	return slog.StringValue(strconv.QuoteToASCII(string(e[:min(len(e), 80)])))
}
