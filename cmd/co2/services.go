package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A service runs until its context ends.
type service struct {
	name string
	run  func(context.Context) error
}

// serve runs every service until one returns or ctx ends, then stops and
// waits for the rest.
func serve(ctx context.Context, services ...service) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errs := make([]error, len(services))
	var wg sync.WaitGroup
	for i, s := range services {
		wg.Go(func() {
			defer stop()
			if err := s.run(ctx); err != nil {
				errs[i] = fmt.Errorf("%s: %w", s.name, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
