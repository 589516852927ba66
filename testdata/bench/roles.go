package main

import (
	"fmt"
	"os"
	"strconv"
)

// roles are what this program can be beside the bench itself, so that what is
// measured is in a process of its own: `bench -be ROLE ARGUMENTS...`.
var roles = map[string]func(args []string) error{
	"canned":      func(args []string) error { return serveCanned(args[0]) },
	"relay":       func(args []string) error { return serveRelay(args[0]) },
	"polo":        func([]string) error { return servePolo() },
	"echo":        func([]string) error { return serveEcho() },
	"nats":        func([]string) error { return serveNATS() },
	"subscribers": withNumber(serveSubscribers), // of the NATS server at ADDRESS
	"shared":      withNumber(sendShared),       // to a sink on PORT
	"clients":     withNumber(sendClients),      // the same
	"kept":        withNumber(sendKept),         // the same
}

// withNumber is a role whose second argument is a number of satellites.
func withNumber(role func(at string, n int) error) func([]string) error {
	return func(args []string) error {
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return role(args[0], n)
	}
}

func be(role string, args []string) error {
	play, known := roles[role]
	if !known {
		return fmt.Errorf("no role %q", role)
	}
	return play(args)
}

// self starts this program in a role.
func self(start launch, role string, args ...string) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(program, append([]string{"-be", role}, args...)...)
}
