package relay

// A Bus joins the nodes that make up one relay. One node alone uses the local
// one: a direct call.
type Bus interface {
	// Publish passes an accepted message on, to be delivered by every node to
	// the satellites it owns. Messages of one sender stay in order.
	Publish(m *Message)
	// Owns reports whether this node calls the satellite.
	Owns(hostID string) bool
}

// A Directory answers questions about all satellites of the relay.
type Directory interface {
	// Satellites returns copies, oldest registration first.
	Satellites() []Satellite
	// Find returns a copy of one, and whether it is registered.
	Find(hostID string) (Satellite, bool)
	// Len is their number.
	Len() int
}

// A localBus is the only node.
type localBus struct{ deliver func(*Message) }

func (b localBus) Publish(m *Message) { b.deliver(m) }
func (b localBus) Owns(string) bool   { return true }
