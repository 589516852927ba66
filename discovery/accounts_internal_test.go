package discovery

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// Section 10: lookups are remembered for a minute, also those that found
// nobody, and not those that failed.
func TestAnswersAreRemembered(t *testing.T) {
	for _, c := range []struct {
		what  string
		err   error
		asked int // in a minute, of ten lookups
	}{
		{"an account", nil, 1},
		{"nobody", fmt.Errorf("user: %w", ErrNoAccount), 1},
		{"no answer", errors.New("no answer"), 10},
	} {
		synctest.Test(t, func(t *testing.T) {
			var a answers
			asked := 0
			ask := func() (Account, error) {
				asked++
				return Account{UID: uint32(asked)}, c.err
			}
			for range 10 {
				a.get("alice", ask)
				time.Sleep(accountFresh / 10)
			}
			if asked != c.asked {
				t.Errorf("%s: asked %d times within a minute, want %d", c.what, asked, c.asked)
			}
			account, err := a.get("alice", ask)
			if asked != c.asked+1 || account.UID != uint32(asked) || !errors.Is(err, c.err) {
				t.Errorf("%s: asked %d times after a minute, got %+v, %v", c.what, asked, account, err)
			}
		})
	}
}

// Section 10: however many names are asked for, few are remembered.
func TestAnswersAreBounded(t *testing.T) {
	var a answers
	for i := range 3 * maxAccounts {
		name := fmt.Sprint("user", i)
		a.get(name, func() (Account, error) { return Account{Name: name}, nil })
		if got, _ := a.get(name, func() (Account, error) { return Account{}, ErrNoAccount }); got.Name != name {
			t.Fatalf("the latest answer was forgotten: %+v", got)
		}
	}
	if len(a.known) != maxAccounts {
		t.Errorf("%d answers remembered, want %d", len(a.known), maxAccounts)
	}
}

// Section 10: of homes that cannot all be remembered, those go first that have
// nothing, and never those with what only memory has.
func TestHomesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := everybody{}
		s := NewStore(StoreConfig{Accounts: p}, nil)
		who, _ := p.ByName("keeper")
		if _, err := s.Publish(who, Publication{Service: "x"}); err != nil {
			t.Fatal(err)
		}
		for i := range maxHomes + 100 {
			time.Sleep(time.Second)
			s.UserReply(unicastGroup, fmt.Sprintf("user%d:x", i))
		}
		if got := len(s.homes.byName); got != maxHomes {
			t.Errorf("%d homes are remembered, want %d", got, maxHomes)
		}
		if _, ok := s.UserReply(unicastGroup, "keeper:x"); !ok {
			t.Error("a home with a dynamic service was forgotten")
		}
		if s.homes.byName["user0"] != nil || s.homes.byName[fmt.Sprintf("user%d", maxHomes+99)] == nil {
			t.Error("the home that was not used for longest was kept, or the latest forgotten")
		}
	})
}

// everybody has an account, and nobody a home.
type everybody struct{}

func (everybody) ByName(name string) (Account, error) { return Account{UID: 1, Name: name}, nil }
func (everybody) ByUID(uint32) (Account, error)       { return Account{}, ErrNoAccount }
