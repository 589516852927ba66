package main

import (
	"fmt"
	"os"
	"strings"
)

// resident is the memory of a process that is in RAM, in octets.
func (p *process) resident() (float64, error) { return p.status("VmRSS:") }

// peakResident is the most that was in RAM since forgetPeak.
func (p *process) peakResident() (float64, error) { return p.status("VmHWM:") }

// forgetPeak has the peak start from what is in RAM now.
func (p *process) forgetPeak() error {
	return os.WriteFile(p.file("clear_refs"), []byte("5\n"), 0)
}

func (p *process) file(name string) string {
	return fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name)
}

func (p *process) status(field string) (float64, error) {
	text, err := os.ReadFile(p.file("status"))
	if err != nil {
		return 0, err
	}
	return kilobytes(string(text), field)
}

func kilobytes(status, field string) (float64, error) {
	for line := range strings.Lines(status) {
		if value, found := strings.CutPrefix(line, field); found {
			var kB float64
			_, err := fmt.Sscanf(value, "%f kB", &kB)
			return kB * 1024, err
		}
	}
	return 0, fmt.Errorf("no %s in the status of a process", field)
}
