package discovery

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// inPort reads a UDP or TCP port.
func inPort(into *uint16) setting {
	return func(value string) error {
		port, err := strconv.ParseUint(value, 10, 16)
		if err != nil || port == 0 {
			return fmt.Errorf("%.60q is not a port from 1 to 65535", value)
		}
		*into = uint16(port)
		return nil
	}
}

func inInt(into *int) setting {
	return func(value string) error {
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("%.60q is not an integer", value)
		}
		*into = n
		return nil
	}
}

// inCount reads a number of something.
func inCount(into *int) setting {
	return func(value string) error {
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return fmt.Errorf("%.60q is not a number from 0 on", value)
		}
		*into = int(n)
		return nil
	}
}

// inBool reads the words of Python's configparser.
func inBool(into *bool) setting {
	return func(value string) error {
		word := strings.ToLower(value)
		yes := slices.Contains([]string{"1", "yes", "true", "on"}, word)
		if !yes && !slices.Contains([]string{"0", "no", "false", "off"}, word) {
			return fmt.Errorf("%.60q is neither true nor false", value)
		}
		*into = yes
		return nil
	}
}

// inText reads a path or a name.
func inText(into *string) setting {
	return func(value string) error {
		if value == "" || strings.ContainsAny(value, "\n\x00") {
			return errors.New("is not one line of text")
		}
		*into = value
		return nil
	}
}

func inAddr(into *netip.Addr) setting {
	return func(value string) error {
		addr, err := netip.ParseAddr(value)
		if err != nil || !addr.Is4() {
			return fmt.Errorf("%.60q is not an IPv4 address", value)
		}
		*into = addr
		return nil
	}
}

// inGroups reads multicast groups separated by white space.
func inGroups(into *[]netip.Addr) setting {
	return func(value string) error {
		var groups []netip.Addr
		for _, text := range strings.Fields(value) {
			group, err := netip.ParseAddr(text)
			if err != nil || !isGroup(group) {
				return fmt.Errorf("%.60q is not an IPv4 multicast address", text)
			}
			if !slices.Contains(groups, group) {
				groups = append(groups, group)
			}
		}
		if len(groups) == 0 || len(groups) > MaxGroups {
			return fmt.Errorf("%d groups, want 1 to %d", len(groups), MaxGroups)
		}
		*into = groups
		return nil
	}
}

// inNames reads names of network interfaces separated by white space.
func inNames(into *[]string) setting {
	return func(value string) error {
		names := strings.Fields(value)
		if len(names) == 0 || len(names) > maxNames {
			return fmt.Errorf("%d names of interfaces, want 1 to %d", len(names), maxNames)
		}
		*into = names
		return nil
	}
}

// maxNames bounds the interfaces that a configuration names.
const maxNames = 64

// inGroup reads one multicast group.
func inGroup(into *netip.Addr) setting {
	return func(value string) error {
		var groups []netip.Addr
		if err := inGroups(&groups)(value); err != nil {
			return err
		}
		if len(groups) > 1 {
			return fmt.Errorf("%d groups, want one", len(groups))
		}
		*into = groups[0]
		return nil
	}
}

// inMilliseconds reads a time to wait.
func inMilliseconds(into *time.Duration) setting {
	return func(value string) error {
		ms, err := strconv.ParseFloat(value, 64)
		if err != nil || !(ms >= 1 && ms <= float64(MaxTimeout.Milliseconds())) { // not a number is neither
			return fmt.Errorf("%.60q is not a number of milliseconds from 1 to %d", value, MaxTimeout.Milliseconds())
		}
		*into = time.Duration(ms * float64(time.Millisecond))
		return nil
	}
}

// inLevel reads a level by its name or its number in Python's logging.
func inLevel(into *slog.Level) setting {
	names := map[string]slog.Level{
		"NOTSET": slog.LevelDebug, "DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo,
		"WARN": slog.LevelWarn, "WARNING": slog.LevelWarn,
		"ERROR": slog.LevelError, "CRITICAL": slog.LevelError, "FATAL": slog.LevelError,
	}
	return func(value string) error {
		level, ok := names[strings.ToUpper(value)]
		if number, err := strconv.Atoi(value); err == nil && number >= 0 && number <= 50 {
			level, ok = slog.Level(number-20)*4/10, true // DEBUG is 10 there and -4 here, ERROR 40 and 8
		}
		if !ok {
			return fmt.Errorf("%.60q is not a level: DEBUG, INFO, WARNING, ERROR or CRITICAL", value)
		}
		*into = level
		return nil
	}
}

// only is the setting of what cannot be changed here.
func only(want, why string) setting {
	return func(value string) error {
		if value != want {
			return errors.New(why)
		}
		return nil
	}
}

// inParams reads an object of JSON, or a text of JSON that holds one: the file
// that came with the original quotes its object, which made Params a text on
// the wire.
func inParams(into *map[string]any) setting {
	return func(value string) error {
		var text string
		if json.Unmarshal([]byte(value), &text) == nil { // it is quoted
			value = text
		}
		params, ok := parseValue(json.RawMessage(value)).(map[string]any)
		if !ok || !json.Valid([]byte(value)) {
			return errors.New("is not an object of JSON")
		}
		if _, err := (Reply{Command: CommandPolo, Params: params}).Encode(); err != nil {
			return err
		}
		*into = params
		return nil
	}
}
