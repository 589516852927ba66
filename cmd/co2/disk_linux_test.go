package main_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"co2/methods/wire"
)

// A fullDisk is a real one: fill takes its space away, free gives it back.
type fullDisk struct {
	fault      string // what the relay's fault tells of it
	fill, free func(r *server)
}

// small mounts a file system of some KiB on the state folder of a relay.
func small(t *testing.T, dir string) fullDisk {
	t.Helper()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no file system may be mounted here: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	ballast := filepath.Join(dir, "ballast")
	return fullDisk{
		fault: "no space left on device",
		fill: func(*server) {
			if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); !errors.Is(err, unix.ENOSPC) {
				t.Fatalf("filling the disk: %v", err)
			}
		},
		free: func(*server) {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// limited lets the relay write no files to speak of, by its resource limit.
func limited(t *testing.T, _ string) fullDisk {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	set := func(size uint64) func(*server) {
		return func(r *server) {
			if err := unix.Prlimit(r.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: before.Max}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	return fullDisk{fault: "file too large", fill: set(100), free: set(before.Cur)}
}

// onFullDisk runs a test with each kind of full disk.
func onFullDisk(t *testing.T, test func(t *testing.T, r *server, disk fullDisk), extra ...string) {
	for name, make := range map[string]func(*testing.T, string) fullDisk{"small": small, "limited": limited} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &server{state: t.TempDir(), listen: "127.0.0.1:0", extra: append(extra, "--ping-interval", "0")}
			disk := make(t, r.state)
			r.serve(t)
			test(t, r, disk)
		})
	}
}

func TestRelayOnFullDisk(t *testing.T) {
	t.Parallel()
	onFullDisk(t, func(t *testing.T, r *server, disk fullDisk) {
		a, b, c := listen(t, nil).register(t, r), listen(t, nil).register(t, r), listen(t, nil)
		disk.fill(r)
		for method, param := range map[string]structure{
			"relay.register": {"port": c.port}, "relay.deregister": {"host_id": b.hostID},
		} {
			var fault *wire.Fault
			err := r.call(t, nil, method, param)
			if !errors.As(err, &fault) || fault.Code != -32400 || !strings.Contains(fault.String, disk.fault) || !strings.Contains(fault.String, "messages are relayed") {
				t.Errorf("%s on a full disk = %v", method, err)
			}
		}
		r.said("DUMP-FAIL")
		a.send(t, r, text("on"))
		if got := b.hears(t); got.data != text("on") {
			t.Errorf("heard %v", got)
		}
		disk.free(r)
		began := time.Now()
		r.said("DUMP-OK") // by itself
		t.Logf("it wrote again after %v", time.Since(began))
		c.register(t, r)
		r.kill()
		r.restart(t)
		if got := must[[]string](t, r, "relay.get_satellites"); len(got) != 3 {
			t.Errorf("satellites after a restart: %v", got)
		}
	})
}

func TestRelayWithoutDisk(t *testing.T) {
	t.Parallel()
	onFullDisk(t, func(t *testing.T, r *server, disk fullDisk) {
		a := listen(t, nil).register(t, r)
		disk.fill(r)
		b := listen(t, nil).register(t, r)
		must[string](t, r, "relay.deregister", structure{"host_id": a.hostID})
		r.said("accepted but not durable")
		disk.free(r)
		r.said("DUMP-OK")
		r.kill()
		r.restart(t)
		if got := must[[]string](t, r, "relay.get_satellites"); len(got) != 1 || got[0] != b.hostID {
			t.Errorf("satellites after a restart: %v, want %s", got, b.hostID)
		}
	}, "--accept-without-disk")
}

// A relay that is started on a full disk says so at once, not with the first
// registration it refuses.
func TestStartOnFullDisk(t *testing.T) {
	t.Parallel()
	r := &server{state: t.TempDir(), listen: "127.0.0.1:0", extra: []string{"--ping-interval", "0"}}
	disk := small(t, r.state)
	r.serve(t)
	a := listen(t, nil).register(t, r)
	r.kill()
	disk.fill(r)
	r.process = start(t, "serve", "--listen", r.addr(), "--state", r.state, "--no-polo", "--ping-interval", "0")
	if line := r.printed("TROUBLE"); !strings.Contains(line, "the dump cannot be written: ") || !strings.Contains(line, disk.fault) {
		t.Errorf("it printed %q, want why the dump cannot be written", line)
	}
	r.printed("Next, in another terminal")
	r.said("DUMP-FAIL")
	if got := must[[]string](t, r, "relay.get_satellites"); len(got) != 1 || got[0] != a.hostID {
		t.Errorf("satellites = %v, want %s", got, a.hostID)
	}
	disk.free(r)
	r.said("DUMP-OK")
	listen(t, nil).register(t, r)
}

// On a folder that cannot be written a relay refuses to start and says how it
// would; then it knows its satellites.
func TestRelayOnReadOnlyFolder(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	a := listen(t, nil).register(t, r)
	if code := r.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if err := unix.Mount(r.state, r.state, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("no file system may be mounted here: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(r.state, unix.MNT_DETACH) })
	if err := unix.Mount("", r.state, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	run(t, "serve", "--listen", "127.0.0.1:0", "--state", r.state, "--no-polo").wants(t, 1, "read-only file system", "--accept-without-disk")
	r.extra = []string{"--accept-without-disk"}
	r.process = start(t, "serve", "--listen", r.addr(), "--state", r.state, "--no-polo", "--accept-without-disk")
	r.printed("TROUBLE    the state folder cannot be written")
	r.printed("Next, in another terminal")
	if got := must[[]string](t, r, "relay.get_satellites"); len(got) != 1 || got[0] != a.hostID {
		t.Errorf("satellites = %v, want %s", got, a.hostID)
	}
	r.said("DUMP-FAIL")
	b := listen(t, nil).register(t, r)
	if err := unix.Mount("", r.state, "", unix.MS_REMOUNT|unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	r.said("DUMP-OK")
	run(t, "serve", "--listen", "127.0.0.1:0", "--state", r.state, "--no-polo").wants(t, 1, "in use by another relay") // it has the lock now
	r.kill()
	r.restart(t)
	if got := must[[]string](t, r, "relay.get_satellites"); len(got) != 2 || got[1] != b.hostID {
		t.Errorf("satellites after a restart = %v, want %s too", got, b.hostID)
	}
}
