package discovery

import (
	"fmt"
	"time"
)

// roundTime is how often a [Polo] looks at the interfaces and tries again what
// failed, as the original does.
const roundTime = 3 * time.Second

// longestPause is the most rounds between two attempts: a minute.
const longestPause = 20

// A trial is something that is tried again until it succeeds, each pause twice
// the one before. Its zero value starts anew.
type trial struct {
	failures int
	pause    int   // rounds until the next attempt
	err      error // of the latest attempt; nil before it
}

// due reports, once a round, whether to try.
func (t *trial) due(attempts int) bool {
	if t.failures == 0 {
		return true
	}
	t.pause--
	return t.pause <= 0 && (attempts <= 0 || t.failures < attempts)
}

// fail records a failed attempt.
func (t *trial) fail(err error, attempts int) {
	t.pause = longestPause
	if t.failures < 5 {
		t.pause = min(longestPause, 1<<t.failures)
	}
	t.failures++
	t.err = err
	if t.failures == attempts {
		t.err = fmt.Errorf("%w; given up after %d attempts", err, attempts)
	}
}
