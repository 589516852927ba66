package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
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
	Dir    string `arg:"--dir" placeholder:"DIR" help:"where the file is put if no Polo is there to do it [default: where co2 polo of this user looks: its folder of services for a service of this host, .polo in the home for one of yours]"`
}

func (c *serviceNewCmd) run(ctx context.Context, t terminal) error {
	s, root, err := newInterview(t).service()
	if err != nil {
		return err
	}
	if c.Stdout {
		text, err := s.Encode()
		if err != nil {
			return err
		}
		_, err = t.out.Write(text)
		return err
	}
	p := discovery.Publication{Service: s.ID, Params: s.Params, Groups: s.Groups, Permanent: true, Root: root}
	to, err := c.reach(ctx)
	if none, ok := errors.AsType[*noPoloError](err); ok {
		fmt.Fprintln(t.err, printable(none.Error()))
		return c.write(t, p)
	}
	if err != nil {
		return err
	}
	defer to.Close()
	publish := publishCmd{Root: root, User: !root}
	return publish.publishTo(ctx, t, to, p)
}

// write puts the file where a Polo finds it at its next start, as that Polo
// would have done: with the same checks, and whole or not at all.
func (c *serviceNewCmd) write(t terminal, p discovery.Publication) error {
	folders, err := newPoloFolders("")
	if err != nil {
		return err
	}
	file, warnings, err := discovery.ReadPoloFile(folders.config())
	_, missing := os.Stat(folders.config())
	if errors.Is(err, fs.ErrPermission) {
		fmt.Fprintln(t.err, printable(err.Error()+"; what it says is left out"))
		missing, err = err, nil
	}
	if err != nil {
		return err
	}
	accounts := ownPrivileges{discovery.SystemAccounts()}
	me, err := accounts.ByUID(uint32(os.Geteuid()))
	if err != nil {
		return fmt.Errorf("look this user up: %w", err)
	}
	log := slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	warnOfConfig(log, warnings)
	dir := cmp.Or(c.Dir, folders.services(file))
	store := discovery.NewStore(discovery.StoreConfig{
		Groups: withGroups(file.Groups, p.Groups), Dir: dir, UserDir: file.UserDir, UserID: file.UserID, Accounts: accounts,
	}, log)
	path := filepath.Join(dir, p.Service)
	switch {
	case !p.Root && c.Dir == "":
		path = filepath.Join(me.Home, file.UserDir, p.Service)
	case !p.Root && !store.IsUserID(me.Name+":"+p.Service):
		return fmt.Errorf("%s: a Polo asked for %s:%s does not look for a service of %s", path, me.Name, p.Service, me.Name)
	default: // in that folder it is a file like those of the host
		p.Root = true
		if err := makeServices(dir, file.GroupName); err != nil {
			return err
		}
	}
	if err := store.Reload(); err != nil {
		return err
	}
	if _, err := store.Publish(me, p); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	who := "the Polo of " + folders.config()
	if missing != nil {
		who = "without " + folders.config() + " a Polo"
	}
	tellGroups(t, who, file.Groups, p.Groups)
	_, err = fmt.Fprintln(t.out, printable("written to "+path+", which a Polo reads when it starts, or at co2 polo --reload"))
	return err
}

// tellGroups says where the Polo does not offer the service, as it is configured
// now: its flags may name other groups, or its file later.
func tellGroups(t terminal, who string, configured []netip.Addr, texts []string) {
	lacking := withGroups(configured, texts)[len(configured):]
	if len(lacking) == 0 {
		return
	}
	fmt.Fprintln(t.err, printable(fmt.Sprintf("%s has %s: it does not offer the service in %s, until multicast_addrs there or --group of co2 polo says so",
		who, groupWords(configured), groupWords(lacking))))
}

// withGroups returns groups and, after them, those of texts that are not among
// them.
func withGroups(groups []netip.Addr, texts []string) []netip.Addr {
	groups = slices.Clone(groups)
	for _, text := range texts {
		if group, err := discovery.ParseGroup(text); err == nil && !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	return groups
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
func (i *interview) service() (s discovery.ServiceFile, root bool, err error) {
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
