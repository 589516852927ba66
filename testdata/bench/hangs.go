package main

import "time"

// The names of what is beside each other when satellites hang.
const (
	withHung    = "1 % hang"
	withoutHung = "none hang"
)

// inHang is how many messages count in a round while satellites hang.
const inHang = 4

// measureCalm sends some messages while no satellite hangs.
func (h *hub) measureCalm() (s sample, err error) {
	s.Took, err = h.mean(inHang)
	return s, err
}

// mean is how long a message takes to the last live satellite, in milliseconds.
func (h *hub) mean(messages int) (float64, error) {
	var sum time.Duration
	for range messages {
		took, err := h.once(live)
		if err != nil {
			return 0, err
		}
		sum += took
	}
	return millis(sum) / float64(messages), nil
}

// measureHung sends a message while all answer, one that meets hanging
// satellites first, and then some more. At last these answer and get the rest,
// on a free machine within the time-out of a notify: then no breaker opens, and
// the next round is like this one.
func (h *hub) measureHung() (s sample, err error) {
	calm, err := h.once(live)
	if err != nil {
		return s, err
	}
	if err := h.sink.hang(); err != nil {
		return s, err
	}
	first, err := h.once(live)
	if err != nil {
		return s, err
	}
	s.Delay = millis(first - calm)
	if s.Took, err = h.mean(inHang); err != nil {
		return s, err
	}
	if err := h.sink.release(); err != nil {
		return s, err
	}
	_, err = h.settled()
	return s, err
}

// hangs compare fan-outs with and without satellites that hang.
func (b *bench) hangs(f fleet) comparison {
	var n network
	share(&n, withoutHung, f[many], (*hub).measureCalm)
	share(&n, withHung, f[many], (*hub).measureHung)
	return n.compared(11,
		row{fanOut(many, "until all live ones have it, 1 % hang"), took, withHung, withoutHung, atMost(1.3)},
		row{fanOut(many, "the same when these are first met: delay"), delay, withHung, "", atMost(500)})
}
