package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Widths of a line, in characters.
const (
	usualWidth = 80 // of what goes into a file or to a program
	leastWidth = 40
	mostWidth  = 400
)

// lineWidth is what fits in a line of w: that of its terminal, else COLUMNS,
// else 80 characters.
func lineWidth(w io.Writer) int {
	width := usualWidth
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		width = n
	}
	if f, ok := w.(*os.File); ok {
		if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && size.Col > 0 {
			width = int(size.Col)
		}
	}
	return min(max(width, leastWidth), mostWidth)
}
