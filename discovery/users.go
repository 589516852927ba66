package discovery

import (
	"context"
	"net/netip"
)

// waitingUsers is how many requests for services of users may wait.
const waitingUsers = 64

// users answers requests for services of users, one after another and apart
// from all others: that may take as long as a disk does.
type users struct {
	offers  Offers
	waiting chan userRequest
}

type userRequest struct {
	ear *ear // which heard it
	id  string
	to  netip.AddrPort
}

func newUsers(offers Offers) *users {
	return &users{offers: offers, waiting: make(chan userRequest, waitingUsers)}
}

// take reports whether there is room for r.
func (u *users) take(r userRequest) bool {
	select {
	case u.waiting <- r:
		return true
	default:
		return false
	}
}

func (u *users) run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case r := <-u.waiting:
			r.ear.counts.count(u.answer(r))
		}
	}
}

func (u *users) answer(r userRequest) outcome {
	datagram, ok := u.offers.UserReply(r.ear.group, r.id)
	if !ok {
		return unknown
	}
	return r.ear.send(datagram, r.to)
}
