package registry

import (
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// hostFacts are what the properties tell of the host. They are read once.
type hostFacts struct {
	operatingSystem string // the PRETTY_NAME of os-release
	kernel          string // name and release by uname
	hardware        string // machine by uname
	processor       string // the first model of cpuinfo
}

func readHostFacts() hostFacts {
	f := hostFacts{operatingSystem: runtime.GOOS, kernel: runtime.GOOS, hardware: runtime.GOARCH}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		f.kernel = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
		f.hardware = unix.ByteSliceToString(u.Machine[:])
	}
	f.processor = f.hardware
	if name := field("/etc/os-release", "PRETTY_NAME", "="); name != "" {
		f.operatingSystem = strings.Trim(name, `"'`)
	}
	if model := field("/proc/cpuinfo", "model name", ":"); model != "" {
		f.processor = model
	}
	return f
}

// field returns the first value of key in a file of key-separator-value lines.
func field(path, key, separator string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, separator); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
