package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/alexflint/go-arg"

	"co2/methods/wire"
	"co2/registry"
	"co2/satellite"
)

// A command is a sub-command with its settings filled in.
type command interface {
	run(ctx context.Context, t terminal) error
}

// arguments are the sub-commands. Their settings are in the file of each: one
// struct drives flags, environment and help. The help of each begins with its
// words and ends with its examples, one a line.
type arguments struct {
	about    string // in place of the description of the program
	examples string // in place of how to start

	Serve      *serveCmd      `arg:"subcommand:serve" help:"run a relay" example:"co2 serve --lan --state /var/lib/co2"`
	Satellite  *satelliteCmd  `arg:"subcommand:satellite" help:"join a relay and print each message as a line of JSON" example:"co2 satellite --nick bob\nco2 satellite --relay 10.0.0.7:2003 | jq .data"`
	Send       *sendCmd       `arg:"subcommand:send" help:"register for a moment, send one message to all satellites, and leave" example:"co2 send tempo:=120 mood=calm\necho '[1, 2.5]' | co2 send --data=-"`
	Call       *callCmd       `arg:"subcommand:call" help:"call any method of a server" example:"co2 call relay.get_satellites\nco2 call relay.get_satellite_props host_id=10.0.0.9:2004"`
	Methods    *methodsCmd    `arg:"subcommand:methods" help:"list a server's methods, or explain one" example:"co2 methods\nco2 methods relay.register"`
	Satellites *satellitesCmd `arg:"subcommand:satellites" help:"show a relay's satellites" example:"co2 satellites\nco2 satellites --json | jq '.[].nick'"`
	Limits     *limitsCmd     `arg:"subcommand:limits" help:"show what a relay takes, and how much of it is used" example:"co2 limits"`
	Pause      *pauseCmd      `arg:"subcommand:pause" help:"have satellites neither called nor pinged; messages wait for them" example:"co2 pause --reason 'new strings' 10.0.0.9:2004"`
	Resume     *resumeCmd     `arg:"subcommand:resume" help:"end a pause" example:"co2 resume 10.0.0.9:2004"`
	Pin        *pinCmd        `arg:"subcommand:pin" help:"have satellites never removed by the relay itself" example:"co2 pin 10.0.0.9:2004"`
	Unpin      *unpinCmd      `arg:"subcommand:unpin" help:"take back a pin" example:"co2 unpin 10.0.0.9:2004"`
	Remove     *removeCmd     `arg:"subcommand:remove" help:"remove satellites that will not come back" example:"co2 remove --reason 'it was sold' 10.0.0.9:2004"`
	Dump       *dumpCmd       `arg:"subcommand:dump" help:"check the dump of a relay" example:"co2 dump check ~/.local/state/co2"`
	Polo       *poloCmd       `arg:"subcommand:polo" help:"offer the services of this host and its users to the network, in the place of polod" example:"co2 polo --lan\nco2 polo --reload"`
	Publish    *publishCmd    `arg:"subcommand:publish" help:"offer a service to the network" example:"co2 publish printer port:=9100 color:=true room=kitchen\nco2 publish printer --permanent --group 224.0.0.113"`
	Unpublish  *unpublishCmd  `arg:"subcommand:unpublish" help:"end the offer of a service" example:"co2 unpublish printer\nco2 unpublish alice:printer --delete-file"`
	Services   *servicesCmd   `arg:"subcommand:services" help:"show what this host offers, or another one" example:"co2 services\nco2 services --node 10.0.0.7"`
	Service    *serviceCmd    `arg:"subcommand:service" help:"make a service file by answering questions" example:"co2 service new\nco2 service new --stdout"`
	Find       *findCmd       `arg:"subcommand:find" help:"find relays and other services on the local network" example:"co2 find\nco2 find '*'"`
	Marco      *marcoCmd      `arg:"subcommand:marco" help:"find nodes and services for the programs of this host, in the place of marcod" example:"co2 marco --group 224.0.0.112"`
}

// Description implements arg.Described.
func (a arguments) Description() string {
	if a.about != "" {
		return a.about
	}
	return "co2 lets programs join a network with five XML-RPC calls: what one satellite relays reaches all the others."
}

// Version implements arg.Versioned.
func (arguments) Version() string { return "co2 " + registry.Version }

// Epilogue implements arg.Epilogued.
func (a arguments) Epilogue() string {
	if a.about != "" {
		return a.examples
	}
	return "Start with: co2 serve\nThen, in another terminal: co2 satellite\nMore of a command: co2 help COMMAND\n\n" +
		"Exit codes: 0 it worked, 1 it did not, 2 wrong command line, 3 the server answered with a fault."
}

// A usageError is a command line that cannot be.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// parse reads the command line. Help and version go to stdout.
func parse(args []string, stdout io.Writer) (command, error) {
	names, _ := namedCommand(args)
	if len(args) > 0 && args[0] == "help" {
		if args = args[1:]; len(args) > len(names) {
			return nil, noCommand(strings.Join(args, " "), args)
		}
		args = append(args[:len(args):len(args)], "--help")
	}
	var a arguments
	p, err := arg.NewParser(arg.Config{Program: "co2", Out: stdout, Exit: func(int) {}}, &a)
	if err != nil {
		return nil, err
	}
	switch err := p.Parse(args); {
	case errors.Is(err, arg.ErrHelp) && len(names) == 0 && !strings.HasPrefix(args[0], "-"):
		return nil, noCommand(args[0], args)
	case errors.Is(err, arg.ErrHelp):
		return nil, cmp.Or(writeHelp(stdout, names), err)
	case errors.Is(err, arg.ErrVersion):
		fmt.Fprintln(stdout, a.Version())
		return nil, err
	case err != nil:
		help := strings.Join(append(names, "--help"), " ")
		if wrong := wrongValue(args); wrong != nil {
			err = wrong
		} else if word, question := didYouMean(args); word != "" && strings.Contains(err.Error(), " "+word) {
			return nil, usagef("%w; %s See co2 %s", err, question, help)
		}
		return nil, usagef("%w; see co2 %s", err, help)
	}
	cmd, ok := p.Subcommand().(command)
	if !ok {
		return nil, usagef("no command given; co2 --help lists them")
	}
	return cmd, nil
}

