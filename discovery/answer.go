package discovery

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"time"
)

// Why a request is met with silence, the only refusal the protocol knows.
var (
	errMalformed = errors.New("not a request")
	errStranger  = errors.New("sender is not on an attached network")
	errTooMany   = errors.New("too many requests")
	errNoService = errors.New("no such service")
)

// answer returns the reply to one datagram, or why there is none. What costs
// least is checked first.
func (p *Polo) answer(datagram []byte, group netip.Addr, path Path, now time.Time) ([]byte, error) {
	request, err := ParseRequest(datagram)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if err := p.admit(request, path, now); err != nil {
		return nil, err
	}
	switch request.Command {
	case CommandRequestFor, CommandRequestForLow:
		return p.offered(group, request.Service)
	case CommandServices:
		return p.offers.ServicesReply(group), nil
	}
	return Reply{Command: CommandPolo, Params: map[string]any{"hostname": p.cfg.Hostname}}.Encode()
}

func (p *Polo) admit(request Request, path Path, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.neighbours.admits(path, now) {
		return errStranger
	}
	if !p.limiter.allow(path.Peer.Addr(), cost(request), now) {
		return errTooMany
	}
	return nil
}

func (p *Polo) offered(group netip.Addr, id string) ([]byte, error) {
	find := p.offers.Reply
	if p.offers.IsUserID(id) {
		find = p.offers.UserReply
	}
	if datagram, ok := find(group, id); ok {
		return datagram, nil
	}
	return nil, errNoService
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
