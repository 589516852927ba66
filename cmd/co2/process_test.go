package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long tests wait for what must happen.
const patience = 20 * time.Second

// A stream is what a process printed so far, by lines.
type stream struct {
	mu      sync.Mutex
	lines   []string      // guarded by mu
	read    int           // guarded by mu: lines that next has returned
	ended   bool          // guarded by mu
	changed chan struct{} // guarded by mu: closed at the next change
}

func (s *stream) fill(r io.Reader) {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		s.mu.Lock()
		if line != "" {
			s.lines = append(s.lines, strings.TrimSuffix(line, "\n"))
		}
		s.ended = err != nil
		close(s.changed)
		s.changed = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *stream) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// last returns the last n lines.
func (s *stream) last(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines[max(0, len(s.lines)-n):], "\n")
}

// next returns the next line that holds part, waiting for it. Lines before it
// are passed over.
func (s *stream) next(part string, within time.Duration) (string, bool) {
	deadline := time.After(within)
	for {
		s.mu.Lock()
		for s.read < len(s.lines) {
			line := s.lines[s.read]
			s.read++
			if strings.Contains(line, part) {
				s.mu.Unlock()
				return line, true
			}
		}
		changed, ended := s.changed, s.ended
		s.mu.Unlock()
		if ended {
			return "", false
		}
		select {
		case <-changed:
		case <-deadline:
			return "", false
		}
	}
}

// A process is a program under test.
type process struct {
	t        *testing.T
	name     string
	cmd      *exec.Cmd
	out, err stream
	done     chan struct{} // closed when it has ended
}

// start starts co2 with these arguments.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startWith(t, cleanEnv(t), binary, args...)
}

func startWith(t *testing.T, env []string, program string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = env
	return startCommand(t, cmd)
}

func startCommand(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	return startReading(t, cmd, cmd.StderrPipe)
}

// startReading starts a program whose standard error stderrPipe gives.
func startReading(t *testing.T, cmd *exec.Cmd, stderrPipe func() (io.ReadCloser, error)) *process {
	t.Helper()
	p := &process{t: t, name: strings.Join(cmd.Args[1:], " "), cmd: cmd, done: make(chan struct{})}
	p.out.changed, p.err.changed = make(chan struct{}), make(chan struct{})
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := stderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.watch(stdout, stderr)
	t.Cleanup(p.cleanup)
	return p
}

func (p *process) watch(stdout, stderr io.Reader) {
	defer close(p.done)
	var both sync.WaitGroup
	both.Go(func() { p.out.fill(stdout) })
	both.Go(func() { p.err.fill(stderr) })
	both.Wait()
	p.cmd.Wait()
}

func (p *process) cleanup() {
	p.signal(syscall.SIGKILL)
	<-p.done
	if strings.Contains(p.err.String(), "DATA RACE") {
		p.t.Errorf("%s: %s", p.name, &p.err)
	}
	if p.t.Failed() {
		p.t.Logf("%s\nstdout:\n%s\nstderr:\n%s", p.name, p.out.last(200), p.err.last(200))
	}
}

// printed waits for a line on standard output that holds part.
func (p *process) printed(part string) string {
	p.t.Helper()
	line, ok := p.out.next(part, patience)
	if !ok {
		p.t.Fatalf("%s printed no line with %q", p.name, part)
	}
	return line
}

// said waits for a line on standard error that holds part.
func (p *process) said(part string) string {
	p.t.Helper()
	line, ok := p.err.next(part, patience)
	if !ok {
		p.t.Fatalf("%s said nothing with %q", p.name, part)
	}
	return line
}

func (p *process) signal(s syscall.Signal) { p.cmd.Process.Signal(s) }

// kill ends it as kill -9 does.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// stop ends it with SIGTERM and returns its exit code.
func (p *process) stop() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	return p.wait()
}

func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatalf("%s did not end", p.name)
	}
	return p.cmd.ProcessState.ExitCode()
}

// A result is how a command ended.
type result struct {
	code     int
	out, err string
}

// run runs co2 to its end.
func run(t *testing.T, args ...string) result {
	t.Helper()
	return runWith(t, cleanEnv(t), "", args...)
}

func runWith(t *testing.T, env []string, stdin string, args ...string) result {
	t.Helper()
	return runProgram(t, env, stdin, binary, args...)
}

func runProgram(t *testing.T, env []string, stdin, program string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, strings.NewReader(stdin), &out, &errs
	stuck := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer stuck.Stop()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	if strings.Contains(errs.String(), "DATA RACE") {
		t.Errorf("%s: %s", strings.Join(args, " "), &errs)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// ok fails the test unless the command ended well.
func (r result) ok(t *testing.T) result {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("exit code %d, stdout %q, stderr %q", r.code, r.out, r.err)
	}
	return r
}

// wants checks how a command failed.
func (r result) wants(t *testing.T, code int, said ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d; stdout %q, stderr %q", r.code, code, r.out, r.err)
	}
	for _, part := range said {
		if !strings.Contains(r.err, part) {
			t.Errorf("stderr %q, want %q in it", r.err, part)
		}
	}
}

// eventually waits until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if ok() {
			return
		}
	}
	t.Fatalf("it did not come to pass that %s", what)
}
