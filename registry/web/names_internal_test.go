package web

import (
	"slices"
	"strings"
	"testing"
)

// Numbers in names count.
func TestNamesAreSortedAsPeopleCount(t *testing.T) {
	want := "a a01 a1 a2 a10 a10b a12345678901234567890 a12345678901234567891 b-9:80 b-9:443 b-10:80 unit unit-1 unit-2 unit-10"
	names := strings.Fields(want)
	slices.Sort(names)
	slices.SortFunc(names, compareTexts)
	if got := strings.Join(names, " "); got != want {
		t.Errorf("sorted: %s\nwant    %s", got, want)
	}
}
