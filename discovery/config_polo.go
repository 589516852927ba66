package discovery

import (
	"log/slog"
	"net/netip"
	"regexp"
)

// Where the original Polo looks for its configuration, and below which folder
// its relative paths are.
const (
	PoloConfigFile = "/etc/marcopolo/polo/polo.cfg"
	PoloConfigDir  = "/etc/marcopolo/polo"
)

// A PoloFile is what a polo.cfg says: the section [polo] of an INI file with
// the keys of MarcoPolo 0.1.7. The keys hops, conf_dir, secret_rename,
// logging_file and frame_size are known and without effect, as there.
type PoloFile struct {
	Groups      []netip.Addr // multicast_addrs; default 224.0.0.112 and 224.0.0.113
	Port        uint16       // port of the wire; default 1337
	BindingPort uint16       // polo_binding_port; default 1390
	Retries     int          // retries to join a group, for ever if negative; default -10
	Interfaces  []string     // interfaces, our own key: names of those to answer on; default none named
	// Answers and SourceAnswers, of our own keys answers and source_answers, are
	// the replies a second to all, with as many at once, and to one source, with
	// twice as many at once. 0: no limit; default 512 and 32.
	Answers, SourceAnswers int

	FallbackGroup netip.Addr // multicast_addr_fallback; default 224.0.0.112
	// Params are the polo_params, told to whoever asks for nodes; nil: the
	// default, the host's name alone. Numbers are json.Number.
	Params      map[string]any
	ServicesDir string // services_dir, below [PoloConfigDir] unless absolute; default services/
	UserDir     string // polo_user_dir, below each home; default .polo
	// UserID is the verify_regexp, which matches a whole id and has a group for
	// the user and one for the rest; nil: the default, also where the file has
	// the original's.
	UserID     *regexp.Regexp
	SecretFile string  // secret_file, the key of tokens; default /etc/marcopolo/polo/secret
	GroupName  string  // group_name, who owns a new services folder; default marcopolo
	Debug      bool    // debug: list the services in the log at start; default true
	Log        LogFile // default INFO to standard error
}

// A LogFile says where a daemon logs and how much.
type LogFile struct {
	Dir   string     // logging_dir; empty, the default: standard error
	Name  string     // logging_filename, of marco.cfg alone: polod's is always polod.log
	Level slog.Level // logging_level; default INFO, since DEBUG shows datagrams
}

// DefaultPoloFile returns what holds without a file.
func DefaultPoloFile() PoloFile {
	return PoloFile{
		Groups: DefaultGroups(), Port: DefaultPort, BindingPort: 1390,
		Retries: -10, Answers: defaultRate, SourceAnswers: defaultSourceRate, FallbackGroup: DefaultGroup(),
		ServicesDir: "services/", UserDir: ".polo",
		SecretFile: PoloConfigDir + "/secret", GroupName: "marcopolo",
		Debug: true, Log: LogFile{Name: "polod.log", Level: slog.LevelInfo},
	}
}

// Limits returns the [Limits] of what the file says.
func (f PoloFile) Limits() Limits {
	l := Limits{Rate: f.Answers, Burst: f.Answers, SourceRate: f.SourceAnswers, SourceBurst: 2 * f.SourceAnswers}
	if f.Answers == 0 {
		l.Rate = -1
	}
	if f.SourceAnswers == 0 {
		l.SourceRate = -1
	}
	return l
}

// ReadPoloFile reads a polo.cfg. A missing file means the defaults. What the
// file says wrong is warned about line by line, and only the default of that
// key counts instead; a file that cannot be read is an error.
func ReadPoloFile(path string) (PoloFile, []ConfigWarning, error) {
	text, err := readConfig(path)
	if err != nil {
		return DefaultPoloFile(), nil, err
	}
	file, warnings := ParsePoloFile(path, text)
	return file, warnings, nil
}

// ParsePoloFile is [ReadPoloFile] for a text at hand; name is for warnings.
func ParsePoloFile(name string, text []byte) (PoloFile, []ConfigWarning) {
	f := DefaultPoloFile()
	warnings := settings{
		"multicast_addrs":         inGroups(&f.Groups),
		"port":                    inPort(&f.Port),
		"polo_binding_port":       inPort(&f.BindingPort),
		"retries":                 inInt(&f.Retries),
		"interfaces":              inNames(&f.Interfaces),
		"answers":                 inCount(&f.Answers),
		"source_answers":          inCount(&f.SourceAnswers),
		"multicast_addr_fallback": inGroup(&f.FallbackGroup),
		"polo_params":             inParams(&f.Params),
		"services_dir":            inText(&f.ServicesDir),
		"polo_user_dir":           inText(&f.UserDir),
		"verify_regexp":           inUserID(&f.UserID),
		"secret_file":             inText(&f.SecretFile),
		"group_name":              inText(&f.GroupName),
		"debug":                   inBool(&f.Debug),
		"logging_dir":             inText(&f.Log.Dir),
		"logging_level":           inLevel(&f.Log.Level),
		"logging_format":          only(originalLogFormat, fixedLogFormat),
		"logging_file":            ignored,
		"hops":                    ignored,
		"conf_dir":                ignored,
		"secret_rename":           ignored,
		"frame_size":              ignored,
	}.apply(name, "polo", text)
	return f, warnings
}

const (
	originalLogFormat = "%(asctime)s:%(levelname)s:%(message)s"
	fixedLogFormat    = "lines of the log are key=value, whatever it says"
)
