package web

// A roll is who is registered, so that pages link to nobody who has left.
type roll map[string]bool

func rollOf(list []Satellite) roll {
	k := make(roll, len(list))
	for i := range list {
		k[list[i].HostID] = true
	}
	return k
}

// A party is a satellite that something is about.
type party struct {
	HostID string // empty: the relay itself
	Nick   string
	Here   bool // it is registered
}

// Name is what people call it.
func (p party) Name() string { return (&Satellite{HostID: p.HostID, Nick: p.Nick}).name() }

func (k roll) party(hostID, nick string) party { return party{hostID, nick, k[hostID]} }

// An eventRow is an event with whom it is about.
type eventRow struct {
	Event
	Who party
}

func (k roll) events(list []Event) []eventRow {
	rows := make([]eventRow, len(list))
	for i, ev := range list {
		rows[i] = eventRow{ev, k.party(ev.HostID, ev.Nick)}
	}
	return rows
}
