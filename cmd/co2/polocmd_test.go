package main_test

import (
	"encoding/json"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A polod is co2 polo under test, with folders and ports of its own.
type polod struct {
	*process
	dir, socket, pidFile, port string
}

// startPolo starts one that answers this host alone.
func startPolo(t *testing.T, dir string, extra ...string) *polod {
	t.Helper()
	p := newPolod(t, dir)
	p.process = start(t, append(p.args(), extra...)...)
	p.printed("Next, in another terminal")
	return p
}

func newPolod(t *testing.T, dir string) *polod {
	t.Helper()
	run, err := os.MkdirTemp("", "co2polo") // the path of a socket has few characters
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(run) })
	return &polod{dir: dir, socket: filepath.Join(run, "polo.sock"), pidFile: filepath.Join(run, "polod.pid"), port: freeUDPPort(t)}
}

func (p *polod) args() []string {
	return []string{"polo", "--dir", p.dir, "--socket", p.socket, "--pid-file", p.pidFile, "--polo-port", p.port, "--no-tls"}
}

// do runs a command of co2 that knows where this Polo is.
func (p *polod) do(args ...string) result {
	p.t.Helper()
	return p.answer("", args...)
}

func (p *polod) answer(stdin string, args ...string) result {
	p.t.Helper()
	return runWith(p.t, cleanEnv(p.t, "CO2_POLO_SOCKET="+p.socket, "CO2_POLO_PORT="+p.port), stdin, args...)
}

// finds waits until the service is found, or is not found any more.
func (p *polod) finds(id string, found bool) {
	p.t.Helper()
	eventuallyWithin(p.t, retrying, "co2 find "+id+" finds it: "+strconv.FormatBool(found), func() bool {
		return (p.do("find", id).code == 0) == found
	})
}

// A service is published, found, shown and taken back (5.4, D26).
func TestPublish(t *testing.T) {
	t.Parallel()
	p := startPolo(t, t.TempDir())
	got := p.do("publish", "printer", "--root", "port:=9100", "color:=true", "name=x", "rate:=1.50").ok(t)
	if got.out != "printer\n" || !strings.Contains(got.err, "published by the Polo at "+p.socket) || !strings.Contains(got.err, "co2 find printer") {
		t.Errorf("publish printed %q, said %q", got.out, got.err)
	}
	p.finds("printer", true)
	if got := p.do("find", "printer").ok(t).out; got != "127.0.0.1  color=true  name=\"x\"  port=9100  rate=1.50\n" {
		t.Errorf("find printed %q", got)
	}
	p.do("publish", "printer", "--root").wants(t, 3, "the Polo at "+p.socket, "Service printer already exists; it is offered, or its file is kept: co2 unpublish --delete-file ends both")
	table := p.do("services").ok(t).out
	lines := strings.Split(table, "\n")
	if len(lines) != 3 || strings.Join(strings.Fields(lines[0]), " ") != "ID KIND GROUPS PARAMS FILE" ||
		strings.Join(strings.Fields(lines[1]), " ") != `printer host 224.0.0.112 224.0.0.113 color=true name="x" port=9100 rate=1.50 -` {
		t.Errorf("services printed %q", table)
	}
	var list []struct {
		ID     string
		Params map[string]any
	}
	if err := json.Unmarshal([]byte(p.do("services", "--json").ok(t).out), &list); err != nil || len(list) != 1 || list[0].Params["port"] != 9100.0 {
		t.Errorf("services --json tells %v, %v", list, err)
	}
	if got := p.do("services", "--node", "127.0.0.1").ok(t).out; !strings.Contains(got, "printer  color=true") { // D1, D2, D47
		t.Errorf("services --node printed %q", got)
	}
	p.do("unpublish", "printer").ok(t)
	p.finds("printer", false)
	p.do("unpublish", "printer").wants(t, 3, "Could not find service; co2 services shows what is offered") // D33
	if got := p.do("services").ok(t); got.out != "" || !strings.Contains(got.err, "co2 publish ID") {
		t.Errorf("without services it printed %q, said %q", got.out, got.err)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestPublishWrongly(t *testing.T) {
	t.Parallel()
	p := startPolo(t, t.TempDir())
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"a", "word"}, 2, `"word" is not KEY=VALUE`},
		{[]string{"a", "n:=one"}, 2, `n: "one" is no value of JSON; for a string give n=one`},
		{[]string{"a", "n:=1]"}, 2, `n: "1]" is no value of JSON`},
		{[]string{"port:=9100", "a=b"}, 2, `"port:=9100" is a param: the id of the service comes first`},
		{[]string{"a", "n:=[1]"}, 2, "no objects or arrays"},
		{[]string{"a", "n=1", "n=2"}, 2, "n is given twice"},
		{[]string{"a", "--root", "--user"}, 2, "not both"},
		{[]string{}, 2, "see co2 publish --help"},
		{[]string{"a:b", "--root"}, 3, "is invalid"},                                // D9
		{[]string{strings.Repeat("x", 31), "--root"}, 3, "31 characters"},           // D9
		{[]string{"a", "--root", "--group", "10.0.0.1"}, 3, "IP is not of class D"}, // D35
		{[]string{"a", "--root", "--group", "239.0.0.9"}, 3, "not a member of this group"},
		{[]string{"a/b", "--root", "--permanent"}, 3, ""},                      // D30
		{[]string{"a", "--root", "x=" + strings.Repeat("x", 5000)}, 3, "4095"}, // D19
	} {
		p.do(append([]string{"publish"}, c.args...)...).wants(t, c.code, c.says)
	}
	if got := p.do("services").ok(t).out; got != "" {
		t.Errorf("services after that: %q", got)
	}
	runWith(t, cleanEnv(t), "", "publish", "a", "--socket", p.socket+".none").wants(t, 1, p.socket+".none")
}

