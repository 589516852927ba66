package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A process is something the bench started.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	err bytes.Buffer
}

// start starts a program. It ends with the bench at the latest.
func (b *bench) start(program string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(program, args...)}
	p.cmd.Stderr = &p.err
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReader(out)
	b.started = append(b.started, p)
	return p, nil
}

func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	stuck := time.AfterFunc(5*time.Second, func() { p.cmd.Process.Kill() })
	defer stuck.Stop()
	p.in.Close()
	p.cmd.Wait()
}

// line reads the next line the process prints.
func (p *process) line() (string, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		p.stop()
		return "", fmt.Errorf("it ended: %s", bytes.TrimSpace(p.err.Bytes()))
	}
	return line[:len(line)-1], nil
}

var printedURL = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)/`)

// address reads on until the process says where it listens.
func (p *process) address() (addr, line string, err error) {
	for {
		line, err := p.line()
		if err != nil {
			return "", "", err
		}
		if m := printedURL.FindStringSubmatch(line); m != nil {
			return m[1], line, nil
		}
	}
}

// cpuTime is the time processors have spent on the process.
func (p *process) cpuTime() (time.Duration, error) {
	const sched = 2 // the clock of what its threads were given, exact where /proc counts ticks
	var spent unix.Timespec
	err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|sched), &spent)
	return time.Duration(spent.Nano()), err
}

// build builds a C program of peers/.
func (b *bench) build(name string, libs ...string) (program string, err error) {
	program = b.dir + "/" + name
	args := append([]string{"-O2", "-o", program, "peers/" + name + ".c"}, libs...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("cc: %w\n%s\n.ci/install-peers installs what it needs", err, out)
	}
	return program, nil
}
