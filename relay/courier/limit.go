package courier

import (
	"math"

	"golang.org/x/sys/unix"
)

// reserve are the descriptors that are never a satellite's: files, listeners,
// logs and what the runtime needs.
const reserve = 64

// shareOf divides a limit of descriptors. Three quarters of what is beyond
// the reserve are for connections to satellites, the others for callers at
// the door. kept are those that may stay open between calls; loose those that
// are closed after their call.
func shareOf(limit int) (kept, loose int) {
	share := max(limit-reserve, 0) / 4 * 3
	loose = min(max(share/8, minLoose), maxLoose)
	return max(share-loose, 0), loose
}

// Bounds of the connections that are not kept. Even the smallest limit allows
// for some calls at once.
const (
	minLoose = 16
	maxLoose = 256
)

// descriptorLimit is how many files this process may have open.
func descriptorLimit() int {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil || r.Cur > math.MaxInt32 {
		return math.MaxInt32
	}
	return int(r.Cur)
}
