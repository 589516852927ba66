// Command co2 is a relay registry for XML-RPC programs: it runs a relay or a
// satellite, and calls and finds those of others.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alexflint/go-arg"

	"co2/discovery/binding"
	"co2/methods/wire"
)

// The exit codes.
const (
	exitFailed = 1 // it did not work
	exitUsage  = 2 // the command line is wrong
	exitFault  = 3 // the server answered with a fault
)

func main() {
	err := run(untilSignal(os.Stderr), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "co2:", printable(err.Error()))
		os.Exit(exitCode(err))
	}
}

func exitCode(err error) int {
	if _, usage := errors.AsType[*usageError](err); usage {
		return exitUsage
	}
	if _, fault := errors.AsType[*wire.Fault](err); fault {
		return exitFault
	}
	if _, refused := errors.AsType[*binding.MisuseError](err); refused {
		return exitFault
	}
	return exitFailed
}

// A terminal is what a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// run is the whole program.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	cmd, err := parse(args, stdout)
	if errors.Is(err, arg.ErrHelp) || errors.Is(err, arg.ErrVersion) {
		return nil
	}
	if err != nil {
		return err
	}
	return withNextStep(cmd.run(ctx, terminal{stdin, stdout, stderr}))
}
