package main_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// soakRounds is how often a measurement is made, from SOAK_ROUNDS. Without it
// the test is left to make soak.
func soakRounds(t *testing.T) int {
	t.Helper()
	rounds, err := strconv.Atoi(os.Getenv("SOAK_ROUNDS"))
	if err != nil || rounds < 1 {
		t.Skip("for make soak, which says SOAK_ROUNDS=5")
	}
	return rounds
}

// TestIsolationMarks measures how long messages take to good satellites with
// none, 1, 10 and 100 bad ones among 1,000, in turn, at 10 messages a second.
func TestIsolationMarks(t *testing.T) {
	rounds := soakRounds(t)
	marks := []struct {
		bad  int
		most float64 // of the time with none bad
	}{{0, 1}, {1, 1.2}, {10, 1.2}, {100, 1.5}}
	times, ratios := make([][]time.Duration, len(marks)), make([][]float64, len(marks))
	for round := range rounds {
		for i := range marks {
			i = (i + round) % len(marks)
			took := slices.Sorted(slices.Values(deliveryTimes(t, 1000-marks[i].bad, marks[i].bad)))
			times[i] = append(times[i], took[len(took)*99/100])
		}
		for i := range marks {
			ratios[i] = append(ratios[i], float64(times[i][round])/float64(times[0][round]))
		}
	}
	for i, mark := range marks {
		p99, ratio := middle(times[i]), middle(ratios[i])
		t.Logf("soak: 99 of 100 deliveries, %d of 1,000 bad\t%v (at most 250ms), %.2f times (at most %.2f)", mark.bad, p99.Round(10*time.Microsecond), ratio, mark.most)
		if p99 > 250*time.Millisecond || ratio > mark.most {
			t.Errorf("with %d bad satellites 99 of 100 deliveries to good ones take %v in each round %v, %.2f times as long as without", mark.bad, p99, times[i], ratio)
		}
	}
}

// deliveryTimes are those of 100 messages to the good ones.
func deliveryTimes(t *testing.T, good, bad int) (took []time.Duration) {
	t.Helper()
	const messages = 100
	t.Run(fmt.Sprintf("%d bad", bad), func(t *testing.T) {
		relay, canary := startRelay(t), perch(t)
		c := newCrowd(t, good, messages, badOnes(bad, canary.addr())...)
		c.register(relay)
		c.send(relay, 0, messages, 10)
		c.wants(messages)
		took = c.times()
	})
	if t.Failed() {
		t.FailNow()
	}
	return took
}

// middle is the median.
func middle[T time.Duration | float64](list []T) T {
	return slices.Sorted(slices.Values(list))[len(list)/2]
}
