package door

import (
	"net/http"
	"sync/atomic"
	"time"
)

// A clock spells the time for the Date of answers, once a second.
type clock struct{ shown atomic.Pointer[dated] }

type dated struct {
	second int64
	text   string
}

func (c *clock) at(now time.Time) string {
	d := c.shown.Load()
	if d == nil || d.second != now.Unix() {
		d = &dated{now.Unix(), now.UTC().Format(http.TimeFormat)}
		c.shown.Store(d)
	}
	return d.text
}
