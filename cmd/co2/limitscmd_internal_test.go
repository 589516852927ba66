package main

import (
	"math"
	"slices"
	"testing"
)

// Each row is named by what sets the limit, and no cell leaves one guessing.
func TestLimitCells(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		use  limitUse
		want []string // without who uses most
	}{
		{limitUse{Name: "satellites", Limit: 10000, Used: 2500, Unit: "satellites"}, []string{"--max-sats", "2,500", "10,000", "satellites", "[#####...............]  25 %"}},
		{limitUse{Name: "rate", Limit: 100, Used: 865, Unit: "messages/s"}, []string{"--rate", "865", "100", "messages/s taken; the rest waits", "[####################] over"}},
		{limitUse{Name: "rate", Limit: 100, Used: 50, Unit: "messages/s"}, []string{"--rate", "50", "100", "messages/s", "[##########..........]  50 %"}},
		{limitUse{Name: "queue_bytes", Limit: 1000, Unit: "octets"}, []string{"--queue-bytes", "0", "1,000", "octets", "[....................]   0 %"}},
		{limitUse{Name: "removal", Limit: math.MaxInt32, Used: 7, Unit: "s"}, []string{"--remove-after", "7", "never", "s", ""}},
		{limitUse{Name: "unwritten", Unit: "satellites"}, []string{"--accept-without-disk", "-", "off", "satellites", ""}},
		{limitUse{Name: "unwritten", Limit: math.MaxInt32, Used: 3, Unit: "satellites, no write since 2026-01-01T00:00:00Z"},
			[]string{"--accept-without-disk", "3", "no limit", "satellites, no write since 2026-01-01T00:00:00Z", ""}},
		{limitUse{Name: "descriptors", Limit: 1024, Used: -1, Unit: "descriptors"}, []string{"ulimit -n", "?", "1,024", "descriptors", ""}},
		{limitUse{Name: "of_a_later_relay", Limit: 4, Used: 1, Unit: "x"}, []string{"of_a_later_relay", "1", "4", "x", "[#####...............]  25 %"}},
	} {
		if got := tt.use.cells(); !slices.Equal(got[:5], tt.want) {
			t.Errorf("cells of %+v = %q, want %q", tt.use, got, tt.want)
		}
	}
}
