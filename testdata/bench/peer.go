package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A peer is a server that can be started, once.
type peer struct {
	name    string
	start   func() (*process, error)
	path    string // where it takes calls; empty: /NAME of the payload
	process *process
	addr    string
	err     error
}

// running returns the peer, started.
func (p *peer) running(b *bench) error {
	if p.process != nil || p.err != nil {
		return p.err
	}
	var line string
	if p.process, p.err = p.start(); p.err == nil {
		p.addr, line, p.err = p.process.address()
	}
	if product, _, named := strings.Cut(line, " at "); named && p.path != "" {
		b.beside(product)
	}
	return p.err
}

// A launch starts the program of a peer.
type launch func(program string, args ...string) (*process, error)

// co2 is the program itself, as it is started everywhere.
func (b *bench) co2(start launch) *peer {
	return &peer{name: "co2", path: "/RPC2", start: func() (*process, error) {
		program, err := b.program()
		if err != nil {
			return nil, err
		}
		state, err := os.MkdirTemp(b.dir, "state")
		if err != nil {
			return nil, err
		}
		return start(program, "serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", state)
	}}
}

// program is co2, built as it is built everywhere.
func (b *bench) program() (string, error) {
	return b.builds.once("co2", func(program string) *exec.Cmd {
		build := exec.Command("go", "build", "-trimpath", "-o", program, "./cmd/co2")
		build.Dir = root
		return build
	})
}

// root is the repository, from where the bench runs.
const root = "../.."

// canned is this program again, as a server that answers what co2 answered.
func (b *bench) canned(start launch, name string, co2 *peer, payloads []*payload) *peer {
	return &peer{name: name, start: func() (*process, error) {
		dir, err := os.MkdirTemp(b.dir, "canned")
		if err != nil {
			return nil, err
		}
		for _, p := range payloads {
			t, err := p.at(b, co2)
			if err != nil {
				return nil, err
			}
			if err := os.WriteFile(filepath.Join(dir, p.name), t.want, 0o600); err != nil {
				return nil, err
			}
		}
		return self(start, "canned", dir)
	}}
}

func (b *bench) abyss(start launch) *peer {
	return &peer{name: abyss, path: "/RPC2", start: func() (*process, error) {
		program, err := b.build("abyss", "-lxmlrpc_server_abyss", "-lxmlrpc_server", "-lxmlrpc_abyss", "-lxmlrpc", "-lxmlrpc_util", "-lpthread")
		if err != nil {
			return nil, err
		}
		return start(program)
	}}
}

func (b *bench) python(start launch) *peer {
	return &peer{name: python, path: "/RPC2", start: func() (*process, error) {
		return start("python3", "peers/threaded.py")
	}}
}
