package discovery_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"co2/discovery"
)

func groups(addrs ...string) []netip.Addr {
	list := make([]netip.Addr, len(addrs))
	for i, a := range addrs {
		list[i] = netip.MustParseAddr(a)
	}
	return list
}

// Section 6, polo.cfg: every key, in any case.
func TestPoloFile(t *testing.T) {
	for line, change := range map[string]func(f *discovery.PoloFile){
		"multicast_addrs = 224.0.0.113":              func(f *discovery.PoloFile) { f.Groups = groups("224.0.0.113") },
		"MULTICAST_ADDRS = 224.0.0.1\t 239.1.2.3":    func(f *discovery.PoloFile) { f.Groups = groups("224.0.0.1", "239.1.2.3") },
		"multicast_addrs =\n  224.0.0.1\n 239.1.2.3": func(f *discovery.PoloFile) { f.Groups = groups("224.0.0.1", "239.1.2.3") },
		"port = 1400":                         func(f *discovery.PoloFile) { f.Port = 1400 },
		"Polo_Binding_Port: 1391":             func(f *discovery.PoloFile) { f.BindingPort = 1391 },
		"interfaces = eth0\twlan0":            func(f *discovery.PoloFile) { f.Interfaces = []string{"eth0", "wlan0"} }, // D18
		"answers = 0":                         func(f *discovery.PoloFile) { f.Answers = 0 },
		"source_answers = 7":                  func(f *discovery.PoloFile) { f.SourceAnswers = 7 },
		"retries = 5":                         func(f *discovery.PoloFile) { f.Retries = 5 },
		"multicast_addr_fallback = 224.0.0.9": func(f *discovery.PoloFile) { f.FallbackGroup = netip.MustParseAddr("224.0.0.9") },
		`polo_params = {"hostname": "a", "n": 1.50}`: func(f *discovery.PoloFile) {
			f.Params = map[string]any{"hostname": "a", "n": json.Number("1.50")}
		},
		`polo_params = "{\"hostname\": \"a\"}"`: func(f *discovery.PoloFile) { f.Params = map[string]any{"hostname": "a"} }, // D17
		"services_dir = other":                  func(f *discovery.PoloFile) { f.ServicesDir = "other" },
		"polo_user_dir = .other":                func(f *discovery.PoloFile) { f.UserDir = ".other" },
		`verify_regexp = ^([\d\w]+):([\d\w]+)$`: func(*discovery.PoloFile) {}, // D10
		"secret_file = /etc/other":              func(f *discovery.PoloFile) { f.SecretFile = "/etc/other" },
		"group_name = staff":                    func(f *discovery.PoloFile) { f.GroupName = "staff" },
		"debug = off":                           func(f *discovery.PoloFile) { f.Debug = false },
		"logging_dir = /tmp/%(here)s":           func(f *discovery.PoloFile) { f.Log.Dir = "/tmp/%(here)s" }, // no interpolation
		"logging_level = DEBUG":                 func(f *discovery.PoloFile) { f.Log.Level = slog.LevelDebug },
		"logging_level = warning":               func(f *discovery.PoloFile) { f.Log.Level = slog.LevelWarn },
		"logging_level = 40":                    func(f *discovery.PoloFile) { f.Log.Level = slog.LevelError },
		// Without effect.
		"logging_format = %(asctime)s:%(levelname)s:%(message)s": func(*discovery.PoloFile) {},
		"conf_dir = /nowhere":                 func(*discovery.PoloFile) {},
		"secret_rename = V33YJFtywVmSKDvbQQs": func(*discovery.PoloFile) {},
		"logging_file = other.log":            func(*discovery.PoloFile) {},
		"frame_size = 10":                     func(*discovery.PoloFile) {},
		"hops = 7":                            func(*discovery.PoloFile) {}, // 2.7
	} {
		want := discovery.DefaultPoloFile()
		change(&want)
		got, warnings := discovery.ParsePoloFile("polo.cfg", []byte("[polo]\n"+line+"\n"))
		if len(warnings) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%q = %+v, warnings %v\nwant %+v", line, got, warnings, want)
		}
	}
}

