package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"syscall"

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
	if fault, ok := errors.AsType[*wire.Fault](err); ok && unknownID(fault) {
		return "no satellite has that id now: co2 satellites shows those there are"
	}
	if _, call := errors.AsType[*url.Error](err); !call {
		return ""
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "nothing listens there: start a relay with co2 serve, or name another with --relay URL"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "if the server is yours, name the authority that signed its certificate: SSL_CERT_FILE=FILE"
	}
	return ""
}

// unknownID reports whether a relay says that it does not know a satellite, in
// its words.
func unknownID(f *wire.Fault) bool {
	return f.Code == 1 && strings.HasSuffix(f.String, " is not registered")
}
