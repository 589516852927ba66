package web

import (
	"net/url"
	"strconv"
	"strings"
)

// rowOf takes the path of a row apart: p0.6.2 is row 2 of p0.6. What is none
// is row -1.
func rowOf(path string) (group string, row int) {
	at := strings.LastIndexByte(path, '.')
	if at < 0 {
		return "", -1
	}
	row, err := strconv.Atoi(path[at+1:])
	if err != nil || row < 0 {
		return "", -1
	}
	return path[:at], row
}

// withoutRow returns what was sent without the row at path. Those behind it
// move up.
func withoutRow(sent url.Values, path string) url.Values {
	group, gone := rowOf(path)
	if gone < 0 {
		return sent
	}
	less := url.Values{}
	for name, values := range sent {
		input, at, _ := strings.Cut(name, ".")
		rest, within := strings.CutPrefix(at, group+".")
		row, deeper, isDeeper := strings.Cut(rest, ".")
		n, err := strconv.Atoi(row)
		switch {
		case !within || err != nil || n < gone:
		case n == gone:
			continue
		default:
			if name = input + "." + group + "." + strconv.Itoa(n-1); isDeeper {
				name += "." + deeper
			}
		}
		less[name] = values
	}
	if n, err := strconv.Atoi(sent.Get("n." + group)); err == nil {
		less.Set("n."+group, strconv.Itoa(n-1))
	}
	return less
}

// focus gives the focus to the first input of f, a row that is new here.
func (f *field) focus() {
	switch {
	case f.Keyed:
		f.Focus = "k"
	case f.Any:
		f.Focus = "t"
	case len(f.Fields) > 0:
		f.Fields[0].focus()
	default:
		f.Focus = "v"
	}
}

// focusValue gives the focus to the first input that came with f's type.
func (f *field) focusValue() {
	switch {
	case len(f.Fields) > 0:
		f.Fields[0].focus()
	case f.Group() || f.Type == "nil":
		f.Focus = "t"
	default:
		f.Focus = "v"
	}
}
