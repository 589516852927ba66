package discovery

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"sync"
)

// An item is one service of a shelf. It is never changed, only replaced.
type item struct {
	Service
	groups    []netip.Addr // where it is offered, in the configured order
	disabled  bool
	publisher uint32   // uid
	file      *fileRef // nil: dynamic
	wish      []string // groups of a dynamic one as they were asked for
	datagram  []byte
}

// newItem returns a copy of a service whose id is checked, which shares
// nothing with it and has its numbers as json.Number.
func newItem(s Service) (*item, error) {
	params, err := checkParams(s.Params)
	if err != nil {
		return nil, err
	}
	it := &item{Service: Service{ID: s.ID, Params: params}}
	it.datagram, err = it.reply().Encode()
	return it, err
}

// A view is what a shelf offers at one moment, ready to be read without a lock.
type view struct {
	items  []*item
	offers map[netip.Addr]*offer // by group, and of all groups for unicast
}

// unicastGroup stands for all groups.
var unicastGroup netip.Addr

type offer struct {
	byID     map[string]*item
	services func() []byte
}

// newView prepares the replies of items, the first of which wins an id.
func newView(groups []netip.Addr, items []*item) *view {
	v := &view{items: items, offers: make(map[netip.Addr]*offer, len(groups)+1)}
	v.offers[unicastGroup] = newOffer(items, func(it *item) bool { return len(it.groups) > 0 })
	for _, group := range groups {
		v.offers[group] = newOffer(items, func(it *item) bool { return slices.Contains(it.groups, group) })
	}
	return v
}

func newOffer(items []*item, in func(*item) bool) *offer {
	o := &offer{byID: make(map[string]*item)}
	for _, it := range items {
		if _, taken := o.byID[it.ID]; !taken && !it.disabled && in(it) {
			o.byID[it.ID] = it
		}
	}
	o.services = sync.OnceValue(o.encode)
	return o
}

// listed is more services than fit in one reply of [MaxReply] bytes.
const listed = MaxReply / len(`{"id": "a", "params": {}}`)

func (o *offer) encode() []byte {
	list := make([]Service, 0, len(o.byID))
	for _, id := range slices.Sorted(maps.Keys(o.byID)) {
		list = append(list, o.byID[id].Service)
	}
	datagram, err := Reply{Command: CommandOK, Services: list[:min(len(list), listed)]}.Encode()
	if err != nil {
		return nil // cannot be: each service was checked to fit
	}
	return datagram
}

func (v *view) reply(group netip.Addr, id string) ([]byte, bool) {
	if o := v.offers[group]; o != nil {
		if it := o.byID[id]; it != nil {
			return it.datagram, true
		}
	}
	return nil, false
}

func (v *view) services(group netip.Addr) []byte {
	if o := v.offers[group]; o != nil {
		return o.services()
	}
	return nil
}

// find returns the item that is offered in group, or nil.
func (v *view) find(group netip.Addr, id string) *item {
	if o := v.offers[group]; o != nil {
		return o.byID[id]
	}
	return nil
}

// Information is what is known of a service.
type Information struct {
	Identifier string         // as Marcos ask for it: user:id for a user's service
	Params     map[string]any // never nil; numbers are json.Number
	Groups     []netip.Addr   // where it is offered, or would be if it were not disabled
	Disabled   bool           // known from a file, and switched off there
	Permanent  bool           // in a file that is named after it, as publishing makes it
	Static     bool           // in a file, so that it outlives the Polo
	Owner      string         // name of the user; "" for root services
}

func (v *view) info(owner, id string) (Information, bool) {
	var whole *Information
	for _, it := range v.items {
		switch {
		case it.ID != id:
		case whole == nil:
			information := it.information(owner)
			whole = &information
		case !it.disabled && !whole.Disabled: // the same id in other groups
			whole.Groups = union(whole.Groups, it.groups)
		}
	}
	if whole == nil {
		return Information{}, false
	}
	return *whole, true
}

func (v *view) list(owner string) []Information {
	seen := make(map[string]bool, len(v.items))
	list := make([]Information, 0, len(v.items))
	for _, it := range v.items {
		if !seen[it.ID] {
			seen[it.ID] = true
			information, _ := v.info(owner, it.ID)
			list = append(list, information)
		}
	}
	return list
}

func (it *item) information(owner string) Information {
	id := it.ID
	if owner != "" {
		id = owner + ":" + id
	}
	return Information{
		Identifier: id, Params: maps.Clone(it.Params), Groups: slices.Clone(it.groups), Disabled: it.disabled, Owner: owner,
		Static: it.file != nil, Permanent: it.file != nil && it.file.sub == "" && it.file.name == it.ID,
	}
}

func union(a, b []netip.Addr) []netip.Addr {
	all := slices.Concat(a, b)
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all)
}

func compareIdentifiers(a, b Information) int { return cmp.Compare(a.Identifier, b.Identifier) }
