package binding

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"

	"co2/discovery"
)

// A Polo is a way to the Polo of this host, with the functions of the Polo
// class of the original's Python binding. Errors are a [*MisuseError], also as
// a [*TokenError], or a [*InternalError].
//
// It is safe for concurrent use; requests go one after another. A connection
// that the Polo has closed is opened again.
type Polo struct {
	cfg   Config
	route route

	mu     sync.Mutex
	link   *link // guarded by mu; nil: to be opened
	closed bool  // guarded by mu
}

// Dial connects to the Polo of this host. ctx bounds connecting only, beside
// [Config.Timeout].
func Dial(ctx context.Context, cfg Config) (*Polo, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return nil, &InternalError{"connect", err}
	}
	var errs []error
	for _, r := range cfg.routes() {
		link, err := r.dial(ctx, cfg)
		if err == nil {
			return &Polo{cfg: cfg, route: r, link: link}, nil
		}
		errs = append(errs, err)
	}
	return nil, &InternalError{"connect", fmt.Errorf("%w (does a Polo run on this host?)", errors.Join(errs...))}
}

// Close ends the connection. Calls fail from then on.
func (p *Polo) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return p.hangUpLocked()
}

// PublishService offers a service and returns the id under which it is found:
// the given one for a root service, which privileged users may publish, and
// user:service otherwise.
//
// Params are told to everybody who asks: text, numbers, truth values and nil.
// No groups means all that the Polo has. A permanent service is kept in a file
// and offered again when the Polo has been restarted.
func (p *Polo) PublishService(service string, params map[string]any, groups []string, permanent, root bool) (id string, err error) {
	doing := "publish " + shown(service)
	if params == nil {
		params = map[string]any{}
	}
	err = p.order(doing, "Register", service, groups, map[string]any{"params": params, "permanent": permanent, "root": root}, &id)
	return id, err
}

// UnpublishService stops offering a service, whose id is the one that
// PublishService returned. No groups means all. A service that has a file is
// offered again at the next reload unless deleteFile is set.
func (p *Polo) UnpublishService(service string, groups []string, deleteFile bool) error {
	return p.order("unpublish "+shown(service), "Unpublish", service, groups, map[string]any{"delete_file": deleteFile}, nil)
}

// HasService reports whether a service is offered; of a user's service the id
// is user:service. The Python binding has this function, without any effect.
func (p *Polo) HasService(service string) (has bool, err error) {
	doing := "look for " + shown(service)
	if err := verify(doing, service, nil); err != nil {
		return false, err
	}
	err = p.ask(doing, "Has-service", map[string]any{"service": service}, &has)
	return has, err
}

// Information is what a Polo tells of a service.
type Information struct {
	Identifier string         // the id under which it is found
	Params     map[string]any // numbers are json.Number, as they were published
	Groups     []netip.Addr   // where it is offered
	Disabled   bool           // known, but switched off
	Permanent  bool           // kept in a file
}

// Service returns what the Polo knows of a service, with the id as in
// [Polo.HasService]. A service that it does not know is a [*MisuseError].
func (p *Polo) Service(service string) (Information, error) {
	doing := "ask about " + shown(service)
	if err := verify(doing, service, nil); err != nil {
		return Information{}, err
	}
	var got information
	if err := p.ask(doing, "Service-info", map[string]any{"service": service}, &got); err != nil {
		return Information{}, err
	}
	if got.Identifier == "" {
		return Information{}, &InternalError{doing, errors.New("the reply has no identifier")}
	}
	return Information(got), nil
}

// SetPermanent keeps an offered service in a file, or no longer. The Python
// binding has this function, without any effect.
func (p *Polo) SetPermanent(service string, permanent bool) error {
	return p.order("change "+shown(service), "Set-permanent", service, nil, map[string]any{"permanent": permanent}, nil)
}

// ReloadServices has the Polo read its service files again, which privileged
// users may ask for. The Python binding has this function, without any effect.
func (p *Polo) ReloadServices() error {
	return p.askAsUser("reload services", "Reload", map[string]any{}, nil)
}

// RequestToken has the Polo make the token file of this user, with which
// programs use its TLS door. An existing one stays and false is returned,
// except that a Polo reached by its Unix door makes a fresh one.
func (p *Polo) RequestToken() (created bool, err error) {
	var code int
	err = p.ask("request a token", "Request-token", map[string]any{"uid": os.Geteuid()}, &code)
	return err == nil && code == tokenCreated, err
}

// VerifyParameters reports, without asking the Polo, why there can be no such
// service or group, with a [*MisuseError]: a service has a name, and a group is
// an IPv4 address from 224.0.0.0 to 239.255.255.255.
func (p *Polo) VerifyParameters(service string, groups []string) error {
	return verify("verify "+shown(service), service, groups)
}

func verify(doing, service string, groups []string) error {
	err := checkService(service)
	for _, group := range groups {
		if err == nil {
			_, err = discovery.ParseGroup(group)
		}
	}
	if refusal, ok := errors.AsType[*discovery.Refusal](err); ok {
		return &MisuseError{doing, refusal.Text}
	}
	return err
}

// order asks for a change of a service in this user's name.
func (p *Polo) order(doing, command, service string, groups []string, args map[string]any, into any) error {
	if err := verify(doing, service, groups); err != nil {
		return err
	}
	if groups == nil {
		groups = []string{}
	}
	args["service"], args["multicast_groups"] = service, groups
	return p.askAsUser(doing, command, args, into)
}
