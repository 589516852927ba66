//go:build unix

package discovery_test

import (
	"os"
	"strconv"
	"syscall"
	"testing"
)

func ownerOf(t *testing.T, path string) uint32 {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Uid
}

func itoa(n int) string { return strconv.Itoa(n) }
