package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"co2/methods/wire"
)

// callCmd is co2 call: any method of any server.
type callCmd struct {
	toServer
	Data   *string  `arg:"--data" placeholder:"JSON" help:"the argument in typed JSON, as in --data=-1; --data=- reads standard input"`
	JSON   bool     `arg:"--json" help:"print the result as one line of typed JSON"`
	Method string   `arg:"positional,required" help:"name of the method, as in sys.listMethods"`
	Pairs  []string `arg:"positional" placeholder:"KEY=VALUE" help:"members of the argument: KEY=TEXT or KEY:=JSON"`
}

func (c *callCmd) run(ctx context.Context, t terminal) error {
	arg, err := value(t.in, c.Data, c.Pairs)
	if err != nil {
		return err
	}
	control, err := c.control(ctx, t)
	if err != nil {
		return err
	}
	var result wire.Raw
	if err := control.Client().Call(ctx, c.Method, &result, argument(arg)...); err != nil {
		return fmt.Errorf("%s: %w", c.Method, err)
	}
	return printResult(t.out, result, c.JSON)
}

// printResult prints text as it is and everything else as JSON: indented for
// people, on one line for programs.
func printResult(w io.Writer, result wire.Raw, oneLine bool) error {
	if !oneLine && result.Type() == "string" {
		var text string
		if err := result.Decode(&text); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w, printable(text))
		return err
	}
	doc, err := result.MarshalJSON()
	if err != nil {
		return err
	}
	if oneLine {
		_, err = fmt.Fprintf(w, "%s\n", doc)
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, doc, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, indented.String())
	return err
}
