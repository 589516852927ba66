package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"co2/discovery/binding"
	"co2/methods"
	"co2/methods/wire"
)

// withNextStep adds what a person can do to the errors that a call to a server
// most often ends with.
func withNextStep(err error) error {
	if step := nextStep(err); step != "" {
		return fmt.Errorf("%w; %s", err, step)
	}
	return err
}

func nextStep(err error) string {
	if fault, ok := errors.AsType[*wire.Fault](err); ok {
		return afterFault(fault)
	}
	if stale, ok := errors.AsType[*binding.TokenError](err); ok {
		return renewToken(stale)
	}
	if refused, ok := errors.AsType[*binding.MisuseError](err); ok {
		return afterRefusal(refused.Reason)
	}
	call, ok := errors.AsType[*url.Error](err)
	if !ok {
		return ""
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		if elsewhere(call.URL) {
			return "nothing listens there for other hosts: start that relay with co2 serve --lan, or name another with --relay URL"
		}
		return "nothing listens there: start a relay with co2 serve, or name another with --relay URL"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "if the server is yours, name the authority that signed its certificate: SSL_CERT_FILE=FILE"
	}
	return ""
}

// renewToken is how a user comes by a token that the Polo takes.
func renewToken(stale *binding.TokenError) string {
	return "remove " + shellWord(stale.File) + ", and a new one is made, or have root run: co2 polo --reissue-tokens"
}

func afterFault(f *wire.Fault) string {
	switch {
	case unknownID(f):
		return "no satellite has that id now: co2 satellites shows those there are"
	case f.Code == methods.CodeNotPermitted && strings.HasSuffix(f.String, "operator access only"):
		return "run this on the host of the relay"
	}
	return afterRefusal(f.String)
}

// afterRefusal tells what to do when a Polo refuses, by its words.
func afterRefusal(reason string) string {
	switch {
	case strings.HasSuffix(reason, "lready exists"):
		return "it is offered, or its file is kept: co2 unpublish --delete-file ends both"
	case strings.HasSuffix(reason, "Could not find service"):
		return "co2 services shows what is offered, those of users as USER:ID"
	case strings.HasPrefix(reason, "Could not write service file"):
		return "the log of the Polo tells why"
	}
	return ""
}

// elsewhere reports whether a URL may lead to another host.
func elsewhere(to string) bool {
	u, err := url.Parse(to)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return err != nil && u.Hostname() != "localhost" || err == nil && !isOwn(addr)
}

// unknownID reports whether a relay says that it does not know a satellite, in
// its words.
func unknownID(f *wire.Fault) bool {
	return f.Code == 1 && strings.HasSuffix(f.String, " is not registered")
}