// noCommand is the error of a command that is not there.
func noCommand(name string, args []string) error {
	if _, question := didYouMean(args); question != "" {
		return usagef("there is no command %s; %s co2 --help lists them", name, question)
	}
	return usagef("there is no command %s; co2 --help lists them", name)
}

// writeHelp explains the program, or the command of these names.
func writeHelp(w io.Writer, names []string) error {
	var a arguments
	command := reflect.TypeOf(a)
	for _, name := range names {
		f, _ := subcommand(command, name)
		command = f.Type.Elem()
		words := f.Tag.Get("help")
		a.about = "co2 " + strings.Join(names, " ") + ": " + words + "."
		if example := f.Tag.Get("example"); example != "" {
			a.examples = "Example:\n  " + strings.ReplaceAll(example, "\n", "\n  ")
		}
	}
	p, err := arg.NewParser(arg.Config{Program: "co2", Out: w, Exit: func(int) {}}, &a)
	if err != nil {
		return err
	}
	return p.WriteHelpForSubcommand(w, names...)
}

// toRelay names the relay of a command.
type toRelay struct {
	Relay    string `arg:"--relay,env:CO2_RELAY" placeholder:"URL" help:"the relay, as 10.0.0.7:2003 or https://relay.example [default: the one on this host, else the one that co2 find finds]"`
	PoloPort uint16 `arg:"--,env:CO2_POLO_PORT" default:"1337" help:"UDP port on which a relay is looked for"`
}

// toServer names the server of a command.
type toServer struct {
	Server   string `arg:"--relay,env:CO2_RELAY" placeholder:"URL" help:"the server, a relay or a satellite, as 10.0.0.7:2003 or https://relay.example [default: the relay on this host, else the one that co2 find finds]"`
	URL      string `arg:"--url,hidden"` // what it was called before
	PoloPort uint16 `arg:"--,env:CO2_POLO_PORT" default:"1337" help:"UDP port on which a relay is looked for"`
}

// url is the URL of the relay, which is looked for if none is named. The
// person is told what was found.
func (r *toRelay) url(ctx context.Context, t terminal) (string, error) {
	if r.Relay != "" {
		return serverURL(r.Relay)
	}
	url, found, err := newLookup(r.PoloPort).relay(ctx)
	if found {
		fmt.Fprintf(t.err, "co2: using the relay that answered by multicast, %s\n", printable(url))
	}
	return url, err
}

// control makes fixed calls to the relay.
func (r *toRelay) control(ctx context.Context, t terminal) (*satellite.Control, error) {
	url, err := r.url(ctx, t)
	if err != nil {
		return nil, err
	}
	control, err := satellite.NewControl(url)
	if err != nil {
		return nil, &usageError{err}
	}
	return control, nil
}

// control makes fixed calls to the server.
func (s *toServer) control(ctx context.Context, t terminal) (*satellite.Control, error) {
	relay := toRelay{cmp.Or(s.URL, s.Server), s.PoloPort}
	return relay.control(ctx, t)
}

// maxInput bounds what is read from standard input, in octets.
const maxInput = 16 << 20

// value reads the value a command sends: from --data, from standard input
// when that is "-", or from KEY=VALUE pairs. The zero Raw means none.
func value(stdin io.Reader, data *string, pairs []string) (wire.Raw, error) {
	switch {
	case data != nil && len(pairs) > 0:
		return wire.Raw{}, usagef("give --data or KEY=VALUE, not both")
	case data == nil && len(pairs) == 0:
		return wire.Raw{}, nil
	case data == nil:
		return pairsValue(pairs)
	}
	text := []byte(*data)
	if *data == "-" {
		var err error
		if text, err = io.ReadAll(io.LimitReader(stdin, maxInput+1)); err != nil {
			return wire.Raw{}, fmt.Errorf("read standard input: %w", err)
		}
		if len(text) > maxInput {
			return wire.Raw{}, fmt.Errorf("standard input has more than %d octets", maxInput)
		}
	}
	raw, err := wire.ParseJSON(text)
	if err != nil {
		return raw, usagef("--data: %w", err)
	}
	return raw, nil
}

// pairsValue makes a struct: k=v is a string, k:=v is typed JSON.
func pairsValue(pairs []string) (wire.Raw, error) {
	members := make([]wire.Member, len(pairs))
	for i, arg := range pairs {
		p, err := readPair(arg)
		if err != nil {
			return wire.Raw{}, err
		}
		var v wire.Raw
		if p.isJSON {
			v, err = wire.ParseJSON([]byte(p.text))
		} else {
			v, err = wire.NewRaw(p.text)
		}
		if err != nil {
			return v, usagef("%s: %w", p.key, err)
		}
		members[i] = wire.Member{Name: p.key, Value: v}
	}
	raw, err := wire.RawStruct(members)
	if err != nil {
		return raw, &usageError{err}
	}
	return raw, nil
}
