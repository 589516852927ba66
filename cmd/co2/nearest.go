package main

import (
	"reflect"
	"slices"
	"strings"
)

// didYouMean asks whether a mistyped word of args, a command or an option, was
// to be one that there is; both are "" if none is near.
func didYouMean(args []string) (word, question string) {
	names, command := namedCommand(args)
	commands := subcommands(command)
	options := []string{"--help", "--version"}
	for _, s := range appendSettings(nil, command) {
		if s.long != "" {
			options = append(options, "--"+s.long)
		}
	}
	for _, a := range args {
		if a == "--" {
			break
		}
		known := commands
		if strings.HasPrefix(a, "-") {
			a, _, _ = strings.Cut(a, "=")
			known = options
		}
		if len(known) == 0 || slices.Contains(names, a) || slices.Contains(known, a) {
			continue
		}
		if near := nearest(a, known); len(near) > 0 {
			return a, "did you mean " + strings.Join(near, " or ") + "?"
		}
	}
	return "", ""
}

// subcommands are the names of a command's commands.
func subcommands(command reflect.Type) (names []string) {
	for i := range command.NumField() {
		if list, ok := strings.CutPrefix(command.Field(i).Tag.Get("arg"), "subcommand:"); ok {
			names = append(names, strings.Split(list, "|")...)
		}
	}
	return names
}

// maxGuessed bounds the words for which nearest is looked, in octets.
const maxGuessed = 64

// nearest are the known words with the fewest slips between them and word:
// none if that are more than one for each three letters.
func nearest(word string, known []string) (near []string) {
	if len(word) > maxGuessed {
		return nil
	}
	fewest := max(1, len(strings.TrimLeft(word, "-"))/3)
	for _, k := range known {
		switch n := slips(word, k); {
		case n < fewest:
			near, fewest = []string{k}, n
		case n == fewest:
			near = append(near, k)
		}
	}
	return near
}

// slips counts the octets that are wrong, missing, too many or swapped with
// their neighbour: the distance of Damerau, each octet changed once at most.
func slips(a, b string) int {
	var before, last []int
	for j := range len(b) + 1 {
		last = append(last, j)
	}
	for i := range len(a) {
		row := []int{i + 1}
		for j := range len(b) {
			n := last[j]
			if a[i] != b[j] {
				n++
			}
			n = min(n, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				n = min(n, before[j-1]+1)
			}
			row = append(row, n)
		}
		before, last = last, row
	}
	return last[len(b)]
}
