package main_test

import (
	"regexp"
	"strings"
	"testing"
)

// A value that cannot be read is named with its flag or variable, in plain
// words and none of Go's.
func TestWrongValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env, args string
		says      string
	}{
		{"", "serve --rate abc", `--rate: "abc" is no number such as 100`},
		{"", "serve --rate=abc --burst 5", `--rate: "abc" is no number such as 100`},
		{"", "serve --burst 1.5", `--burst: "1.5" is no whole number`},
		{"", "serve --ping-interval 5", `--ping-interval: "5" has no unit; want a time such as`},
		{"", "serve --call-timeout soon", `--call-timeout: "soon" is no time such as`},
		{"", "serve --remove-after 1x", `--remove-after: "1x" is no time such as`},
		{"", "serve --remove-after 7", `--remove-after: "7" has no unit`},
		{"", "serve --polo-port 99999", `--polo-port: "99999" is no whole number from 0 to 65535`},
		{"", "serve --max-body lots", `--max-body: "lots" is no size such as`},
		{"", "serve --outbox-policy drop-all", "--outbox-policy: "},
		{"CO2_LAN=maybe", "serve", `CO2_LAN in the environment: "maybe" is neither true nor false`},
		{"CO2_RATE=fast", "serve --rate 5", `CO2_RATE in the environment: "fast" is no number`},
		{"CO2_POLO_PORT=x", "satellites", `CO2_POLO_PORT in the environment: "x" is no whole number`},
	} {
		got := runWith(t, cleanEnv(t, tt.env), "", strings.Fields(tt.args)...)
		got.wants(t, 2, tt.says, "see co2 "+strings.Fields(tt.args)[0]+" --help")
		if regexp.MustCompile(`strconv|parsing|time:|error processing`).MatchString(got.err) {
			t.Errorf("co2 %s said %q, want no words of Go", tt.args, got.err)
		}
	}
	run(t, "serve", "--remove-after", "1d12h", "--ping-interval", "0").wants(t, 2, "--remove-after needs pings") // so it was read
}

// A mistyped command or option comes with the one that was meant.
func TestSlips(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"sattelite":         "invalid subcommand: sattelite; did you mean satellite?",
		"satelites":         "did you mean satellites?",
		"sned a=b":          "did you mean send?",
		"servics":           "did you mean services or service?",
		"dump chekc x":      "did you mean check?",
		"serve --lann":      "unknown argument --lann; did you mean --lan?",
		"serve --listne=:0": "did you mean --listen?",
		"find --helb":       "did you mean --help?",
		"help pubish":       "there is no command pubish; did you mean publish?",
		"pubish --help":     "there is no command pubish; did you mean publish?",
	} {
		run(t, strings.Fields(args)...).wants(t, 2, says, "--help")
	}
	for _, args := range []string{"fly", "help fly", "fly --help", "serve --port 5", "find a b", "publish", "serve --rate abc", strings.Repeat("x", 1<<16)} {
		if got := run(t, strings.Fields(args)...); got.code != 2 || strings.Contains(got.err, "did you mean") {
			t.Errorf("co2 %.20s said %.200q with exit code %d, want no guess, and 2", args, got.err, got.code)
		}
	}
}

// Each command has help of its own, by --help and by co2 help.
func TestHelpOfCommands(t *testing.T) {
	t.Parallel()
	general := run(t, "--help").ok(t).out
	if got := run(t, "help").ok(t); got.out != general {
		t.Errorf("co2 help printed %q, want what --help prints", got.out)
	}
	list := general[strings.Index(general, "Commands:"):strings.Index(general, "Start with")]
	commands := regexp.MustCompile(`(?m)^  ([a-z-]+) +(.+)$`).FindAllStringSubmatch(list, -1)
	if len(commands) < 14 {
		t.Fatalf("the help lists %d commands, want all", len(commands))
	}
	for _, c := range commands {
		help := run(t, c[1], "--help").ok(t).out
		if !strings.HasPrefix(help, "co2 "+c[1]+": "+c[2]+".\n") || strings.Contains(help, "Start with") {
			t.Errorf("co2 %s --help printed %q, want its own sentence first, and not how to start", c[1], help)
		}
		if _, example, ok := strings.Cut(help, "\nExample:\n"); !ok || !strings.Contains(example, "co2 "+c[1]) {
			t.Errorf("co2 %s --help printed %q, want an example at its end", c[1], help)
		}
		if got := run(t, "help", c[1]).ok(t); got.out != help {
			t.Errorf("co2 help %s printed %q, want what --help prints", c[1], got.out)
		}
	}
	if got := run(t, "help", "dump", "check").ok(t); !strings.HasPrefix(got.out, "co2 dump check: ") {
		t.Errorf("co2 help dump check printed %q", got.out)
	}
	run(t, "help", "fly").wants(t, 2, "there is no command fly")
}

// What most often goes wrong comes with what to do.
func TestNextSteps(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	for _, args := range [][]string{{"pause"}, {"unpin"}, {"remove"}} {
		run(t, args[0], "--relay", relay.url, "192.0.2.1:1").wants(t, 3, "no satellite has that id now: co2 satellites shows those there are")
	}
	run(t, "call", "--relay", relay.url, "relay.get_satellite_props", "host_id=192.0.2.1:1").wants(t, 3, "no satellite has that id now")
	relay.stop()
	for _, command := range []string{"satellites", "limits", "methods"} {
		run(t, command, "--relay", relay.url).wants(t, 1, "refused", "start a relay with co2 serve", "--relay URL")
	}
	run(t, "send", "--relay", relay.url, "a=b").wants(t, 1, "refused", "start a relay with co2 serve")
}
