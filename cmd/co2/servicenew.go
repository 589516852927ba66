package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"co2/discovery"
)

// serviceCmd is co2 service.
type serviceCmd struct {
	New *serviceNewCmd `arg:"subcommand:new" help:"ask for what a service is, keep it in a file and offer it"`
}

func (c *serviceCmd) run(context.Context, terminal) error {
	return usagef("say what to do with a service; see co2 service --help")
}

// serviceNewCmd is co2 service new.
type serviceNewCmd struct {
	toPolo
	Stdout bool   `arg:"--stdout" help:"print the service file, and neither keep nor offer it"`
	Dir    string `arg:"--dir" placeholder:"DIR" help:"where the file is put if no Polo is there to do it [default: /etc/marcopolo/polo/services for a service of this host, .polo in the home for one of yours]"`
}

func (c *serviceNewCmd) run(ctx context.Context, t terminal) error {
	s, root, err := newInterview(t).service()
	if err != nil {
		return err
	}
	if c.Stdout {
		_, err := t.out.Write(s.encode())
		return err
	}
	to, err := c.reach(ctx)
	if none, ok := errors.AsType[*noPoloError](err); ok {
		fmt.Fprintln(t.err, printable(none.Error()))
		return c.write(t, s, root)
	}
	if err != nil {
		return err
	}
	defer to.Close()
	publish := publishCmd{Root: root, User: !root}
	return publish.publishTo(ctx, t, to, discovery.Publication{Service: s.ID, Params: s.Params, Groups: s.Groups, Permanent: true})
}

// write puts the file where a Polo finds it at its next start.
func (c *serviceNewCmd) write(t terminal, s serviceFile, root bool) error {
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = usualServices(root); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, s.ID)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(s.encode())
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	_, err = fmt.Fprintln(t.out, printable("written to "+path+", which a Polo reads when it starts, or at co2 polo --reload"))
	return err
}

func usualServices(root bool) (string, error) {
	if root {
		return filepath.Join(discovery.PoloConfigDir, discovery.DefaultPoloFile().ServicesDir), nil
	}
	me, err := user.LookupId(strconv.Itoa(os.Geteuid()))
	if err != nil {
		return "", fmt.Errorf("find the home of this user: %w; name a folder with --dir DIR", err)
	}
	return filepath.Join(me.HomeDir, discovery.DefaultPoloFile().UserDir), nil
}

// A serviceFile is what a file says of a service.
type serviceFile struct {
	ID       string         `json:"id"`
	Params   map[string]any `json:"params"`
	Groups   []string       `json:"groups,omitempty"`
	Disabled bool           `json:"disabled"`
}

// encode returns the text of the file.
func (s serviceFile) encode() []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	enc.Encode(s) // cannot fail: it was checked
	return []byte(b.String())
}

// An interview asks a person, each question again until the answer can be.
type interview struct {
	in  *bufio.Scanner
	out io.Writer
}

func newInterview(t terminal) *interview {
	in := bufio.NewScanner(io.LimitReader(t.in, maxInput))
	return &interview{in, t.err} // standard output is for the file
}

// ask returns the answer, or usual for an empty one.
func (i *interview) ask(question, usual string, check func(string) error) (string, error) {
	for {
		fmt.Fprintf(i.out, "%s [%s]: ", question, usual)
		if !i.in.Scan() {
			fmt.Fprintln(i.out)
			return "", errors.Join(errors.New("the answers ended before the questions did; nothing was made"), i.in.Err())
		}
		answer := strings.TrimSpace(i.in.Text())
		if answer == "" {
			answer = usual
		}
		err := check(answer)
		if err == nil {
			return answer, nil
		}
		fmt.Fprintln(i.out, "  "+printable(err.Error()))
	}
}

// service asks for everything a service file has.
func (i *interview) service() (s serviceFile, root bool, err error) {
	usual := "me"
	if os.Geteuid() == 0 {
		usual = "host"
	}
	whose, err := i.ask("Whose service is it: of this host (host) or of yours (me)?", usual, func(a string) error {
		if a != "host" && a != "me" {
			return errors.New("answer host or me")
		}
		return nil
	})
	if err != nil {
		return s, false, err
	}
	root = whose == "host"
	if s.ID, err = i.ask("Its id, for which others ask: 1 to 30 characters without /, not starting with a dot", "", checkFileID); err != nil {
		return s, root, err
	}
	if s.Params, err = i.params(s.ID); err != nil {
		return s, root, err
	}
	s.Groups, err = i.groups()
	return s, root, err
}

// checkFileID reports why an id can be none that names a file.
func checkFileID(id string) error {
	switch {
	case id == "":
		return errors.New("an id is needed")
	case strings.Contains(id, "/") || strings.HasPrefix(id, "."):
		return errors.New("its file is named after it, so there is no / and no dot at the start")
	}
	return discovery.Service{ID: id}.Validate()
}

func (i *interview) params(id string) (map[string]any, error) {
	params := map[string]any{}
	for {
		added := params
		answer, err := i.ask("A param that askers are told, KEY=TEXT or KEY:=NUMBER (or true, false, null); - for no more", "-", func(a string) error {
			if a == "-" {
				return nil
			}
			one, err := serviceParams([]string{a})
			if err != nil {
				return err
			}
			for k, v := range params {
				if _, again := one[k]; !again {
					one[k] = v
				}
			}
			added = one
			return discovery.Service{ID: id, Params: one}.Validate()
		})
		if err != nil || answer == "-" {
			return params, err
		}
		params = added
	}
}

func (i *interview) groups() (groups []string, err error) {
	answer, err := i.ask("Multicast groups to offer it in, separated by blanks: 224.0.0.0 to 239.255.255.255, or all of the Polo's", "all", func(a string) error {
		if a == "all" {
			return nil
		}
		for _, text := range strings.Fields(a) {
			if _, err := discovery.ParseGroup(text); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && answer != "all" {
		groups = strings.Fields(answer)
	}
	return groups, err
}
