package main

import (
	"os"
	"path/filepath"

	"co2/discovery"
	"co2/discovery/binding"
)

// poloFolders say where a Polo has its files.
type poloFolders struct {
	dir string // of polo.cfg, the services, and relative paths
	own bool   // not the original's folders: nothing of it is outside dir
}

// newPoloFolders takes named, or the original's folder for root and one of the
// user's for others.
func newPoloFolders(named string) (poloFolders, error) {
	switch {
	case named != "":
		dir, err := filepath.Abs(named)
		return poloFolders{dir, true}, err
	case os.Geteuid() == 0:
		return poloFolders{discovery.PoloConfigDir, false}, nil
	}
	base, err := os.UserConfigDir()
	if err != nil {
		return poloFolders{}, usagef("there is no home folder to keep service files in (%w); name one with --dir DIR", err)
	}
	return poloFolders{filepath.Join(base, "co2", "polo"), true}, nil
}

func (f poloFolders) config() string { return filepath.Join(f.dir, "polo.cfg") }

func (f poloFolders) services(file discovery.PoloFile) string { return f.below(file.ServicesDir) }

func (f poloFolders) below(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(f.dir, path)
}

// door puts the files of the binding into cfg.
func (f poloFolders) door(file discovery.PoloFile, cfg *binding.DoorConfig) {
	cfg.SecretFile = f.below(file.SecretFile)
	if !f.own {
		return
	}
	if file.SecretFile == discovery.DefaultPoloFile().SecretFile {
		cfg.SecretFile = f.below("secret")
	}
	cfg.CertFile, cfg.KeyFile = f.below("certs/polossl.crt"), f.below("certs/polossl.key")
}

// ownPrivileges are the accounts of this host, in which the user who runs the
// Polo may do with it what root may with root's.
type ownPrivileges struct{ discovery.Accounts }

func (o ownPrivileges) ByName(name string) (discovery.Account, error) {
	who, err := o.Accounts.ByName(name)
	return privileged(who), err
}

func (o ownPrivileges) ByUID(uid uint32) (discovery.Account, error) {
	who, err := o.Accounts.ByUID(uid)
	return privileged(who), err
}

func privileged(who discovery.Account) discovery.Account {
	who.Privileged = who.Privileged || who != (discovery.Account{}) && who.UID == uint32(os.Geteuid())
	return who
}