// What ends an offer tells of a file that brings it back, and it does (D31).
func TestUnpublishKeepsFile(t *testing.T) {
	t.Parallel()
	p := startPolo(t, t.TempDir())
	const back = "its file is kept and brings it back at a restart or reload, unless --delete-file is given"
	if got := p.do("publish", "it's a lamp", "--root", "--permanent").ok(t); !strings.Contains(got.err, `find it with: co2 find 'it'\''s a lamp'`) {
		t.Errorf("publish said %q, want words that a shell takes", got.err)
	}
	p.do("publish", "printer", "--root").ok(t)
	if got := p.do("unpublish", "it's a lamp", "--group", "224.0.0.113").ok(t).err; !strings.Contains(got, "in 224.0.0.113 by the Polo") || !strings.Contains(got, back) {
		t.Errorf("unpublish in one group said %q", got)
	}
	for id, kept := range map[string]bool{"it's a lamp": true, "printer": false} {
		if got := p.do("unpublish", id).ok(t).err; strings.Contains(got, back) != kept {
			t.Errorf("unpublish %s said %q, want that a file is kept: %t", id, got, kept)
		}
		p.finds(id, false)
	}
	p.do("publish", "it's a lamp", "--root", "--permanent").wants(t, 3, "already exists; it is offered, or its file is kept")
	p.do("polo", "--reload", "--pid-file", p.pidFile).ok(t)
	p.finds("it's a lamp", true)
	if got := p.do("unpublish", "it's a lamp", "--delete-file").ok(t).err; strings.Contains(got, "file") {
		t.Errorf("unpublish --delete-file said %q", got)
	}
	p.do("polo", "--reload", "--pid-file", p.pidFile).ok(t)
	p.do("find", "printer").wants(t, 1, "nothing found")
	p.finds("it's a lamp", false)
}

