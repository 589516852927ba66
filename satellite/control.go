package satellite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/kolo/xmlrpc"

	"co2/methods"
	"co2/methods/wire"
)

// Control makes the fixed calls to a co2 server: register, deregister and
// queries. Faults come back as [*wire.Fault]. It is safe for concurrent use.
//
// The documents are made and read by kolo/xmlrpc. Its own client is not used:
// an answer first passes our bounded decoder and is spelled anew, so that
// nothing a peer sends can upset it (xmlrpc.md section 12).
type Control struct {
	url    *url.URL
	client wire.Client
}

// controlTimeout bounds one control call. A registration waits for a disk.
const controlTimeout = 15 * time.Second

// NewControl returns a Control for the server at rawURL, as in
// "http://127.0.0.1:2003". Without a path it calls /RPC2.
func NewControl(rawURL string) (*Control, error) {
	return newControl(rawURL, nil)
}

// newControl is NewControl with what connects; nil means a plain dialler.
func newControl(rawURL string, dial wire.DialFunc) (*Control, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is not the URL of a co2 server; want something like http://127.0.0.1:2003", rawURL)
	}
	if u.User != nil {
		return nil, fmt.Errorf("the URL of a co2 server holds no user name")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/RPC2"
	}
	httpClient := wire.NewHTTPClient(dial)
	httpClient.Timeout = controlTimeout
	return &Control{url: u, client: wire.Client{URL: u.String(), HTTP: httpClient, UserAgent: "co2"}}, nil
}

// URL is where the server is called.
func (c *Control) URL() string { return c.url.String() }

// Client calls any method of the server with our own codec; relayed data goes
// this way.
func (c *Control) Client() *wire.Client { return &c.client }

// HTTP is the client under all calls.
func (c *Control) HTTP() *http.Client { return c.client.HTTP }

func (c *Control) call(ctx context.Context, method string, into any, args ...any) error {
	doc, err := xmlrpc.EncodeMethodCall(method, args...)
	if err != nil {
		return fmt.Errorf("encode %s: %w", method, err)
	}
	answer, charset, err := c.client.Post(ctx, doc)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	var result wire.Raw
	if err := wire.ParseResponse(answer, charset, wire.Limits{}, &result); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if into == nil {
		return nil
	}
	clean, err := wire.AppendResponse(nil, result)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if err := xmlrpc.Response(clean).Unmarshal(into); err != nil {
		return fmt.Errorf("%s: read the answer: %w", method, err)
	}
	return nil
}

// registration is the struct of relay.register.
type registration struct {
	Port        int      `xmlrpc:"port"`
	Nick        string   `xmlrpc:"nick"`
	Plugins     []string `xmlrpc:"plugins"`
	NotifyPass  string   `xmlrpc:"notify_pass"`
	MessageInfo bool     `xmlrpc:"message_info"`
	Dialect     string   `xmlrpc:"dialect,omitempty"`
	Presence    bool     `xmlrpc:"presence,omitempty"`
	Queue       string   `xmlrpc:"queue,omitempty"`
}

func (c *Control) register(ctx context.Context, r registration) (hostID string, err error) {
	if r.Plugins == nil {
		r.Plugins = []string{}
	}
	err = c.call(ctx, "relay.register", &hostID, r)
	if err == nil && (hostID == "" || hostID == "KO") { // co2 (2003) may say 'KO' for failure
		err = fmt.Errorf("relay.register answered %q, want a host id", hostID)
	}
	return hostID, err
}

func (c *Control) deregister(ctx context.Context, hostID string) error {
	var ok string
	if err := c.call(ctx, "relay.deregister", &ok, hostStruct{hostID}); err != nil {
		return err
	}
	return wantOK("relay.deregister", ok)
}

// wantOK takes any answer but 'OK' as failure (co2.md 2.8).
func wantOK(method, answer string) error {
	if answer != "OK" {
		return fmt.Errorf("%s answered %.64q, want OK", method, answer)
	}
	return nil
}

type hostStruct struct {
	HostID string `xmlrpc:"host_id"`
}

// convert reads what kolo made of an answer. Unlike kolo it takes an int for a
// double: a Python server sends -1 where it means -1.0.
func convert(method string, told, into any) error {
	if err := methods.Convert(told, into); err != nil {
		return fmt.Errorf("%s: read the answer: %w", method, err)
	}
	return nil
}

// Ctime asks when a satellite registered, in seconds since 1970.
func (c *Control) Ctime(ctx context.Context, hostID string) (seconds float64, err error) {
	var told any
	if err := c.call(ctx, "relay.get_satellite_ctime", &told, hostStruct{hostID}); err != nil {
		return 0, err
	}
	return seconds, convert("relay.get_satellite_ctime", told, &seconds)
}

// Satellites asks for the host ids of all satellites.
func (c *Control) Satellites(ctx context.Context) (ids []string, err error) {
	err = c.call(ctx, "relay.get_satellites", &ids)
	return ids, err
}

// MethodNames asks for the names of the server's methods: as co2 does, as most
// other servers do (system.listMethods), and as the co2 of 2003 did.
func (c *Control) MethodNames(ctx context.Context) (names []string, err error) {
	err = c.callAny(ctx, []string{"sys.listMethods", "system.listMethods", "co2.get_method_names"}, &names)
	return names, err
}

// MethodHelp asks what a method does, in the same ways.
func (c *Control) MethodHelp(ctx context.Context, name string) (help string, err error) {
	err = c.callAny(ctx, []string{"sys.methodHelp", "system.methodHelp", "co2.get_method_help"}, &help, name)
	return help, err
}

// callAny calls the first of several methods that is not answered by a fault.
// If all are, it returns the first fault that says more than that there is no
// such method.
func (c *Control) callAny(ctx context.Context, methods []string, into any, args ...any) error {
	var first, telling error
	for _, method := range methods {
		err := c.call(ctx, method, into, args...)
		fault, ok := errors.AsType[*wire.Fault](err)
		if !ok {
			return err
		}
		if first == nil {
			first = err
		}
		if telling == nil && fault.Code != wire.MethodNotFound {
			telling = err
		}
	}
	return cmp.Or(telling, first)
}

// Ping asks whether the server is alive. Any answer but a fault says yes.
func (c *Control) Ping(ctx context.Context) error {
	return c.call(ctx, "ping", nil)
}

// addrs are the IP addresses of the server, without zones.
func (c *Control) addrs(ctx context.Context) ([]netip.Addr, error) {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", c.url.Hostname())
	for i := range addrs {
		addrs[i] = addrs[i].Unmap().WithZone("")
	}
	return addrs, err
}

func (c *Control) port() string {
	switch p := c.url.Port(); {
	case p != "":
		return p
	case c.url.Scheme == "https":
		return "443"
	}
	return "80"
}
