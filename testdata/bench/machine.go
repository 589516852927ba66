package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// readMachine tells what the figures were measured on, in one line.
func readMachine() string {
	return fmt.Sprintf("%s, %d cores, %s %s, %s, co2 at %s", processor(), runtime.NumCPU(), runtime.GOOS, firstField("/proc/sys/kernel/osrelease"), runtime.Version(), commit())
}

func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(info)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func firstField(path string) string {
	text, err := os.ReadFile(path)
	fields := strings.Fields(string(text))
	if err != nil || len(fields) == 0 {
		return "unknown"
	}
	return fields[0]
}

func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--exclude", "*").Output()
	if err != nil {
		return "no commit"
	}
	return strings.TrimSpace(string(out))
}
