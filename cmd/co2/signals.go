package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Who is told to stop has this long, and this long more when told again. What
// was acknowledged is on disk by then; what may be lost are the counters of
// the last minute and messages that were not delivered.
const (
	stopWithin  = 10 * time.Second
	leaveWithin = 500 * time.Millisecond
)

// untilSignal returns a context that ends with the first SIGINT or SIGTERM.
// The program leaves with exit code 1 if it has not ended soon after, or after
// the second one.
func untilSignal(say io.Writer) context.Context {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() { // it ends with the program
		<-signals
		stop()
		time.AfterFunc(stopWithin, func() { leave(say, fmt.Sprintf("not done within %v", stopWithin)) })
		<-signals
		time.AfterFunc(leaveWithin, func() { leave(say, "told to stop again") })
	}()
	return ctx
}

// leave ends the program, whatever still runs and also when nobody reads what
// it says.
func leave(say io.Writer, why string) {
	time.AfterFunc(leaveWithin/2, func() { os.Exit(exitFailed) })
	fmt.Fprintf(say, "co2: %s; leaving at once\n", why)
	os.Exit(exitFailed)
}
