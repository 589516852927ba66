package main

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A setting is one flag of a command with its environment variable.
type setting struct {
	long, short, env string
	of               reflect.Type
}

// wrongValue says in plain words which value on the command line or in the
// environment is not of its setting's type; nil if all are. The parser has
// only Go's words for that.
func wrongValue(args []string) error {
	_, command := namedCommand(args)
	settings := appendSettings(nil, command)
	for _, s := range settings {
		if text, ok := os.LookupEnv(s.env); ok {
			if err := readable(s.of, text); err != nil {
				return usagef("%s in the environment: %w", s.env, err)
			}
		}
	}
	for i, a := range args {
		if a == "--" {
			break
		}
		name, text, ok := strings.Cut(a, "=")
		if !ok && i+1 < len(args) {
			text, ok = args[i+1], true
		}
		for _, s := range settings {
			isIt := name == "--"+s.long || s.short != "" && name == "-"+s.short
			if isIt && ok && s.of.Kind() != reflect.Bool {
				if err := readable(s.of, text); err != nil {
					return usagef("%s: %w", name, err)
				}
			}
		}
	}
	return nil
}

// namedCommand is the command that args name, and its struct.
func namedCommand(args []string) (names []string, command reflect.Type) {
	command = reflect.TypeFor[arguments]()
	for _, a := range args {
		if sub, ok := subcommand(command, a); ok {
			names, command = append(names, a), sub.Type.Elem()
		}
	}
	return names, command
}

// subcommand is the field of a command's struct for one of its commands.
func subcommand(command reflect.Type, name string) (reflect.StructField, bool) {
	return command.FieldByNameFunc(func(field string) bool {
		f, _ := command.FieldByName(field)
		names, ok := strings.CutPrefix(f.Tag.Get("arg"), "subcommand:")
		return ok && slices.Contains(strings.Split(names, "|"), name)
	})
}

func appendSettings(list []setting, command reflect.Type) []setting {
	for i := range command.NumField() {
		f := command.Field(i)
		if f.Anonymous {
			list = appendSettings(list, f.Type)
			continue
		}
		s := setting{of: f.Type}
		for part := range strings.SplitSeq(f.Tag.Get("arg"), ",") {
			if env, ok := strings.CutPrefix(part, "env:"); ok {
				s.env = env
			} else if long, ok := strings.CutPrefix(part, "--"); ok {
				s.long = long
			} else if short, ok := strings.CutPrefix(part, "-"); ok {
				s.short = short
			}
		}
		list = append(list, s)
	}
	return list
}

// readable says why text is no value of a type, for a sentence that names the
// setting.
func readable(of reflect.Type, text string) error {
	if of.Kind() == reflect.Pointer {
		return readable(of.Elem(), text)
	}
	if u, ok := reflect.New(of).Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	if of == reflect.TypeFor[time.Duration]() {
		_, err := parseTime(text)
		return err
	}
	var err error
	switch of.Kind() {
	case reflect.Bool:
		if _, err = strconv.ParseBool(text); err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
	case reflect.Int:
		if _, err = strconv.ParseInt(text, 0, of.Bits()); err != nil {
			return fmt.Errorf("%q is no whole number of at most %d", text, math.MaxInt)
		}
	case reflect.Uint16:
		if _, err = strconv.ParseUint(text, 0, of.Bits()); err != nil {
			return fmt.Errorf("%q is no whole number from 0 to %d", text, math.MaxUint16)
		}
	case reflect.Float64:
		if _, err = strconv.ParseFloat(text, 64); err != nil {
			return fmt.Errorf("%q is no number such as 100 or 0.5", text)
		}
	}
	return nil
}

// A span is a time that may be long: it takes days too, as in 7d or 1d12h.
type span time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *span) UnmarshalText(text []byte) error {
	rest := string(text)
	var sum time.Duration
	days, after, long := strings.Cut(rest, "d")
	if long {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return notTime(rest)
		}
		sum, rest = time.Duration(n)*24*time.Hour, after
	}
	if rest != "" || !long {
		d, err := parseTime(rest)
		if err != nil {
			return notTime(string(text))
		}
		sum += d
	}
	*s = span(sum)
	return nil
}

// parseTime is time.ParseDuration with plain words.
func parseTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		err = notTime(text)
	}
	return d, err
}

func notTime(text string) error {
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return fmt.Errorf("%q has no unit; want a time such as 500ms, 30s, 5m or 24h", text)
	}
	if text == "" {
		return errors.New("want a time such as 500ms, 30s, 5m or 24h")
	}
	return fmt.Errorf("%q is no time such as 500ms, 30s, 5m or 24h", text)
}
