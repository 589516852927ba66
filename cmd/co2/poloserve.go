package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"

	"co2/discovery"
	"co2/discovery/binding"
)

// serve is the daemon.
func (c *poloCmd) serve(ctx context.Context, t terminal, set poloSettings) (err error) {
	d, err := beginDaemon(c.daemon(set.Log, c.Verbose, t.err), daemonPidFile(c.PidFile, "polod.pid"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.end(ctx)) }()
	log := d.log
	warnOfConfig(log.Logger, set.warnings)
	accounts := ownPrivileges{discovery.SystemAccounts()}
	if err := makeServices(set.folders.services(set.PoloFile), set.GroupName); err != nil {
		log.Warn("the folder of services cannot be made; permanent services are refused until it can", "code", "POLO-FOLDER", "err", err)
	}
	store := discovery.NewStore(discovery.StoreConfig{
		Groups: set.Groups, Dir: set.folders.services(set.PoloFile), UserDir: set.UserDir, UserID: set.UserID, Accounts: accounts,
	}, log.Logger)
	if err := store.Reload(); err != nil {
		return err
	}
	doorCfg := c.door(set)
	door := binding.NewDoor(doorCfg, store, accounts, log.Logger)
	if err := door.Listen(); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("%w; choose what this user may use with --dir, --socket and --binding-port, or leave TLS out with --no-tls", err)
		}
		return fmt.Errorf("%w; if another Polo runs, stop that, or choose with --socket, --binding-port and --no-tls", err)
	}
	polo := newRunningPolo(discovery.NewPolo(c.polo(set), store, log.Logger))
	reload := &poloReload{c, set, store, polo, log}
	c.announce(t, set, store, doorCfg)
	if set.Debug {
		for _, i := range store.List() {
			log.Info("service", "code", "POLO-SERVICE", "id", i.Identifier, "groups", i.Groups, "disabled", i.Disabled)
		}
	}
	return serve(ctx,
		service{"log", log.thin.Run},
		service{"polo", polo.Run},
		service{"binding", door.Run},
		service{"reload", func(ctx context.Context) error { return reload.Run(ctx, d.reloads) }},
	)
}

// makeServices makes the folder of services if it is missing, as the group's if
// there is such a group and root does it.
func makeServices(dir, group string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	owners, err := user.LookupGroup(group)
	if err != nil || os.Geteuid() != 0 {
		return nil // it stays this user's
	}
	gid, err := strconv.Atoi(owners.Gid)
	if err != nil {
		return fmt.Errorf("group %s: %w", group, err)
	}
	return os.Lchown(dir, 0, gid)
}

// reissueTokens renews the tokens that this Polo would not take.
func (c *poloCmd) reissueTokens(t terminal, set poloSettings) error {
	users := c.User
	if len(users) == 0 {
		var err error
		if users, err = passwdUsers(); err != nil {
			return err
		}
	}
	renewed, err := binding.ReissueTokens(c.door(set).SecretFile, discovery.SystemAccounts(), users)
	for _, name := range renewed {
		fmt.Fprintln(t.out, printable(name+" has a new token"))
	}
	if len(renewed) == 0 && err == nil {
		fmt.Fprintln(t.err, "no token had to be renewed")
	}
	return err
}

// passwdUsers lists the users of /etc/passwd.
func passwdUsers() ([]string, error) {
	f, err := os.Open("/etc/passwd")
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	defer f.Close()
	var users []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, _, ok := strings.Cut(lines.Text(), ":"); ok && name != "" && !strings.HasPrefix(name, "#") {
			users = append(users, name)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return users, nil
}
