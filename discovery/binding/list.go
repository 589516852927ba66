package binding

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"co2/discovery"
)

// A lister is what some [Services] have beside; [discovery.Store] has it.
type lister interface {
	List() []discovery.Information
}

// A listing is what List answers: some services in the order of their ids, and
// whether there are more.
type listing struct {
	Services []listed `json:"services"`
	More     bool     `json:"more"`
}

type listed struct {
	information
	Static bool   `json:"static"`
	Owner  string `json:"owner"`
}

// newInformation is i as it is told.
func newInformation(i discovery.Information) information {
	told := information{i.Identifier, i.Params, i.Groups, i.Disabled, i.Permanent}
	if told.Params == nil {
		told.Params = map[string]any{}
	}
	if told.Groups == nil {
		told.Groups = []netip.Addr{}
	}
	return told
}

// maxListing bounds the services of one reply, in bytes; one alone may have
// more.
const maxListing = MaxRequest / 2

// list tells the services of this host and those of the user who asks, after
// the id that is given; privileged users are told those of all. It is no
// command of the original.
func (d *Door) list(from peer, a args) (any, error) {
	who, err := d.asker(from, a)
	if err != nil {
		return nil, err
	}
	after, _, _ := a.text("after")
	all, ok := d.services.(lister)
	if !ok {
		return nil, refuse(unknownCommand)
	}
	d.services.Info(who.Name + ":any") // has the files of the user read
	page := listing{Services: []listed{}}
	size := 0
	for _, i := range all.List() {
		if i.Identifier <= after || i.Owner != "" && i.Owner != who.Name && !who.Privileged {
			continue
		}
		one := listed{newInformation(i), i.Static, i.Owner}
		text, err := json.Marshal(one)
		if err != nil {
			return nil, err
		}
		if size += 2 * len(text); size > maxListing && len(page.Services) > 0 { // escapes make it longer
			page.More = true
			break
		}
		page.Services = append(page.Services, one)
	}
	return page, nil
}

// A Listed service is one of those that [Polo.Services] returns.
type Listed struct {
	Information
	Static bool   // in a file, so that it outlives the Polo
	Owner  string // name of the user; "" for services of the host
}

// Services returns what the Polo offers, or knows and keeps switched off: the
// services of the host and those of this user; privileged users get those of
// all users that it knows of. They are sorted by id. An original Polo knows no
// such request.
func (p *Polo) Services() ([]Listed, error) {
	const doing = "list services"
	all, after := []Listed{}, ""
	for {
		var page listing
		if err := p.askAsUser(doing, "List", map[string]any{"after": after}, &page); err != nil {
			return nil, err
		}
		for _, one := range page.Services {
			if one.Identifier <= after {
				return nil, &InternalError{doing, errors.New("the reply is not sorted")}
			}
			after = one.Identifier
			all = append(all, Listed{Information(one.information), one.Static, one.Owner})
		}
		if !page.More || len(page.Services) == 0 {
			return all, nil
		}
	}
}

// Where tells the door that is used, for people.
func (p *Polo) Where() string {
	if p.route.private() {
		return p.route.addr
	}
	return fmt.Sprintf("%s by TLS", p.route.addr)
}
