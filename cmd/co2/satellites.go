package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"co2/methods/wire"
	"co2/satellite"
)

// satellitesCmd is co2 satellites: the relay's members.
type satellitesCmd struct {
	toRelay
	JSON bool `arg:"--json" help:"print a JSON array of all their properties"`
}

func (c *satellitesCmd) run(ctx context.Context, t terminal) error {
	control, err := c.control(ctx, t)
	if err != nil {
		return err
	}
	if c.JSON {
		all, err := eachProps(ctx, control, func(ctx context.Context, id string) (p wire.Raw, err error) {
			err = control.Client().Call(ctx, "relay.get_satellite_props", &p, orderParams{HostID: id})
			return p, err
		})
		if err != nil {
			return err
		}
		return printJSON(t.out, all)
	}
	sats, err := eachProps(ctx, control, control.Props)
	if err != nil {
		return err
	}
	if len(sats) == 0 {
		fmt.Fprintf(t.err, "no satellite is registered; start one with: co2 satellite%s\n", relayFlag(strings.TrimSuffix(control.URL(), "RPC2")))
		return nil
	}
	return printSatellites(t.out, sats, time.Now(), lineWidth(t.out))
}

// eachProps asks for every satellite's properties. One that leaves meanwhile
// is left out.
func eachProps[T any](ctx context.Context, control *satellite.Control, ask func(context.Context, string) (T, error)) ([]T, error) {
	ids, err := control.Satellites(ctx)
	if err != nil {
		return nil, err
	}
	all := []T{}
	for _, id := range ids {
		p, err := ask(ctx, id)
		if _, gone := errors.AsType[*wire.Fault](err); gone {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// printSatellites prints a line for each satellite and, where there is more to
// say of one, lines below it.
func printSatellites(w io.Writer, sats []satellite.Props, now time.Time, width int) error {
	var b bytes.Buffer
	head := []string{"NICK", "HOST ID", "STATE", "FOR", "PING", "SENT", "RECV", "FAIL", "WAIT"}
	if err := table(&b, head, satelliteCells(sats, now, leastNick)); err != nil {
		return err
	}
	widest := 0
	for line := range strings.Lines(b.String()) {
		widest = max(widest, utf8.RuneCountInString(strings.TrimRight(line, "\n")))
	}
	if widest < width { // what is left is for the nicks
		b.Reset()
		if err := table(&b, head, satelliteCells(sats, now, leastNick+width-widest)); err != nil {
			return err
		}
	}
	lines := strings.SplitAfter(b.String(), "\n")
	fmt.Fprint(w, lines[0])
	for i, p := range sats {
		fmt.Fprint(w, lines[i+1])
		if words := remarks(p); words != "" {
			fmt.Fprint(w, wrapped(words, "  ", width))
		}
	}
	return nil
}

// leastNick is how many characters of a nick are shown however narrow the
// terminal is.
const leastNick = 12

func satelliteCells(sats []satellite.Props, now time.Time, nick int) [][]string {
	rows := make([][]string, len(sats))
	for i, p := range sats {
		standing, since := p.Standing, p.StandingSince
		if standing == "" { // a relay that does not tell
			standing, since = p.State, p.StateSince
		}
		rows[i] = []string{
			cut(p.Nick, nick), p.HostID, standing, age(now, since), showMS(p.PingCurrent), strconv.Itoa(p.SendCount),
			strconv.Itoa(p.RecvCount - p.RecvFails), strconv.Itoa(p.RecvFails), strconv.Itoa(p.Waiting),
		}
	}
	return rows
}

// remarks is what is out of the ordinary about a satellite.
func remarks(p satellite.Props) string {
	var said []string
	say := func(is bool, words string) {
		if is {
			said = append(said, words)
		}
	}
	say(p.PauseReason != "", "paused: "+p.PauseReason)
	say(p.Pinned, "pinned")
	say(p.Flapping, "flapping: it registers again and again, its pings are held")
	say(p.Breaker == "open" || p.Breaker == "half-open", "breaker "+p.Breaker+": "+p.BreakerReason)
	say(p.Dropped > 0, fmt.Sprintf("%d messages dropped", p.Dropped))
	say(p.Removal != "" && !p.Pinned, p.Removal)
	say(p.LastError != "" && !strings.Contains(p.BreakerReason, p.LastError), p.LastError)
	return printable(strings.Join(said, "; "))
}

// wrapped breaks words into indented lines of width.
func wrapped(words, indent string, width int) string {
	var b strings.Builder
	line := ""
	for _, word := range strings.Fields(words) {
		if line != "" && utf8.RuneCountInString(indent+line+" "+word) > width {
			b.WriteString(indent + line + "\n")
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	b.WriteString(indent + line + "\n")
	return b.String()
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// age tells how long ago a time was, in one number.
func age(now, since time.Time) string {
	switch d := now.Sub(since); {
	case since.IsZero():
		return "-" // a relay that does not tell
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d >= time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	default:
		return fmt.Sprintf("%ds", max(d, 0)/time.Second)
	}
}

// printJSON prints v as one line of typed JSON.
func printJSON(w io.Writer, v any) error {
	raw, err := wire.NewRaw(v)
	if err != nil {
		return err
	}
	return printResult(w, raw, true)
}
