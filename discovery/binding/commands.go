package binding

import (
	"encoding/json"
	"errors"
	"net/netip"

	"co2/discovery"
)

// A peer is who is at the other end of a connection, if the connection tells.
type peer struct {
	uid   uint32
	known bool
}

// A command does what a request asks for. Its error is for the peer if it is a
// refusal, and otherwise for the log.
type command func(*Door, peer, args) (ok any, err error)

const unknownCommand = "Malformed request. Commands missing"

// commandFor returns the command of a name. Register is the Python binding's
// word for Publish. The last five are not in the original, though its Python
// binding has functions for four of them, which do nothing.
func commandFor(name string) (command, bool) {
	switch name {
	case "Request-token":
		return (*Door).requestToken, true
	case "Publish", "Register":
		return (*Door).publish, true
	case "Unpublish":
		return (*Door).unpublish, true
	case "Service-info":
		return (*Door).serviceInfo, true
	case "Has-service":
		return (*Door).hasService, true
	case "Set-permanent":
		return (*Door).setPermanent, true
	case "List":
		return (*Door).list, true
	case "Reload":
		return (*Door).reload, true
	}
	return nil, false
}

// answer returns the one reply to a request.
func (d *Door) answer(from peer, value json.RawMessage) []byte {
	r, err := parseRequest(value)
	var ok any
	if err == nil {
		ok, err = d.perform(from, r)
	}
	if err == nil {
		var reply []byte
		if reply, err = okReply(ok); err == nil {
			return reply
		}
	}
	if no, refused := errors.AsType[*discovery.Refusal](err); refused {
		// Not why: the text may repeat a token that is in the wrong place.
		d.log.Debug("request refused", "code", "BIND-REFUSED", "command", r.known())
		return errorReply(no.Text)
	}
	d.notes.warn("request failed", "code", "BIND-FAIL", "command", r.known(), "err", err)
	return errorReply("Internal error")
}

func (d *Door) perform(from peer, r request) (any, error) {
	do, ok := commandFor(r.command)
	if !ok {
		return nil, refuse(unknownCommand)
	}
	return do(d, from, r.args)
}

// Codes of Request-token.
const (
	tokenCreated = 0
	tokenExists  = 1
)

// requestToken never tells the token: only its user can read the file, so
// anybody may ask for anybody's. A user whose connection says who he is gets a
// fresh one, since the old one may be of another Polo.
func (d *Door) requestToken(from peer, a args) (any, error) {
	uid, ok := a.uid()
	if from.known && isNull(a["uid"]) {
		uid, ok = from.uid, true
	}
	if !ok {
		return nil, refuse("User not found")
	}
	who, err := d.accounts.ByUID(uid)
	if err != nil {
		return nil, d.noAccount(err, "User not found")
	}
	created, err := d.key.give(who, from.known && from.uid == uid)
	if err != nil {
		d.notes.warn("no token made", "code", "BIND-NOTOKEN", "user", who.Name, "err", err)
		return nil, refuse("Could not write token file")
	}
	if !created {
		return tokenExists, nil
	}
	d.notes.info("token made", "code", "BIND-TOKEN", "user", who.Name)
	return tokenCreated, nil
}

func (d *Door) publish(from peer, a args) (any, error) {
	uid, err := d.identify(from, a, "Need a token")
	if err != nil {
		return nil, err
	}
	var p discovery.Publication
	if p.Service, err = a.service(); err != nil {
		return nil, err
	}
	if p.Groups, err = a.groups(); err != nil {
		return nil, err
	}
	if p.Permanent, err = a.flag("permanent"); err != nil {
		return nil, err
	}
	if p.Root, err = a.flag("root"); err != nil {
		return nil, err
	}
	if p.Params, err = a.params(); err != nil {
		return nil, err
	}
	who, err := d.account(uid)
	if err != nil {
		return nil, err
	}
	id, err := d.services.Publish(who, p)
	if err == nil {
		d.notes.info("service published", "code", "BIND-PUBLISH", "service", id, "user", who.Name, "permanent", p.Permanent)
	}
	return id, err
}

