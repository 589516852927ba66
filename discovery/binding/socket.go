package binding

import (
	"os"
	"path/filepath"
)

// rootSocket is the Unix door of a Polo that root runs.
const rootSocket = "/run/marcopolo/polo.sock"

// DefaultSocket returns the path of the Unix door of a Polo that this user
// runs: /run/marcopolo/polo.sock for root, co2/polo.sock in $XDG_RUNTIME_DIR
// for others, and "" for others without that folder.
func DefaultSocket() string {
	if os.Geteuid() == 0 {
		return rootSocket
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "co2", "polo.sock")
	}
	return ""
}
