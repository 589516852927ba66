package folder

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// As calls fn with the rights that this user, as a member of this group alone,
// has to files. A process of root can do that; any other calls fn with its own.
// What fn opens stays open afterwards, and what it makes belongs to the user.
// fn runs on a thread of its own, which ends with it, so that no other work
// ever has these rights.
func As(uid, gid uint32, fn func() error) error {
	if euid := os.Geteuid(); euid != 0 || uid == 0 {
		return fn()
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := become(uid, gid)
		if err == nil {
			err = fn()
		}
		done <- err
	}()
	return <-done
}

// become changes the rights of this thread, not of the process.
func become(uid, gid uint32) error {
	if err := unix.Setgroups(nil); err != nil {
		return fmt.Errorf("leave the groups of root: %w", err)
	}
	unix.SetfsgidRetGid(int(gid))
	unix.SetfsuidRetUid(int(uid))
	// Neither reports a failure; asking for an impossible id tells what is set.
	haveGID, _ := unix.SetfsgidRetGid(-1)
	haveUID, _ := unix.SetfsuidRetUid(-1)
	if uint32(haveGID) != gid || uint32(haveUID) != uid {
		return fmt.Errorf("take the rights of uid %d, gid %d: have those of %d, %d", uid, gid, haveUID, haveGID)
	}
	return nil
}
