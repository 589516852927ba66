package registry

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestCallContext(t *testing.T) {
	const limit = time.Minute
	tests := []struct {
		name string
		ends func(c *callContext, cutOff func())
		want error
		took time.Duration
	}{
		{"its time", func(*callContext, func()) {}, context.DeadlineExceeded, limit},
		{"the server's end", func(_ *callContext, cutOff func()) { cutOff() }, context.Canceled, 0},
		{"the call's end", func(c *callContext, _ func()) { c.end() }, context.Canceled, 0},
	}
	for _, tt := range tests {
		for _, asked := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				server, cutOff := context.WithCancel(t.Context())
				defer cutOff()
				c := newCallContext(server, limit)
				defer c.end()
				if by, ok := c.Deadline(); !ok || time.Until(by) != limit {
					t.Errorf("%s: deadline in %v, %t, want %v", tt.name, time.Until(by), ok, limit)
				}
				if asked && c.Err() != nil {
					t.Errorf("%s: ended before it: %v", tt.name, c.Err())
				}
				began := time.Now()
				tt.ends(c, cutOff)
				child, stop := context.WithCancel(c)
				defer stop()
				<-child.Done()
				if took := time.Since(began); c.Err() != tt.want || child.Err() != tt.want || took != tt.took {
					t.Errorf("%s: ended with %v and its child with %v after %v, want %v after %v", tt.name, c.Err(), child.Err(), took, tt.want, tt.took)
				}
			})
		}
	}
}
