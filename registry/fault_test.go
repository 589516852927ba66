package registry_test

import (
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"co2/methods/wire"
	"co2/registry"
)

func TestInternalErrorsTellNothing(t *testing.T) {
	s := serve(t, registry.Config{}, failing()...)
	id := regexp.MustCompile(`^internal error; the server's log tells more under id ([0-9a-f]{8})$`)
	seen := map[string]bool{}
	for _, name := range []string{"fail.error", "fail.panic", "fail.nil", "fail.nan", "fail.inner"} {
		_, err := s.call(t, name)
		f, ok := errors.AsType[*wire.Fault](err)
		if !ok || f.Code != wire.InternalError || !id.MatchString(f.String) {
			t.Errorf("Call(%q) = %v, want an internal error with an id", name, err)
			continue
		}
		key := "id=" + id.FindStringSubmatch(f.String)[1]
		if seen[key] {
			t.Errorf("%s came twice", key)
		}
		seen[key] = true
		line := lineWith(s.log.String(), key)
		if !strings.Contains(line, "level=ERROR") || !strings.Contains(line, "method="+name) || !strings.Contains(line, "remote=127.0.0.1:") {
			t.Errorf("log line of %s = %q, want level, method and remote", name, line)
		}
		if panics := name == "fail.panic" || name == "fail.nil"; panics != strings.Contains(line, "methods_test.go") {
			t.Errorf("log line of %s = %q, want a stack exactly if it panicked", name, line)
		}
	}
	if !strings.Contains(s.log.String(), "/etc/co2/secret") {
		t.Error("the log does not tell the cause")
	}
	if got := s.must(t, "ping"); got != "OK" {
		t.Errorf("Call(ping) after panics = %v, want OK", got)
	}
}

func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

func TestFaultTexts(t *testing.T) {
	s := serve(t, registry.Config{CallTimeout: 20 * time.Millisecond}, failing()...)
	tests := []struct {
		name string
		code int
		text string
	}{
		{"fail.wrapped", 1, "registry.Co2RegistryError:no such host id"},
		{"fail.long", 1, "registry.Co2RegistryError:ü"},
		{"fail.lines", 1, "registry.Co2RegistryError:one  two  [31m    three\uFFFD"},
		{"fail.late", -32003, "the call took longer than 20ms"},
		{"no\n.such", -32601, `no method "no\n.such"`},
		{strings.Repeat("n", 255), -32601, strings.Repeat("n", 64) + "…"},
	}
	for _, tt := range tests {
		_, err := s.call(t, tt.name)
		wantFault(t, tt.name, err, tt.code, tt.text)
		f, _ := errors.AsType[*wire.Fault](err)
		if f == nil || len(f.String) > 512 || !utf8.ValidString(f.String) || strings.ContainsFunc(f.String, unicode.IsControl) {
			t.Errorf("fault text of %q = %q, want one line of at most 512 octets", tt.name, err)
		}
	}
}

func TestFaultsOfDocuments(t *testing.T) {
	s := serve(t, registry.Config{})
	tests := []struct {
		name string
		body string
		code string
	}{
		{"empty", "", "-32700"},
		{"text", "hello", "-32700"},
		{"cut off", pingCall[:60], "-32700"},
		{"two roots", pingCall + "<a/>", "-32700"},
		{"cut off with an unknown method", document("no.such", "<int>1</int>")[:100], "-32700"},
		{"DOCTYPE", `<!DOCTYPE m [<!ENTITY a "b">]>` + strings.TrimPrefix(pingCall, `<?xml version="1.0"?>`), "-32600"},
		{"an answer", pong, "-32600"},
		{"an empty param", strings.Replace(document("test", "x"), "<value>x</value>", "", 1), "-32600"},
		{"no number", document("test", "<int>1e3</int>"), "-32600"},
		{"no number for an unknown method", document("no.such", "<int>1e3</int>"), "-32600"},
		{"no number for ping", document("ping", "<int>1e3</int>"), "-32600"},
		{"a bad octet", document("test", "\xff"), "-32702"},
		{"too deep", document("test", strings.Repeat("<array><data><value>", 200)+strings.Repeat("</value></data></array>", 200)), "-32001"},
	}
	for _, tt := range tests {
		got := s.exchange(t, post(tt.body))
		if got.StatusCode != 200 || !strings.Contains(got.body, "<name>faultCode</name><value><int>"+tt.code+"</int>") {
			t.Errorf("%s: status %d %s, want fault %s", tt.name, got.StatusCode, got.body, tt.code)
		}
	}
}

func TestLogLines(t *testing.T) {
	s := serve(t, registry.Config{}, failing()...)
	for _, m := range failing() {
		if m.Names[0] != "fail.late" {
			s.call(t, m.Names[0])
		}
	}
	for _, name := range []string{"a\nlevel=ERROR msg=forged", "b\x7f\u009b[31m", strings.Repeat("ü", 120), "c\"d\u2028"} {
		s.call(t, name)
		s.call(t, "sys.methodHelp", name)
		s.call(t, "call_method", members{"method_name": name})
		s.call(t, "system.multicall", items{entry(name)})
	}
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	if len(lines) < 20 {
		t.Fatalf("%d lines in the log, want one for each failed call", len(lines))
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "time=") || strings.ContainsFunc(line, unicode.IsControl) || strings.HasPrefix(line, "level=ERROR msg=forged") {
			t.Errorf("log line %q, want no control characters", line)
		}
	}
}

// Callers' own mistakes do not fill the log of a server that runs as usual.
func TestQuietLog(t *testing.T) {
	s := serveAt(t, slog.LevelInfo, registry.Config{})
	got := s.exchange(t, post(document("no.such")))
	if log := s.log.String(); log != "" || !strings.Contains(got.body, "-32601") {
		t.Errorf("log after %q = %q, want nothing", got.body, log)
	}
}
