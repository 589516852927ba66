// Package closing ends what waits at a socket together with a context.
package closing

import (
	"context"
	"io"
)

// With closes c when ctx ends, or when the returned function is called, which
// also waits until that has happened.
func With(ctx context.Context, c io.Closer) (release func()) {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		c.Close()
	})
	return func() {
		if stop() {
			c.Close()
			return
		}
		<-closed
	}
}
