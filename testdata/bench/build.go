package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// builds are programs that were built for this run, each once.
type builds struct {
	dir  string
	done map[string]error // by name; nil: it is there
}

// once has a command build the program of a name, unless it is built.
func (b *builds) once(name string, command func(program string) *exec.Cmd) (program string, err error) {
	program = filepath.Join(b.dir, name)
	err, tried := b.done[name]
	if tried {
		return program, err
	}
	cmd := command(program)
	if out, failed := cmd.CombinedOutput(); failed != nil {
		err = fmt.Errorf("%s: %w\n%s", cmd, failed, out)
	}
	b.done[name] = err
	return program, err
}

// build builds a C program of peers/.
func (b *bench) build(name string, libs ...string) (program string, err error) {
	program, err = b.builds.once(name, func(program string) *exec.Cmd {
		return exec.Command("cc", append([]string{"-O2", "-pthread", "-o", program, "peers/" + name + ".c"}, libs...)...)
	})
	if err != nil {
		err = fmt.Errorf("%w\n.ci/install-peers installs what it needs", err)
	}
	return program, err
}
