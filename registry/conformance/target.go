package conformance

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// A Target is a server to be judged.
type Target struct {
	addr     string
	host     string // for Host
	path     string
	tls      *tls.Config // nil: plain TCP
	patience time.Duration
	echo     string // a method that returns the struct it is given; or empty
	good     body   // a call that succeeds
	has      map[string]bool
	fields   *strings.Replacer
}

// Patience is how long the suite waits for an answer, if Open is given none.
const Patience = 10 * time.Second

// Open looks what the server at an http or https URL has: which of the methods
// that the suite calls, and one that echoes. echo names another than test and
// validator1.echoStructTest for that. Certificates are not checked: what is
// judged is how the server speaks, not who it is.
func Open(server, echo string, patience time.Duration) (*Target, error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	t := &Target{addr: u.Host, host: u.Host, path: u.EscapedPath(), patience: patience, has: map[string]bool{}}
	if patience == 0 {
		t.patience = Patience
	}
	if t.path == "" {
		t.path = "/"
	}
	port := "80"
	switch u.Scheme {
	case "http":
	case "https":
		port = "443"
		t.tls = &tls.Config{InsecureSkipVerify: true, ServerName: u.Hostname()}
	default:
		return nil, fmt.Errorf("%s: want an http or https URL", server)
	}
	if u.Port() == "" {
		t.addr = net.JoinHostPort(u.Hostname(), port)
	}
	return t, t.explore(echo, u.Scheme)
}

// explore finds the methods.
func (t *Target) explore(echo, scheme string) error {
	fill := func() {
		t.fields = strings.NewReplacer("{host}", t.host, "{path}", t.path, "{origin}", scheme+"://"+t.host, "{echo}", t.echo)
	}
	fill()
	if c, err := t.dial(); err != nil {
		return err
	} else {
		c.Close()
	}
	for name, p := range probes {
		t.has[name] = t.answers(call(name, p.params...), p.wanted())
	}
	for _, name := range []string{echo, "test", "validator1.echoStructTest"} {
		if name != "" && t.answers(call(name, vStruct("<string>x</string>")), answers(vStruct("<string>x</string>"))) {
			t.echo, t.has["echo"] = name, true
			t.good = call(name, vStruct("<string>good</string>"))
			fill()
			return nil
		}
	}
	for _, name := range []string{"system.listMethods", "ping"} {
		if t.good = call(name); t.answers(t.good, aResult) {
			return nil
		}
	}
	return fmt.Errorf("%s%s answers none of test, validator1.echoStructTest, system.listMethods and ping; name a method that returns its one param with -echo", t.addr, t.path)
}

// answers asks on a connection of its own.
func (t *Target) answers(content body, want Want) bool {
	k := &Talker{target: t, strict: Spec, note: func(*Answer) {}}
	defer k.hangUp()
	return k.talk([]Turn{{Send: posting(content), Want: want}}) == nil
}

// fill puts the server's own into a text.
func (t *Target) fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return t.fields.Replace(text)
}

// dial makes a connection.
func (t *Target) dial() (net.Conn, error) {
	d := net.Dialer{Timeout: t.patience}
	if t.tls != nil {
		return tls.DialWithDialer(&d, "tcp", t.addr, t.tls)
	}
	return d.Dial("tcp", t.addr)
}

// goodCall is a call that succeeds on this server.
func goodCall(t *Target) []byte { return t.good(t) }

// A probe is a call that succeeds where a method is there; an empty want
// takes any result.
type probe struct {
	params []string
	want   string
}

func (p probe) wanted() Want {
	if p.want == "" {
		return aResult
	}
	return answers(p.want)
}