// Section 6, marco.cfg: every key.
func TestMarcoFile(t *testing.T) {
	for line, change := range map[string]func(f *discovery.MarcoFile){
		"marcoport = 1400":             func(f *discovery.MarcoFile) { f.BindingPort = 1400 },
		"binding_iface = 127.0.0.1":    func(f *discovery.MarcoFile) { f.BindingAddr = netip.MustParseAddr("127.0.0.1") },
		"timeout = 2500.5":             func(f *discovery.MarcoFile) { f.Timeout = 2500500 * time.Microsecond },
		"multicast_addr = 224.0.0.113": func(f *discovery.MarcoFile) { f.Groups = groups("224.0.0.113") },
		"multicast_addr=224.0.0.1 224.0.0.2": func(f *discovery.MarcoFile) {
			f.Groups = groups("224.0.0.1", "224.0.0.2")
		},
		"poloport = 1400":          func(f *discovery.MarcoFile) { f.PoloPort = 1400 },
		"logging_dir = /tmp":       func(f *discovery.MarcoFile) { f.Log.Dir = "/tmp" },
		"logging_filename = m.log": func(f *discovery.MarcoFile) { f.Log.Name = "m.log" },
		"logging_level = CRITICAL": func(f *discovery.MarcoFile) { f.Log.Level = slog.LevelError },
		"frame_size = 4096":        func(*discovery.MarcoFile) {},
		"port = 1400":              func(*discovery.MarcoFile) {},
		"debug = True":             func(*discovery.MarcoFile) {},
	} {
		want := discovery.DefaultMarcoFile()
		change(&want)
		got, warnings := discovery.ParseMarcoFile("marco.cfg", []byte("[marco]\n"+line+"\n"))
		if len(warnings) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%q = %+v, warnings %v\nwant %+v", line, got, warnings, want)
		}
	}
}

// D25: a bad line costs its own default and nothing else, and is told by file
// and line.
func TestConfigBadValues(t *testing.T) {
	for _, line := range []string{
		"port = 0", "port = 65536", "port = 1337 # comment", "port =", "polo_binding_port = x",
		"multicast_addrs =", "multicast_addrs = 224.0.0.112 10.0.0.1", "multicast_addrs = ff02::1",
		"multicast_addrs = 224.0.0.112, 224.0.0.113", "multicast_addrs = " + strings.Repeat("224.0.0.1 ", 3) + "224.1",
		"multicast_addr_fallback = 224.0.0.1 224.0.0.2", "retries = many", "interfaces =", "answers = -1", "source_answers = 9999999999", "debug = perhaps",
		`polo_params = "{'hostname': 'martin'}"`, `polo_params = [1]`, `polo_params = {"a": 1} x`, `polo_params = "\"{}\""`,
		`polo_params = {"a": "` + strings.Repeat("x", 5000) + `"}`,
		"verify_regexp = (", "verify_regexp = ^(.+)$", "verify_regexp = (a):(b))|((c)", "services_dir =",
		"logging_level = LOUD", "logging_level = 99", "logging_format = %(message)s",
		"nonsense = 1", "port", "= 1", "[polo", "conf dir \xff = 1",
	} {
		text := "[polo]\n" + line + "\nretries_not = here\ndebug = no\n"
		if line == "[polo" {
			text = "[polo]\ndebug = no\n" + line + "\n"
		}
		want := discovery.DefaultPoloFile()
		want.Debug = line == "debug = perhaps"
		if want.Debug {
			text = strings.Replace(text, "debug = no\n", "", 1)
		}
		got, warnings := discovery.ParsePoloFile("/etc/p.cfg", []byte(text))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q = %+v, want %+v", line, got, want)
		}
		at := 1 + strings.Count(text[:strings.Index(text, "\n"+line+"\n")+1], "\n")
		if len(warnings) == 0 || warnings[0].Line != at || !strings.HasPrefix(warnings[0].String(), fmt.Sprintf("/etc/p.cfg:%d: ", at)) {
			t.Errorf("%q: warnings %q, want the first about line %d", line, warnings, at)
		}
	}
}

// The form of the file: what Python's configparser takes, and what it gives up
// at.
func TestConfigForm(t *testing.T) {
	for name, c := range map[string]struct {
		text     string
		port     uint16
		warnings int
	}{
		"empty":                   {"", 1337, 0},
		"comments":                {"# a\n; b\n[polo]\n  # c\nport=1\n", 1, 0},
		"byte order mark, CR LF":  {"\ufeff[polo]\r\nport = 2\r\n", 2, 0},
		"section in another case": {"[POLO]\nport=3", 3, 0},
		"another section":         {"[marco]\nport=4\n[polo]\nport=5\n[x]\nport=6", 5, 2},
		"no section":              {"port=7", 1337, 1},
		"before the section":      {"port=7\n[polo]\nport=8", 8, 1},
		"twice":                   {"[polo]\nport=9\nPORT=10", 10, 1},
		"section twice":           {"[polo]\nport=9\n[polo]\nretries=1", 9, 0},
		"indented key":            {"[polo]\n  port=11\n  retries=3", 11, 0},
		"continued":               {"[polo]\nport=\n  12", 12, 0},
		"continued wrongly":       {"[polo]\nport=12\n  13", 1337, 1},
	} {
		got, warnings := discovery.ParsePoloFile("p", []byte(c.text))
		if got.Port != c.port || len(warnings) != c.warnings {
			t.Errorf("%s: port %d, warnings %v; want %d and %d warnings", name, got.Port, warnings, c.port, c.warnings)
		}
	}
}

