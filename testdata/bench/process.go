package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
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

// startAlone starts a program that shares one processor with whoever calls it.
func (b *bench) startAlone(program string, args ...string) (*process, error) {
	at, err := firstProcessor()
	if err != nil {
		return nil, err
	}
	return b.start("taskset", append([]string{"-c", strconv.Itoa(at), program}, args...)...)
}

// firstProcessor is the first that this process may use.
func firstProcessor() (int, error) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return 0, err
	}
	for at := range 1024 {
		if allowed.IsSet(at) {
			return at, nil
		}
	}
	return 0, errors.New("there is no processor to use")
}

// keepToFirst keeps the calling goroutine on the first processor until it
// calls free. Its thread must not end: what it started ends with it.
func keepToFirst() (free func(), err error) {
	at, err := firstProcessor()
	if err != nil {
		return nil, err
	}
	runtime.LockOSThread()
	var all, one unix.CPUSet
	one.Set(at)
	err = errors.Join(unix.SchedGetaffinity(0, &all), unix.SchedSetaffinity(0, &one))
	return func() {
		unix.SchedSetaffinity(0, &all)
		runtime.UnlockOSThread()
	}, err
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
