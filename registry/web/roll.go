package web

// A roll is who is registered, so that pages link to nobody who has left, and
// call nobody by a name that is another's too.
type roll struct {
	list    []Satellite
	here    map[string]*Satellite // by host id
	holders map[string]string     // by nick, of those asked for: the host id; empty: several have it
}

func rollOf(list []Satellite) roll {
	k := roll{list, make(map[string]*Satellite, len(list)), map[string]string{}}
	for i := range list {
		k.here[list[i].HostID] = &list[i]
	}
	return k
}

// shares reports whether somebody else who is registered has that nick.
func (k roll) shares(hostID, nick string) bool {
	if nick == "" || nick == hostID {
		return false
	}
	holder, asked := k.holders[nick]
	if !asked {
		holder = k.holder(nick)
		k.holders[nick] = holder
	}
	return holder != nobody && holder != hostID
}

// nobody is no host id: those are addresses.
const nobody = "nobody"

// holder returns the host id of who has a nick, empty where several do.
func (k roll) holder(nick string) string {
	found := nobody
	for i := range k.list {
		switch {
		case k.list[i].Nick != nick:
		case found != nobody:
			return ""
		default:
			found = k.list[i].HostID
		}
	}
	return found
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
	now := k.here[hostID]
	if nick == "" && now != nil {
		nick = now.Nick
	}
	return party{hostID, nick, now != nil, k.shares(hostID, nick)}
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
