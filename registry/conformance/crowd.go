package conformance

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// The cases here hold many connections at once, so they run alone.

// crowdCases are L19, L20 and L-C.
func crowdCases() []Case {
	return []Case{
		{Rule: "L19", Words: "4,097 connections from one address: the last waits or gets HTTP 503", Level: CO2, Heavy: true, Alone: true, Do: lastOfACrowd},
		{Rule: "L20", Words: "17 bodies of 8 MiB at once: HTTP 503 with Retry-After", Level: CO2, Heavy: true, Alone: true, Do: bodiesInFlight},
		{Rule: "L-C", Words: "2,000 connections that are silent or half sent disturb nobody", Level: CO2, Heavy: true, Alone: true, Do: silentCrowd},
	}
}

// crowd opens n connections and sends a part of a call on each; nil if this
// machine does not let it.
func (k *Talker) crowd(n int, part func(i int) sender) []*line {
	lines := make([]*line, n)
	for i := range lines {
		l, err := k.dial()
		if err != nil {
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.EADDRNOTAVAIL) {
				k.excuse = fmt.Sprintf("this machine allows no %d connections", n)
			}
			return nil
		}
		if send := part(i); send != nil {
			l.send(send(k.target), false)
		}
		lines[i] = l
	}
	return lines
}

// aMoment is how long the suite waits to see that nothing comes.
const aMoment = 300 * time.Millisecond

func lastOfACrowd(k *Talker) *Difference {
	nothing := func(int) sender { return nil }
	if k.crowd(4096, nothing) == nil {
		return nil
	}
	last, err := k.dial()
	if err != nil {
		return nil
	}
	last.SetDeadline(time.Now().Add(aMoment))
	sent, a := k.ask(last, Turn{Send: posting(goodCall)})
	if a.Status == 503 || a.Status == 0 {
		return nil
	}
	return &Difference{"4,096 connections, and on another: " + show(sent), "HTTP 503, or nothing while they last", a.String()}
}

// bodiesInFlight sends bodies up to their last octet, so that the server has
// to hold them all.
func bodiesInFlight(k *Talker) *Difference {
	whole := posting(padding(maxBody))(k.target)
	almost := func(*Target) []byte { return whole[:len(whole)-1] }
	lines := k.crowd(17, func(int) sender { return almost })
	answers := make(chan *Answer, len(lines))
	for _, l := range lines {
		l.SetDeadline(time.Now().Add(20 * time.Second))
		l.busy.Go(func() {
			_, a := k.ask(l, Turn{})
			answers <- a
		})
	}
	for range lines {
		a := <-answers
		if a.Status == 503 && a.Header.Get("Retry-After") != "" {
			return nil
		}
		if a.Status != 0 {
			return &Difference{"17 calls of 8 MiB, all but their last octets", "HTTP 503 with Retry-After on one of them", a.String()}
		}
	}
	return &Difference{"17 calls of 8 MiB, all but their last octets", "HTTP 503 with Retry-After on one of them", "no answer on any"}
}

func silentCrowd(k *Talker) *Difference {
	part := func(i int) sender {
		return []sender{nil, plain("POST {path} HT"), then(announcing("Content-Length: 1000"), plain("<?xml"))}[i%3]
	}
	if k.crowd(2000, part) == nil {
		return nil
	}
	return k.talk([]Turn{{Send: posting(goodCall), Want: aResult}})
}
