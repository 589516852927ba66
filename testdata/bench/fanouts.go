package main

// The names of what fan-outs are measured beside.
const (
	limit   = "limit"
	shared  = "net/http, 64 workers"
	clients = "kolo clients"
	kept    = "kolo clients, kept"
	lightly = "NATS core, light"
)

// fanOuts compare messages to many satellites. All sides send one message
// after another, so many in a round.
func (b *bench) fanOuts(f fleet) []comparison {
	hubs := func(messages int) func(*hub) (sample, error) {
		return func(h *hub) (sample, error) { return h.measure(messages) }
	}
	fans := func(messages int) func(*fan) (sample, error) {
		return func(f *fan) (sample, error) { return f.measure(messages) }
	}
	var beside, beside1, nats, simple network
	share(&beside, "co2", f[many], hubs(5))
	own(&beside, limit, func() (*fan, error) { return b.limitOf(f[many], "notify") }, fans(5))

	share(&beside1, "co2", f[some], hubs(50))
	own(&beside1, natsCore, func() (*fan, error) { return b.natsSide(some, false) }, fans(50))

	share(&nats, "co2", f[many], hubs(5))
	own(&nats, natsCore, func() (*fan, error) { return b.natsSide(many, false) }, fans(5))
	own(&nats, limit, func() (*fan, error) { return b.limitOf(f[many], "notify") }, fans(5))
	own(&nats, lightly, func() (*fan, error) { return b.natsSide(many, true) }, fans(5))

	share(&simple, "co2", f[many], hubs(2))
	own(&simple, limit, func() (*fan, error) { return b.limitOf(f[many], "notify") }, fans(2))
	own(&simple, shared, func() (*fan, error) { return b.programSide("shared", many) }, fans(1))
	own(&simple, clients, func() (*fan, error) { return b.programSide("clients", many) }, fans(1))
	own(&simple, kept, func() (*fan, error) { return b.programSide("kept", many) }, fans(1))

	return []comparison{
		beside.compared(11,
			row{fanOut(many, "deliveries"), rate, "co2", limit, atLeast(0.75)},
			row{fanOut(many, "CPU per delivery"), cpu, "co2", limit, atMost(1.6)},
			row{fanOut(many, "answer of relay.relay"), answer, "co2", "", atMost(5)},
			row{fanOut(many, "peak memory"), peak, "co2", "", atMost(64)}),
		beside1.compared(11, row{fanOut(some, "deliveries"), rate, "co2", natsCore, atLeast(1.3)}),
		nats.compared(11,
			row{fanOut(many, "deliveries"), rate, "co2", natsCore, atLeast(1.25)},
			row{fanOut(many, "deliveries"), rate, "co2", lightly, atLeast(1)},
			row{fanOut(many, "deliveries of the limit"), rate, limit, natsCore, goal{}}),
		simple.compared(5,
			row{fanOut(many, "deliveries"), rate, "co2", shared, atLeast(3)},
			row{fanOut(many, "deliveries"), rate, "co2", clients, atLeast(15)},
			row{fanOut(many, "deliveries"), rate, "co2", kept, atLeast(3)},
			row{fanOut(many, "deliveries of the limit"), rate, limit, shared, goal{}},
			row{fanOut(many, "deliveries of the limit"), rate, limit, clients, goal{}}),
	}
}

// limitOf is the limit with requests of a kind as the relay makes them.
func (b *bench) limitOf(start func() (*hub, error), kind string) (*fan, error) {
	h, err := start()
	if err != nil {
		return nil, err
	}
	if kind == "notify" {
		if _, err := h.once(all); err != nil {
			return nil, err
		}
	}
	request, err := h.sink.last(kind)
	if err != nil {
		return nil, err
	}
	return b.limitSide(h.to.n, kind, request)
}