// Who is not privileged publishes nothing for the host, and takes nothing of it
// back (4.4, D28). The Unix socket knows who it is (D54).
func TestPublishUnprivileged(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	p := startPolo(t, t.TempDir())
	p.do("publish", "printer").ok(t)
	if err := os.Chmod(filepath.Dir(p.socket), 0o755); err != nil {
		t.Fatal(err)
	}
	nobody := func(args ...string) result {
		env := cleanEnv(t, "CO2_POLO_SOCKET="+p.socket, "HOME=/")
		return runAs(t, 65534, env, args...)
	}
	nobody("publish", "mine", "--root").wants(t, 3, "Permission denied", "members of the group marcopolo")
	nobody("unpublish", "printer").wants(t, 3, "Permission denied")
	if got := nobody("publish", "lamp", "watt:=9").ok(t).out; got != "nobody:lamp\n" {
		t.Errorf("published as %q, want nobody:lamp", got)
	}
	p.finds("nobody:lamp", true)
	if got := nobody("services").ok(t).out; !lineWith(got, "nobody:lamp  of nobody", "-") || !lineWith(got, "printer", "-") {
		t.Errorf("services printed %s", got)
	}
	nobody("unpublish", "nobody:lamp").ok(t)
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	nobody("polo", "--dir", filepath.Join(closed, "in")).wants(t, 1, "permission denied", "name a folder of this user with --dir DIR")
	p.finds("nobody:lamp", false)
}

// runAs runs co2 as another user.
func runAs(t *testing.T, uid uint32, env []string, args ...string) result {
	t.Helper()
	as := asUser(t, uid)
	return runProgram(t, env, "", as[0], append(as[1:], args...)...)
}

// asUser is the command that runs co2 as another user.
func asUser(t *testing.T, uid uint32) []string {
	t.Helper()
	dir := openFolder(t)
	program := filepath.Join(dir, "co2") // where that user may go
	// Not a copy: a file that is written is busy in each process forked meanwhile.
	if err := os.Link(binary, program); err != nil {
		t.Fatal(err)
	}
	return []string{"setpriv", "--reuid", strconv.Itoa(int(uid)), "--regid", strconv.Itoa(int(uid)), "--clear-groups", program}
}

// openFolder is a folder of the test where other users may go.
func openFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// D3, D24: reloads by co2 polo --reload and by SIGHUP; dynamic services stay.
// D32: the file of a permanent one is removed with it.
func TestPoloReload(t *testing.T) {
	t.Parallel()
	p := startPolo(t, t.TempDir())
	services := filepath.Join(p.dir, "services")
	p.do("publish", "dynamic", "--root").ok(t)
	p.do("publish", "kept", "--root", "--permanent", "n:=1").ok(t)
	write(t, filepath.Join(services, "one"), `{"id": "one"}`)
	if got := run(t, "polo", "--reload", "--pid-file", p.pidFile).ok(t); !strings.Contains(got.out, "process "+strconv.Itoa(p.cmd.Process.Pid)) {
		t.Errorf("--reload printed %q", got.out)
	}
	p.said("services reloaded")
	p.finds("one", true)
	write(t, filepath.Join(services, "two"), `{"id": "two"}`)
	write(t, filepath.Join(services, "off"), `{"id": "off", "disabled": true}`)
	if err := os.Remove(filepath.Join(services, "one")); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.said("services reloaded")
	p.finds("two", true)
	p.finds("dynamic", true)
	p.finds("kept", true)
	p.finds("one", false)
	p.finds("off", false) // D4
	table := p.do("services").ok(t).out
	for id, file := range map[string]string{"dynamic": "-", "kept": "yes", "two": "yes", "off": "disabled"} {
		if !lineWith(table, id+" ", file) {
			t.Errorf("services printed %s, want %s and %s in a line", table, id, file)
		}
	}
	p.do("unpublish", "kept", "--delete-file").ok(t)
	if _, err := os.Stat(filepath.Join(services, "kept")); !os.IsNotExist(err) {
		t.Errorf("the file of kept: %v, want none", err)
	}
	start(t, append(p.args(), "--polo-port", freeUDPPort(t))...).wantsEnd(1, "process "+strconv.Itoa(p.cmd.Process.Pid)+" runs already")
	p.finds("two", true)
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	run(t, "polo", "--reload", "--pid-file", p.pidFile).wants(t, 1, "no daemon runs with this pid file")
	write(t, p.pidFile, "1234567\n") // left behind
	run(t, "polo", "--reload", "--pid-file", p.pidFile).wants(t, 1, "no daemon runs with this pid file")
	again := &polod{dir: p.dir, socket: p.socket, pidFile: p.pidFile, port: p.port}
	again.process = start(t, again.args()...) // 5.4: static ones are back, dynamic ones are lost
	again.printed("Next")
	again.finds("two", true)
	again.finds("dynamic", false)
}

