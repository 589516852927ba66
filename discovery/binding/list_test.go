package binding_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"co2/discovery"
)

// A shelf has services that can be listed.
type shelf struct {
	services
	all   []discovery.Information
	looks []string // ids that were looked up; by one program at a time
}

func (s *shelf) Info(id string) (discovery.Information, bool) {
	s.looks = append(s.looks, id)
	return discovery.Information{}, false
}

func (s *shelf) List() []discovery.Information { return s.all }

func (s *shelf) add(owner, id, filler string) {
	if owner != "" {
		id = owner + ":" + id
	}
	s.all = append(s.all, discovery.Information{
		Identifier: id, Owner: owner, Groups: discovery.DefaultGroups(), Static: true,
		Params: map[string]any{"x": filler, "n": json.Number("1.50")},
	})
	slices.SortFunc(s.all, func(a, b discovery.Information) int { return strings.Compare(a.Identifier, b.Identifier) })
}

// Far more than fits in one reply comes whole and in order, to a Go program
// through both doors. It is no command of the original.
func TestServices(t *testing.T) {
	s := &shelf{}
	for i := range 100 {
		s.add("", fmt.Sprintf("s%03d", i), strings.Repeat("ñ", 1000))
	}
	s.add("me", "mine", "<>")
	d := open(t, unixConfig(t), s)
	for _, network := range []string{"tcp", "unix"} {
		p := d.dial(t, network)
		got, err := p.Services()
		if err != nil || len(got) != 101 || got[0].Identifier != "me:mine" || got[100].Identifier != "s099" {
			t.Fatalf("%s: Services has %d, %v, want all 101 in order", network, len(got), err)
		}
		mine := got[0]
		if mine.Owner != "me" || !mine.Static || mine.Params["x"] != "<>" || mine.Params["n"] != json.Number("1.50") || len(mine.Groups) != 2 {
			t.Errorf("%s: Services tells %+v", network, mine)
		}
		if where := p.Where(); network == "unix" && where != d.cfg.Socket || network == "tcp" && where != d.Addr().String()+" by TLS" {
			t.Errorf("%s: Where = %q", network, where)
		}
	}
}

// A user is told of the host's services and of his own; the network tells
// nobody which ones the others have.
func TestServicesOfOthers(t *testing.T) {
	s := &shelf{}
	s.add("", "host", "")
	s.add("alice", "hers", "")
	s.add("bob", "his", "")
	d := open(t, doorConfig(t), s)
	for uid, want := range map[uint32]string{alice: "alice:hers host", admin: "alice:hers bob:his host"} {
		reply := d.tls(t).ask(fmt.Sprintf(`{"Command": "List", "Args": {"token": %q}}`, d.tokenOf(t, uid)))
		var got struct {
			OK struct {
				Services []struct{ Identifier string }
				More     bool
			}
		}
		if err := json.Unmarshal([]byte(reply), &got); err != nil {
			t.Fatalf("%s: %v", reply, err)
		}
		var ids []string
		for _, one := range got.OK.Services {
			ids = append(ids, one.Identifier)
		}
		if strings.Join(ids, " ") != want || got.OK.More {
			t.Errorf("user %d is told %s, want %s", uid, reply, want)
		}
	}
	for _, id := range s.looks { // for a store reads a user's files when asked for one
		if !discovery.NewStore(discovery.StoreConfig{}, nil).IsUserID(id) {
			t.Errorf("%q was looked up, want a user's service", id)
		}
	}
	if len(s.looks) != 2 {
		t.Errorf("looked up %q, want one of each user", s.looks)
	}
	wants(t, "without a token", d.tls(t).ask(`{"Command": "List", "Args": {}}`), `{"Error": "Need a token"}`)
}

// An original Polo has no such command.
func TestServicesUnknown(t *testing.T) {
	p := open(t, doorConfig(t), &services{}).dial(t, "tcp")
	_, err := p.Services()
	misused(t, "Services", err, "Malformed request. Commands missing")
}
