package web

// A roll is who is registered, so that pages link to nobody who has left, and
// call nobody by a name that is another's too.
type roll struct {
	nicks   map[string]string // by host id
	holders map[string]string // by nick: the host id; empty: several have it
}

func rollOf(list []Satellite) roll {
	k := roll{make(map[string]string, len(list)), make(map[string]string, len(list))}
	for i := range list {
		hostID, nick := list[i].HostID, list[i].Nick
		if _, again := k.holders[nick]; again {
			k.holders[nick] = ""
		} else {
			k.holders[nick] = hostID
		}
		k.nicks[hostID] = nick
	}
	return k
}

// shares reports whether somebody else who is registered has that nick.
func (k roll) shares(hostID, nick string) bool {
	holder, held := k.holders[nick]
	return held && nick != "" && nick != hostID && holder != hostID
}

// tellApart has the names of those in list hold their host ids where a nick
// is not theirs alone.
func (k roll) tellApart(list ...*Satellite) {
	for _, s := range list {
		s.shared = k.shares(s.HostID, s.Nick)
	}
}

// A party is a satellite that something is about.
type party struct {
	HostID string // empty: the relay itself
	Nick   string
	Here   bool // it is registered
	shared bool // its nick, with others
}

// Name is what people call it.
func (p party) Name() string {
	return (&Satellite{HostID: p.HostID, Nick: p.Nick, shared: p.shared}).name()
}

// party returns the one of a host id. An empty nick is looked up.
func (k roll) party(hostID, nick string) party {
	now, here := k.nicks[hostID]
	if nick == "" {
		nick = now
	}
	return party{hostID, nick, here, k.shares(hostID, nick)}
}

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