// wantsEnd waits for the end of the process and checks it.
func (p *process) wantsEnd(code int, said string) {
	p.t.Helper()
	if got := p.wait(); got != code || !strings.Contains(p.err.String(), said) {
		p.t.Errorf("%s ended with %d, said %q; want %d and %q", p.name, got, &p.err, code, said)
	}
}

func lineWith(text, start, end string) bool {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, start) && strings.HasSuffix(strings.TrimSpace(line), end) {
			return true
		}
	}
	return false
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// D25: what polo.cfg says wrong is told and does not count; the rest does, and
// flags win over it. D17: polo_params in quotes are an object.
func TestPoloConfig(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "polo.cfg"), `[polo]
multicast_addrs = 224.0.0.112 239.9.9.9
port = 99999
retries = 4
services_dir = offers
polo_params = "{\"rack\": 7}"
nonsense = 1
`)
	write(t, filepath.Join(dir, "offers", "lamp"), `{"id": "lamp", "groups": ["239.9.9.9"]}`)
	p := startPolo(t, dir, "--local")
	if out := p.out.String(); !strings.Contains(out, "answering  224.0.0.112 and 239.9.9.9, UDP port "+p.port) ||
		!strings.Contains(out, "reachable  by programs on this machine only") ||
		!strings.Contains(out, "services   1 in "+filepath.Join(dir, "offers")) || !strings.Contains(out, "config     "+dir) {
		t.Errorf("printed %s", out)
	}
	write(t, filepath.Join(dir, "other.cfg"), "[polo]\nservices_dir = made\ngroup_name = daemon\n")
	other := newPolod(t, dir)
	other.process = start(t, append(other.args(), "--config", filepath.Join(dir, "other.cfg"), "--local")...)
	other.printed("Next")
	made, err := os.Stat(filepath.Join(dir, "made"))
	if err != nil || !made.IsDir() {
		t.Fatalf("the folder of services: %v", err)
	}
	if daemon, err := user.LookupGroup("daemon"); err == nil && os.Geteuid() == 0 {
		if gid := made.Sys().(*syscall.Stat_t).Gid; strconv.Itoa(int(gid)) != daemon.Gid {
			t.Errorf("the folder of services belongs to group %d, want %s", gid, daemon.Gid)
		}
	}
	for _, said := range []string{"line=3", `unknown key \"nonsense\"`} {
		if !strings.Contains(p.err.String(), said) {
			t.Errorf("said %s, want %s", &p.err, said)
		}
	}
	eventuallyWithin(t, retrying, "the lamp is found in its group", func() bool {
		return p.do("find", "lamp", "--group", "239.9.9.9").code == 0
	})
	p.do("find", "lamp", "--timeout", "200ms").wants(t, 1, "nothing found")
	if got := p.do("find", "*").ok(t).out; !strings.Contains(got, "hostname=") || !strings.Contains(got, "rack=7") {
		t.Errorf("find * printed %q", got)
	}
}

