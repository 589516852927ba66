package discovery

import (
	"log/slog"
	"net/netip"
	"time"
)

// MarcoConfigFile is where the original Marco looks for its configuration.
const MarcoConfigFile = "/etc/marcopolo/marco/marco.cfg"

// A MarcoFile is what a marco.cfg says: the section [marco] of an INI file
// with the keys of MarcoPolo 0.1.7. Its keys port and debug are known and
// without effect; frame_size is always 4096.
type MarcoFile struct {
	BindingAddr netip.Addr    // binding_iface; default 127.0.1.1, which the bindings ask
	BindingPort uint16        // marcoport; default 1338
	Timeout     time.Duration // timeout, in milliseconds there; default 1 s, at most 1 min
	Groups      []netip.Addr  // multicast_addr, one or, as an addition, several; default 224.0.0.112
	PoloPort    uint16        // poloport, of the wire; default 1337
	Log         LogFile       // default INFO to standard error
}

// DefaultMarcoFile returns what holds without a file.
func DefaultMarcoFile() MarcoFile {
	return MarcoFile{
		BindingAddr: netip.AddrFrom4([4]byte{127, 0, 1, 1}), BindingPort: 1338,
		Timeout: DefaultTimeout, Groups: []netip.Addr{DefaultGroup()}, PoloPort: DefaultPort,
		Log: LogFile{Name: "marcod.log", Level: slog.LevelInfo},
	}
}

// ReadMarcoFile reads a marco.cfg by the rules of [ReadPoloFile].
func ReadMarcoFile(path string) (MarcoFile, []ConfigWarning, error) {
	text, err := readConfig(path)
	if err != nil {
		return DefaultMarcoFile(), nil, err
	}
	file, warnings := ParseMarcoFile(path, text)
	return file, warnings, nil
}

// ParseMarcoFile is [ReadMarcoFile] for a text at hand; name is for warnings.
func ParseMarcoFile(name string, text []byte) (MarcoFile, []ConfigWarning) {
	f := DefaultMarcoFile()
	warnings := settings{
		"marcoport":        inPort(&f.BindingPort),
		"binding_iface":    inAddr(&f.BindingAddr),
		"timeout":          inMilliseconds(&f.Timeout),
		"multicast_addr":   inGroups(&f.Groups),
		"poloport":         inPort(&f.PoloPort),
		"logging_dir":      inText(&f.Log.Dir),
		"logging_filename": inText(&f.Log.Name),
		"logging_level":    inLevel(&f.Log.Level),
		"logging_format":   only(originalLogFormat, fixedLogFormat),
		"frame_size":       only("4096", "replies of up to 4096 bytes are read, whatever it says"),
		"port":             ignored,
		"debug":            ignored,
	}.apply(name, "marco", text)
	return f, warnings
}
