package main_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A hostile is what no friend sends: the octets of one connection, the rule of
// xmlrpc.md they strain or break, and what has to come of it.
type hostile struct {
	rule, name string
	send       sender
	want       string // answers in order and the end of the connection, see conversation.outcome; "a | b" where the rule leaves a choice
	says       string // part of the last answer
}

// What the relay of the table may hold, in MiB: more than before when all is
// over (L-B), and at its worst, when two of the cases are under way at once.
// A body of 8 MiB may become 262,144 values of 128 octets and an answer of 16
// MiB; the collector lets garbage double that.
const (
	mayKeep = 64
	mayPeak = 512
)

// TestHostile does to one relay all that is in the tables. Every answer is
// the one the rule states, on a connection in the state the rule states, and
// a call on another connection is answered after it. In the end nothing was
// fetched, nothing refused has run, the log is clean and the memory is back.
func TestHostile(t *testing.T) {
	relay := startRelay(t, "--verbose", "--head-timeout", "2m", "--body-timeout", "2m") // the slow have a relay of their own
	bait := perch(t)
	ping(t, relay)
	stuffed(t, relay)
	before := relay.memory(t, "VmRSS")
	cases := slices.Concat(
		verbs(), targets(), versions(), hosts(), lengths(), chunks(), codings(), heads(), pipelines(), smuggling(),
		mediaTypes(), browsers(), compressed(),
		doctypes(bait.addr()), depths(), encodings(), octets(), markup(), structures(), scalars(), quantities(),
		methodNames(), multicalls(), registrations(relay),
	)
	t.Run("table", func(t *testing.T) {
		for _, h := range cases {
			if raceEnabled && h.send.large {
				continue // they are about time and memory, and take minutes of it
			}
			t.Run(h.rule+" "+h.name, func(t *testing.T) {
				t.Parallel()
				h.check(t, relay)
			})
		}
	})
	bait.untouched(t)
	nothingSmuggled(t, relay)
	cleanLog(t, relay)
	relay.memoryIsBack(t, before)
}

// check has the conversation and compares how it went.
func (h hostile) check(t *testing.T, relay *server) {
	t.Helper()
	wants := strings.Split(h.want, " | ")
	c := talk(relay, "127.0.0.1", h.send, wants[0])
	if got := c.outcome(); !slices.Contains(wants, got) {
		t.Errorf("%s: %s came of it, want %s\nsent: %.300q\nlast answer: %.300q", h.rule, got, h.want, c.sent(), c.last.body)
	}
	if h.says != "" && !strings.Contains(c.last.head+c.last.body, h.says) {
		t.Errorf("%s: the last answer is %.300q %.300q, want %q in it\nsent: %.300q", h.rule, c.last.head, c.last.body, h.says, c.sent())
	}
	ping(t, relay)
}

// ping is the next good call, on a connection of its own (L-B).
func ping(t *testing.T, relay *server) {
	t.Helper()
	if c := talk(relay, "127.0.0.1", raw(goodCall()), "OK kept"); c.outcome() != "OK kept" {
		t.Errorf("a good call afterwards: %s, want OK kept", c.outcome())
	}
}

// smugglersPort is the port of registrations that must not come to pass.
const smugglersPort = 4666

// smuggled is a call that must not run.
func smuggled() string {
	return sized("", document("relay.register", members("port", number(smugglersPort))))
}

func nothingSmuggled(t *testing.T, relay *server) {
	t.Helper()
	for _, id := range must[[]string](t, relay, "relay.get_satellites") {
		if strings.HasSuffix(id, fmt.Sprintf(":%d", smugglersPort)) || !strings.HasPrefix(id, "127.0.0.1:") {
			t.Errorf("%s is registered, by a call that was to be refused", id)
		}
	}
}

// logLine is a line of the log: keys once each, values plain or quoted.
var logLine = regexp.MustCompile(`^time=\S+ level=[A-Z]+ msg=(\w+|"([^"\\]|\\.)*")( (method|remote|err|code|satellite|nick|state|reason|peer|limit|left_out)=([^\s"=]*|"([^"\\]|\\.)*"))*$`)

// cleanLog wants each line of the log to be one record in printable
// characters, whatever names and texts were sent (M4).
func cleanLog(t *testing.T, relay *server) {
	t.Helper()
	post(t, relay, document("the.last"))
	relay.said("the.last")
	for line := range strings.SplitSeq(relay.err.String(), "\n") {
		odd := strings.IndexFunc(line, func(r rune) bool { return !strconv.IsPrint(r) })
		if odd >= 0 || !logLine.MatchString(line) {
			t.Errorf("log line %.300q, want one record in printable characters", line)
		}
	}
}

// memory is a figure of the process in MiB, 0 where the system does not tell.
func (p *process) memory(t *testing.T, what string) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Logf("memory is not told here: %v", err)
		return 0
	}
	_, after, _ := strings.Cut(string(status), what+":")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		t.Fatalf("%s is not in %q", what, status)
	}
	kib, err := strconv.Atoi(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}

// memoryIsBack wants the memory of the process to fall back near what it was.
// With the race detector it means nothing.
func (p *server) memoryIsBack(t *testing.T, before int) {
	t.Helper()
	if raceEnabled {
		return
	}
	if peak := p.memory(t, "VmHWM"); peak > mayPeak {
		t.Errorf("the relay held %d MiB at its worst, want at most %d", peak, mayPeak)
	}
	eventually(t, fmt.Sprintf("the relay's memory is back within %d MiB of %d", mayKeep, before), func() bool {
		return p.memory(t, "VmRSS") <= before+mayKeep
	})
	t.Logf("memory in MiB: %d before, %d at its worst, %d after", before, p.memory(t, "VmHWM"), p.memory(t, "VmRSS"))
}