// A reload takes of the configuration what can be taken, and says of each
// changed key what became of it. One that cannot be read changes nothing.
func TestPoloReloadsConfig(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "polo.cfg")
	write(t, config, "[polo]\nmulticast_addrs = 224.0.0.112 239.9.9.8\nlogging_level = WARN\n")
	write(t, filepath.Join(dir, "services", "lamp"), `{"id": "lamp", "groups": ["239.9.9.9"]}`)
	p := startPolo(t, dir, "--local")
	p.do("publish", "printer", "--root").ok(t)
	p.do("publish", "gone", "--root", "--group", "239.9.9.8").ok(t)
	p.finds("printer", true)
	write(t, config, "[polo]\nmulticast_addrs = 224.0.0.112 239.9.9.9\nlogging_level = INFO\nservices_dir = other\nsource_answers = 0\npolo_params = {\"rack\": 7}\n")
	p.signal(syscall.SIGHUP)
	p.said("services reloaded")
	for _, key := range []string{"multicast_addrs", "source_answers", "polo_params", "services_dir"} {
		taken := key != "services_dir"
		if line := lineOf(p.err.String(), "key="+key); strings.Contains(line, "holds from now on") != taken || strings.Contains(line, "takes a restart") == taken {
			t.Errorf("of %s the log says %q in %s", key, line, &p.err)
		}
	}
	if strings.Contains(p.err.String(), "key=retries") || !strings.Contains(p.err.String(), "service=gone") {
		t.Errorf("the log says %s", &p.err)
	}
	eventuallyWithin(t, retrying, "the services are found in the new group", func() bool {
		return p.do("find", "lamp", "--group", "239.9.9.9").code == 0 && p.do("find", "printer", "--group", "239.9.9.9").code == 0
	})
	p.finds("printer", true)
	p.finds("gone", false)
	p.do("find", "printer", "--group", "239.9.9.8", "--timeout", "200ms").wants(t, 1, "nothing found")
	if got := p.do("find", "*").ok(t).out; !strings.Contains(got, "rack=7") {
		t.Errorf("find * printed %q", got)
	}
	p.do("publish", "late", "--root", "--group", "239.9.9.9").ok(t)

	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(config, 0o700); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.said("configuration not reloaded, that of before holds")
	p.do("find", "late", "--group", "239.9.9.9").ok(t)
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// lineOf is the first line with a part.
func lineOf(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// Section 10: how many are answered is a setting, by file and by flag.
func TestPoloLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config string
		flags  []string
		asked  int // by default 20 of one host are answered at once, and 200 are not
		all    bool
	}{
		{"[polo]\nanswers = 1\nsource_answers = 0\n", nil, 20, false},
		{"[polo]\nanswers = 1\n", []string{"--answers", "0", "--source-answers", "0"}, 200, true},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "polo.cfg"), c.config)
		p := startPolo(t, dir, append(c.flags, "--local")...)
		p.finds("*", true)
		if answers := p.answersOf(c.asked, c.all); (answers == c.asked) != c.all {
			t.Errorf("%q %q: %d answers of %d", c.config, c.flags, answers, c.asked)
		}
		p.stop()
	}
}

// answersOf asks so many times, each time once the answer has come or, unless
// all are wanted, after a moment, and returns how many came.
func (p *polod) answersOf(times int, all bool) (answers int) {
	p.t.Helper()
	conn, err := net.Dial("udp4", "127.0.0.1:"+p.port)
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close()
	wait := 10 * time.Millisecond
	if all {
		wait = patience
	}
	for range times {
		if _, err := conn.Write([]byte(`{"Command": "Marco"}`)); err != nil {
			p.t.Fatal(err)
		}
		conn.SetReadDeadline(time.Now().Add(wait))
		if _, err := conn.Read(make([]byte, 4096)); err == nil {
			answers++
		} else if all {
			break
		}
	}
	return answers
}

func TestPoloWrongCommandLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--lan", "--local"}, "one of --lan, --local and --interface"},
		{[]string{"--reload", "--reissue-tokens"}, "not both"},
		{[]string{"alice"}, `"alice": users are named with --reissue-tokens alone`},
		{[]string{"--group", "10.0.0.1"}, "--group: "},
		{[]string{"--network", "fd00::/8"}, "--network"},
		{[]string{"--answers", "-1"}, "--answers -1 is not a number of answers"},
		{[]string{"--source-answers=-1"}, "--source-answers -1 is not"},
		{[]string{"--config", filepath.Join(dir, "none.cfg")}, "there is no such file"},
	} {
		run(t, append([]string{"polo", "--dir", dir}, c.args...)...).wants(t, 2, c.says)
	}
}

// D55: tokens of an original Polo are renewed, for users who have one.
func TestPoloReissueTokens(t *testing.T) {
	t.Parallel()
	got := run(t, "polo", "--dir", t.TempDir(), "--reissue-tokens", "daemon").ok(t) // who has no home to write
	if got.out != "" || !strings.Contains(got.err, "no token had to be renewed") {
		t.Errorf("--reissue-tokens printed %q, said %q", got.out, got.err)
	}
	run(t, "polo", "--dir", t.TempDir(), "--reissue-tokens", "no-such-user-here").wants(t, 1, "no-such-user-here")
}
