package discovery_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

func TestRateOfReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		polo := startPolo(t, &n, discovery.PoloConfig{Networks: anyone}, nil)
		ask := func(from, command string, times int) (replies int) {
			before := len(n.sentBy(poloAddr))
			for range times {
				multicast(&n, from, 40000, mem0.Index, fmt.Sprintf(`{"Command": %q}`, command))
			}
			return len(n.sentBy(poloAddr)) - before
		}
		check := func(what string, got, want int) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %d replies, want %d", what, got, want)
			}
		}
		check("burst of one source", ask("10.0.0.1", "Marco", 100), 64)
		check("another source", ask("10.0.0.2", "Marco", 10), 10)
		time.Sleep(time.Second)
		check("a second later", ask("10.0.0.1", "Marco", 100), 32)
		check("Services", ask("10.0.0.3", "Services", 20), 8)
		time.Sleep(time.Minute)
		total := 0
		for i := range 600 {
			total += ask(fmt.Sprintf("10.1.%d.%d", i/200, i%200+1), "Marco", 1)
		}
		check("600 sources at once", total, 512)
		if s := polo.Stats(); s.Limited != 36+68+12+88 || s.Answered != 64+10+32+8+512 {
			t.Errorf("Stats = %+v", s)
		}
	})
}

// Section 10: the limits are settings, and can be lifted.
func TestLimitsAreSettings(t *testing.T) {
	for name, c := range map[string]struct {
		limits discovery.Limits
		want   int // of 1000 requests
	}{
		"default":         {discovery.Limits{}, 64},
		"burst":           {discovery.Limits{SourceBurst: 7}, 7},
		"source lifted":   {discovery.Limits{SourceRate: -1}, 512},
		"all but source":  {discovery.Limits{Rate: -1}, 64},
		"burst of all":    {discovery.Limits{SourceRate: -1, Burst: 100}, 100},
		"lifted":          {discovery.Limits{SourceRate: -1, Rate: -1}, 1000},
		"of a file":       {discovery.DefaultPoloFile().Limits(), 64},
		"of a file, none": {discovery.PoloFile{}.Limits(), 1000},
		"of a file, set":  {discovery.PoloFile{Answers: 9, SourceAnswers: 4}.Limits(), 8},
		"of a file, all":  {discovery.PoloFile{Answers: 9}.Limits(), 9},
		"few are allowed": {discovery.Limits{Burst: 5}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				startPolo(t, &n, discovery.PoloConfig{Networks: anyone, Limits: c.limits}, nil)
				for range 1000 {
					multicast(&n, askerAddr, 40000, mem0.Index, marcoRequest)
				}
				if got := len(n.sentBy(poloAddr)); got != c.want {
					t.Errorf("%d replies to 1000 requests, want %d", got, c.want)
				}
			})
		})
	}
}

// Section 10: Services counts as several replies, as many as is set.
func TestCostOfServices(t *testing.T) {
	for services, want := range map[int]int{0: 8, 1: 64, 64: 1, 1000: 1, -1: 64} {
		synctest.Test(t, func(t *testing.T) {
			var n network
			startPolo(t, &n, discovery.PoloConfig{Networks: anyone, Limits: discovery.Limits{Services: services}}, nil)
			for range 100 {
				multicast(&n, askerAddr, 40000, mem0.Index, servicesRequest)
			}
			if got := len(n.sentBy(poloAddr)); got != want {
				t.Errorf("with a cost of %d: %d replies, want %d", services, got, want)
			}
		})
	}
}