// D10: another verify_regexp is honoured, always for the whole id, its classes
// as wide as Python's.
func TestVerifyRegexp(t *testing.T) {
	for pattern, ids := range map[string]map[string]bool{
		`^(\w+)/([\w\d]+)$`:     {"alice/svc": true, "zoë/ñandú9": true, "alice/svc\n": false, "alice/a-b": false, "x alice/svc": false},
		`(a)(b)`:                {"ab": true, "xab": false, "abx": false},
		`([^]\w]+):(\D+)`:       {"--:ab": true, "a:b": false, "]:b": false, "-:1": false, "-:٣": false},
		`(\d):(\W)(?P<rest>.*)`: {"٣:-x": true, "3:-": true, "3:ß": false},
		`([^^]):(\w)`:           {"a:ß": true, "^:a": false},
	} {
		f, warnings := discovery.ParsePoloFile("p", []byte("[polo]\nverify_regexp = "+pattern))
		if f.UserID == nil || len(warnings) > 0 {
			t.Errorf("%s: %v, warnings %v", pattern, f.UserID, warnings)
			continue
		}
		for id, want := range ids {
			if got := f.UserID.MatchString(id); got != want {
				t.Errorf("%s matches %q: %t, want %t", pattern, id, got, want)
			}
		}
	}
}

// Section 6: a missing file means defaults; one that cannot be read is told.
func TestReadConfig(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "marco.cfg")
	f, warnings, err := discovery.ReadMarcoFile(path)
	if err != nil || len(warnings) > 0 || !reflect.DeepEqual(f, discovery.DefaultMarcoFile()) {
		t.Errorf("missing file: %+v, %v, %v", f, warnings, err)
	}
	if p, _, err := discovery.ReadPoloFile(path); err != nil || !reflect.DeepEqual(p, discovery.DefaultPoloFile()) {
		t.Errorf("missing file: %+v, %v", p, err)
	}
	if err := os.WriteFile(path, []byte("[marco]\ntimeout=5\nport=x\nbad=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, warnings, err = discovery.ReadMarcoFile(path)
	if err != nil || f.Timeout != 5*time.Millisecond || len(warnings) != 1 || warnings[0].String() != path+`:4: unknown key "bad"` {
		t.Errorf("%+v, %v, %v", f, warnings, err)
	}
	long, pipe := filepath.Join(dir, "long"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(long, make([]byte, 64<<10+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, long, pipe} {
		if _, _, err := discovery.ReadMarcoFile(path); err == nil {
			t.Errorf("ReadMarcoFile(%s) = nil, want an error", path)
		}
		if _, _, err := discovery.ReadPoloFile(path); err == nil {
			t.Errorf("ReadPoloFile(%s) = nil, want an error", path)
		}
	}
}

// FuzzConfig: no file stops the reader, and each key stays what it may be.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		"[polo]\nport = 1\nmulticast_addrs = 224.0.0.1\n  239.0.0.1\n",
		"[marco]\ntimeout = 1e3\nbinding_iface: 127.0.0.1\n",
		"[polo]\nverify_regexp = ^([\\w\\]-]+):(.*)$\n",
		"\ufeff[polo]\r\npolo_params = \"{\\\"a\\\": 1}\"\r\n",
		"[polo\n=\n:\n[]\n ;\n\xff\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, warnings := discovery.ParsePoloFile("p", text)
		m, more := discovery.ParseMarcoFile("m", text)
		for _, w := range append(warnings, more...) {
			if w.Line < 1 || w.Line > strings.Count(string(text), "\n")+1 || w.Text == "" || strings.Contains(w.String(), "\n") {
				t.Errorf("warning %+v", w)
			}
		}
		if p.Port == 0 || p.BindingPort == 0 || len(p.Groups) == 0 || p.ServicesDir == "" || p.UserDir == "" ||
			p.UserID != nil && p.UserID.NumSubexp() < 2 {
			t.Errorf("%+v", p)
		}
		if m.BindingPort == 0 || m.PoloPort == 0 || len(m.Groups) == 0 || !m.BindingAddr.Is4() ||
			m.Timeout < time.Millisecond || m.Timeout > discovery.MaxTimeout {
			t.Errorf("%+v", m)
		}
		for _, g := range append(p.Groups, m.Groups...) {
			if !g.Is4() || !g.IsMulticast() {
				t.Errorf("group %v", g)
			}
		}
	})
}
