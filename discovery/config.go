package discovery

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 64 << 10

// A ConfigWarning is a line of a configuration file that does not count, so
// that the default of its key does.
type ConfigWarning struct {
	File string
	Line int    // from 1
	Text string // what is wrong with it
}

// String returns file, line and text as compilers write them.
func (w ConfigWarning) String() string { return fmt.Sprintf("%s:%d: %s", w.File, w.Line, w.Text) }

// readConfig returns the text of a configuration file, none if there is no
// such file.
func readConfig(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read configuration: %w", err)
	case !info.Mode().IsRegular(): // reading a pipe could take for ever
		return nil, fmt.Errorf("read configuration: %s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read configuration: %w", err)
	case len(text) > maxConfig:
		return nil, fmt.Errorf("read configuration: %s has more than %d bytes", path, maxConfig)
	}
	return text, nil
}

// A setting takes the value of one key, or says what is wrong with it.
type setting func(value string) error

// settings are the keys of a section, in lower case.
type settings map[string]setting

// ignored is the setting of keys that never had an effect.
func ignored(string) error { return nil }

// apply sets what the section of the file says, each key on its own. Later
// lines win over earlier ones.
func (s settings) apply(file, section string, text []byte) []ConfigWarning {
	entries, warnings := parseSection(file, section, text)
	for _, e := range entries {
		set, known := s[e.key]
		if !known {
			warnings = append(warnings, ConfigWarning{file, e.line, fmt.Sprintf("unknown key %.60q", e.key)})
		} else if err := set(e.value); err != nil {
			warnings = append(warnings, ConfigWarning{file, e.line, fmt.Sprintf("%s: %v; the default counts", e.key, err)})
		}
	}
	slices.SortStableFunc(warnings, func(a, b ConfigWarning) int { return a.Line - b.Line })
	return warnings
}

// An entry is one key of a file with its value.
type entry struct {
	key, value string // the key in lower case
	line       int
}

// An iniParser reads the form of Python's configparser without interpolation:
// sections, "key = value" or "key: value", keys of any case, comments that
// begin a line with # or ;, and indented lines that continue a value.
type iniParser struct {
	file, section string // the section wanted
	entries       map[string]entry
	warnings      []ConfigWarning

	inside bool   // the wanted section
	seen   bool   // any section
	last   string // key that an indented line continues; empty: none
	indent int    // of that key
}

// parseSection returns the entries of a section by line.
func parseSection(file, section string, text []byte) ([]entry, []ConfigWarning) {
	p := iniParser{file: file, section: section, entries: make(map[string]entry)}
	all := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	for i, line := range all {
		p.line(i+1, strings.TrimRight(line, " \t\r\f\v"))
	}
	byLine := slices.SortedFunc(maps.Values(p.entries), func(a, b entry) int { return a.line - b.line })
	return byLine, p.warnings
}

func (p *iniParser) line(number int, line string) {
	body := strings.TrimLeft(line, " \t\f\v")
	indent := len(line) - len(body)
	switch {
	case body == "" || body[0] == '#' || body[0] == ';':
	case !utf8.ValidString(line):
		p.warn(number, "is not UTF-8")
	case p.last != "" && indent > p.indent:
		p.extend(body)
	case body[0] == '[':
		p.head(number, body)
	default:
		p.entry(number, indent, body)
	}
}

func (p *iniParser) warn(number int, format string, args ...any) {
	p.warnings = append(p.warnings, ConfigWarning{p.file, number, fmt.Sprintf(format, args...)})
}

func (p *iniParser) head(number int, body string) {
	name, _, closed := strings.Cut(body[1:], "]")
	p.last, p.seen, p.inside = "", true, closed && strings.EqualFold(strings.TrimSpace(name), p.section)
	switch {
	case !closed:
		p.warn(number, "section without ]; what follows it is not read")
	case !p.inside:
		p.warn(number, "section %.60q is not read, only [%s] is", name, p.section)
	}
}

func (p *iniParser) entry(number, indent int, body string) {
	p.last = ""
	at := strings.IndexAny(body, "=:")
	switch {
	case at <= 0:
		p.warn(number, "is neither a key with a value nor a section")
		return
	case !p.seen:
		p.warn(number, "stands before any section")
		return
	}
	key := strings.ToLower(strings.TrimSpace(body[:at]))
	p.last, p.indent = key, indent
	if !p.inside {
		return
	}
	if before, again := p.entries[key]; again {
		p.warn(before.line, "%.60q comes again in line %d, which counts", key, number)
	}
	p.entries[key] = entry{key, strings.TrimSpace(body[at+1:]), number}
}

// extend adds a line to the value of the last key.
func (p *iniParser) extend(body string) {
	if e, ok := p.entries[p.last]; ok && p.inside {
		e.value = strings.TrimPrefix(e.value+"\n"+body, "\n")
		p.entries[p.last] = e
	}
}
