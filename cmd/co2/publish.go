package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"co2/discovery"
	"co2/discovery/binding"
)

// publishCmd is co2 publish.
type publishCmd struct {
	toPolo
	Group     []string `arg:"--group,separate" placeholder:"GROUP" help:"multicast group to offer it in; may be repeated [default: all of the Polo's]"`
	Permanent bool     `arg:"--permanent" help:"keep it in a file, so that it comes back after a restart"`
	Root      bool     `arg:"--root" help:"as a service of this host, found as ID [default for root, and with a relay]"`
	User      bool     `arg:"--user" help:"as a service of yours, found as USER:ID [default for others]"`
	ID        string   `arg:"positional,required" help:"1 to 30 characters; those who look for it ask for exactly this"`
	Params    []string `arg:"positional" placeholder:"KEY=VALUE|KEY:=JSON" help:"what askers are told: KEY=VALUE is a string, KEY:=JSON a number, true, false, null or string"`
}

func (c *publishCmd) run(ctx context.Context, t terminal) error {
	p, err := c.publication()
	if err != nil {
		return err
	}
	to, err := c.reach(ctx)
	if err != nil {
		return err
	}
	defer to.Close()
	return c.publishTo(ctx, t, to, p)
}

func (c *publishCmd) publication() (discovery.Publication, error) {
	p := discovery.Publication{Service: c.ID, Groups: c.Group, Permanent: c.Permanent}
	if c.Root && c.User {
		return p, usagef("give --root or --user, not both")
	}
	if strings.Contains(c.ID, "=") {
		return p, usagef("%q is a param: the id of the service comes first, as in co2 publish printer port:=9100", c.ID)
	}
	var err error
	p.Params, err = serviceParams(c.Params)
	return p, err
}

func (c *publishCmd) publishTo(ctx context.Context, t terminal, to offerer, p discovery.Publication) error {
	if c.User && !to.hasUsers() {
		return usagef("%s offers no services of users; leave --user out, or start a Polo with co2 polo", to.where())
	}
	p.Root = c.Root || !c.User && (os.Geteuid() == 0 || !to.hasUsers())
	id, err := to.publish(ctx, p)
	if err != nil && p.Root && notPermitted(err) {
		return fmt.Errorf("%s: %w; root and members of the group marcopolo may, others offer services of theirs with --user", to.where(), err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", to.where(), err)
	}
	fmt.Fprintln(t.err, printable("published by "+to.where()+"; find it with: co2 find "+shellWord(id)))
	_, err = fmt.Fprintln(t.out, printable(id))
	return err
}

// plainWord is a word that shells take as it is.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_.:/@%+,-]+$`)

// shellWord quotes what a shell would take for something else.
func shellWord(id string) string {
	if plainWord.MatchString(id) {
		return id
	}
	return "'" + strings.ReplaceAll(id, "'", `'\''`) + "'"
}

// notPermitted reports whether a Polo refuses the user, not the service.
func notPermitted(err error) bool {
	refused, ok := errors.AsType[*binding.MisuseError](err)
	return ok && refused.Reason == "Permission denied"
}

// serviceParams reads KEY=VALUE, which is a string, and KEY:=JSON, which is no
// object or array. Numbers keep their spelling.
func serviceParams(pairs []string) (map[string]any, error) {
	params := make(map[string]any, len(pairs))
	for _, arg := range pairs {
		p, err := readPair(arg)
		if err != nil {
			return nil, err
		}
		v, err := p.value()
		switch v.(type) {
		case map[string]any, []any:
			err = fmt.Errorf("%q: params have no objects or arrays inside", p.text)
		}
		if err != nil {
			return nil, usagef("%s: %w; for a string give %s=%s", p.key, err, p.key, p.text)
		}
		if _, twice := params[p.key]; twice {
			return nil, usagef("%s is given twice", p.key)
		}
		params[p.key] = v
	}
	return params, nil
}