func (d *Door) unpublish(from peer, a args) (any, error) {
	uid, err := d.identify(from, a, badToken)
	if err != nil {
		return nil, err
	}
	var w discovery.Withdrawal
	if w.Service, err = a.service(); err != nil {
		return nil, err
	}
	if w.Groups, err = a.groups(); err != nil {
		return nil, err
	}
	if w.DeleteFile, err = a.flag("delete_file"); err != nil {
		return nil, err
	}
	who, err := d.account(uid)
	if err != nil {
		return nil, err
	}
	if err := d.services.Unpublish(who, w); err != nil {
		return nil, err
	}
	d.notes.info("service unpublished", "code", "BIND-UNPUBLISH", "service", w.Service, "user", who.Name, "delete_file", w.DeleteFile)
	return 0, nil
}

// information is the reply to Service-info.
type information struct {
	Identifier string         `json:"identifier"`
	Params     map[string]any `json:"params"`
	Groups     []netip.Addr   `json:"multicast_groups"`
	Disabled   bool           `json:"disabled"`
	Permanent  bool           `json:"permanent"`
}

func (d *Door) serviceInfo(_ peer, a args) (any, error) {
	id, err := a.service()
	if err != nil {
		return nil, err
	}
	i, ok := d.services.Info(id)
	if !ok {
		return nil, refuse("Could not find service")
	}
	return newInformation(i), nil
}

func (d *Door) hasService(_ peer, a args) (any, error) {
	id, err := a.service()
	if err != nil {
		return nil, err
	}
	i, ok := d.services.Info(id)
	return ok && !i.Disabled, nil
}

func (d *Door) setPermanent(from peer, a args) (any, error) {
	uid, err := d.identify(from, a, "Need a token")
	if err != nil {
		return nil, err
	}
	id, err := a.service()
	if err != nil {
		return nil, err
	}
	permanent, err := a.flag("permanent")
	if err == nil && a["permanent"] == nil {
		err = refuse("permanent must be boolean") // there is no default that would be safe
	}
	if err != nil {
		return nil, err
	}
	who, err := d.account(uid)
	if err != nil {
		return nil, err
	}
	if err := d.services.SetPermanent(who, id, permanent); err != nil {
		return nil, err
	}
	d.notes.info("service changed", "code", "BIND-CHANGE", "service", id, "user", who.Name, "permanent", permanent)
	return 0, nil
}

func (d *Door) reload(from peer, a args) (any, error) {
	who, err := d.asker(from, a)
	if err != nil {
		return nil, err
	}
	if !who.Privileged {
		return nil, refuse("Permission denied")
	}
	if err := d.services.Reload(); err != nil {
		return nil, err
	}
	d.notes.info("services reloaded", "code", "BIND-RELOAD", "user", who.Name)
	return 0, nil
}

// identify returns who asks: whose token it is, or else who the connection
// says. none is the refusal if neither tells.
func (d *Door) identify(from peer, a args, none string) (uid uint32, err error) {
	token, given, isText := a.text("token")
	if !given || isText && token == "" {
		if !from.known {
			return 0, refuse(none)
		}
		return from.uid, nil
	}
	uid, ok := d.key.uid(token)
	if !ok {
		return 0, refuse(badToken)
	}
	return uid, nil
}

// asker returns the account of who asks.
func (d *Door) asker(from peer, a args) (discovery.Account, error) {
	uid, err := d.identify(from, a, "Need a token")
	if err != nil {
		return discovery.Account{}, err
	}
	return d.account(uid)
}

func (d *Door) account(uid uint32) (discovery.Account, error) {
	who, err := d.accounts.ByUID(uid)
	if err != nil {
		return discovery.Account{}, d.noAccount(err, "wrong user")
	}
	return who, nil
}

// noAccount returns the refusal of a user who cannot be found, and logs it if
// that is the fault of this host.
func (d *Door) noAccount(err error, text string) error {
	if !errors.Is(err, discovery.ErrNoAccount) {
		d.notes.warn("account not looked up", "code", "BIND-ACCOUNT", "err", err)
	}
	return refuse(text)
}
