package discovery

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/netip"
	"slices"
	"strings"

	"co2/discovery/internal/folder"
)

// errNoFile is the refusal where the file of a service is not what it was.
var errNoFile = refuse("Could not find service file")

// writeLocked makes a file of a dynamic service and the service a static one.
// There must not be a static one of the id.
func (s *shelf) writeLocked(who Account, it *item) (*item, error) {
	if err := s.checkFileName(it.ID); err != nil {
		return nil, err
	}
	if s.staticLocked(it.ID) != nil {
		return nil, s.refuseFile(it.ID)
	}
	written := *it
	written.file = &fileRef{name: it.ID, groups: it.wish}
	err := s.createLocked(who, &written)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, s.refuseFile(it.ID)
	case err != nil:
		s.log.warn("cannot write service file", "code", "POLO-WRITE", "service", it.ID, "user", s.owner, "err", err)
		return nil, s.refuseWrite(it.ID)
	}
	s.static.items = append(slices.Clone(s.static.items), &written)
	s.static.names++
	return &written, nil
}

// createLocked writes the file of an item.
func (s *shelf) createLocked(who Account, it *item) error {
	if s.static.names >= s.maxFiles() {
		return errors.New("too many service files")
	}
	data, err := ServiceFile{Service: it.Service, Groups: it.wish}.Encode()
	if err != nil {
		return err
	}
	if err := s.place.make(); err != nil {
		return err
	}
	return s.place.visit(func(nooks []nook) error {
		if len(nooks) == 0 || !nooks[0].writer {
			return fs.ErrPermission
		}
		uid, gid := s.place.owner(who)
		if err := nooks[0].Create(it.ID, folder.File{Data: data, Perm: 0o644, UID: uid, GID: gid}); err != nil {
			return err
		}
		return it.file.note(nooks[0])
	})
}

// note remembers the file as it is now.
func (f *fileRef) note(n nook) error {
	file, info, err := n.Open(f.name)
	if err != nil {
		return err
	}
	f.info, f.path = info, n.path+"/"+f.name
	return file.Close()
}

// takeLocked takes groups out of the file of a static service, and removes a
// file that named no groups or names none any longer. It returns the service
// as the file says now, nil without one.
func (s *shelf) takeLocked(it *item, groups []netip.Addr) (*item, error) {
	var left *item
	err := s.changeLocked(it, func(n nook, keys map[string]json.RawMessage, info fs.FileInfo) error {
		texts, err := parseTexts(keys["groups"])
		if err != nil {
			return errNoFile
		}
		rest := slices.DeleteFunc(slices.Clone(texts), func(text string) bool {
			group, err := ParseGroup(text)
			return err == nil && slices.Contains(groups, group)
		})
		if len(rest) == 0 {
			return errors.Join(n.Remove(it.file.name), n.Sync())
		}
		kept := *it
		left = &kept
		left.groups, _ = offeredIn(s.groups, rest)
		left.file = &fileRef{sub: it.file.sub, name: it.file.name, groups: rest}
		return left.file.rewrite(n, keys, info)
	})
	if err != nil {
		return nil, err
	}
	s.replaceLocked(it, left)
	return left, nil
}

// rewrite replaces a file by one with other groups, all else being kept.
func (f *fileRef) rewrite(n nook, keys map[string]json.RawMessage, info fs.FileInfo) error {
	groups, err := json.Marshal(f.groups)
	if err != nil {
		return err
	}
	keys["groups"] = groups
	data, err := fileText(keys)
	if err != nil {
		return err
	}
	uid, gid, _ := folder.Owner(info)
	file := folder.File{Data: data, Perm: info.Mode().Perm(), UID: uid, GID: gid}
	if err := n.Replace(f.name, file); err != nil {
		return err
	}
	return f.note(n)
}

// removeLocked removes the file of a static service.
func (s *shelf) removeLocked(it *item) error {
	err := s.changeLocked(it, func(n nook, _ map[string]json.RawMessage, _ fs.FileInfo) error {
		return errors.Join(n.Remove(it.file.name), n.Sync())
	})
	if err == nil {
		s.replaceLocked(it, nil)
	}
	return err
}

// changeLocked calls change with the file of a service, if that is still there
// and says that it is this service's. No other file is ever touched.
func (s *shelf) changeLocked(it *item, change func(nook, map[string]json.RawMessage, fs.FileInfo) error) error {
	err := s.place.visit(func(nooks []nook) error {
		i := slices.IndexFunc(nooks, func(n nook) bool { return n.sub == it.file.sub })
		if i < 0 {
			return errNoFile
		}
		keys, info, err := s.place.reread(nooks[i], it)
		if err != nil {
			return errNoFile
		}
		if !nooks[i].writer {
			return fs.ErrPermission
		}
		return change(nooks[i], keys, info)
	})
	var refusal *Refusal
	if err != nil && !errors.As(err, &refusal) {
		s.log.warn("cannot change service file", "code", "POLO-CHANGE", "file", it.file.path, "user", s.owner, "err", err)
		return s.refuseWrite(it.ID)
	}
	return err
}

func (p place) reread(n nook, it *item) (map[string]json.RawMessage, fs.FileInfo, error) {
	f, info, err := n.Open(it.file.name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if err := p.trusted(info); err != nil {
		return nil, nil, err
	}
	data, err := folder.Read(f)
	if err != nil {
		return nil, nil, err
	}
	keys, err := fileKeys(data)
	if err != nil {
		return nil, nil, err
	}
	if id, ok := parseText(keys["id"]); !ok || id != it.ID {
		return nil, nil, errNoFile
	}
	return keys, info, nil
}

// replaceLocked puts another static service in the place of one, or none.
func (s *shelf) replaceLocked(it, by *item) {
	items := make([]*item, 0, len(s.static.items))
	for _, other := range s.static.items {
		switch {
		case other != it:
			items = append(items, other)
		case by != nil:
			items = append(items, by)
		}
	}
	s.static.items = items
	h, ok := s.hidden[it.ID]
	if by == nil {
		s.static.names--
		delete(s.hidden, it.ID)
	} else if ok {
		s.hidden[it.ID] = hiding{h.groups, by.file.info}
	}
}

// checkFileName refuses ids that are no plain file names, or that no loader
// would read.
func (s *shelf) checkFileName(id string) error {
	l := loader{place: s.place}
	if strings.ContainsAny(id, "/\\") || !l.candidate(id) {
		return refuseName(id, "cannot be the name of a file, as it must for a permanent service")
	}
	return nil
}

func (s *shelf) maxFiles() int {
	if s.owner == "" {
		return maxRootFiles
	}
	return maxUserFiles
}

func (s *shelf) refuseTaken(id string) error {
	if s.owner == "" {
		return refuse("Service %s already exists", id)
	}
	return refuse("Service already exists")
}

func (s *shelf) refuseFile(id string) error {
	if s.owner == "" {
		return refuse("Permanent service %s already exists", id)
	}
	return refuse("Service already exists")
}

func (s *shelf) refuseWrite(id string) error {
	if s.owner == "" {
		return refuse("Could not write file")
	}
	return refuse("Could not write service file %s", id)
}
