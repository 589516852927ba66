package discovery_test

import (
	"errors"
	"os/user"
	"strconv"
	"testing"

	"co2/discovery"
)

// 4.3, section 10: the accounts of this host.
func TestSystemAccounts(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Skipf("this host does not know who runs the test: %v", err)
	}
	uid, err := strconv.ParseUint(me.Uid, 10, 32)
	if err != nil {
		t.Skipf("no unix: uid %q", me.Uid)
	}
	accounts := discovery.SystemAccounts()
	for range 2 { // asked, and remembered
		byUID, err := accounts.ByUID(uint32(uid))
		if err != nil || byUID.Name != me.Username || byUID.Home != me.HomeDir || uint64(byUID.UID) != uid {
			t.Errorf("ByUID(%d) = %+v, %v, want %+v", uid, byUID, err, me)
		}
		byName, err := accounts.ByName(me.Username)
		if err != nil || byName != byUID {
			t.Errorf("ByName(%q) = %+v, %v, want %+v", me.Username, byName, err, byUID)
		}
		if uid == 0 && !byUID.Privileged {
			t.Error("uid 0 is not privileged")
		}
		for _, name := range []string{"", "no-user-of-that-name", me.Username + ":x", me.Username + "\n", "../" + me.Username, "\x00"} {
			if a, err := accounts.ByName(name); !errors.Is(err, discovery.ErrNoAccount) {
				t.Errorf("ByName(%q) = %+v, %v, want ErrNoAccount", name, a, err)
			}
		}
		if a, err := accounts.ByUID(4_000_000_123); !errors.Is(err, discovery.ErrNoAccount) {
			t.Errorf("ByUID = %+v, %v, want ErrNoAccount", a, err)
		}
	}
}
