package binding

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// longestSocket is how long the path of a Unix socket can be, in bytes.
const longestSocket = 107

// listenUnix opens a Unix door that all users may use. What a Polo left that
// was killed is replaced; what another one still listens at is not.
func listenUnix(path string) (net.Listener, error) {
	if len(path) > longestSocket {
		return nil, fmt.Errorf("socket %s: the path has %d bytes, at most %d are possible", path, len(path), longestSocket)
	}
	dir := filepath.Dir(path)
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	if err := checkFolder(folder); err != nil {
		return nil, err
	}
	// Two that start at once must not each take the other's socket for old.
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	door, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o666); err != nil {
		return nil, errors.Join(err, door.Close())
	}
	return door, nil
}

// checkFolder refuses a folder in which others could put a door of theirs in
// the place of ours.
func checkFolder(folder *os.File) error {
	info, err := folder.Stat()
	if err != nil {
		return err
	}
	owner, mode := ownerOf(info), info.Mode()
	switch {
	case owner != 0 && int(owner) != os.Geteuid():
		return fmt.Errorf("folder %s belongs to uid %d, want root or uid %d", folder.Name(), owner, os.Geteuid())
	case mode.Perm()&0o022 != 0 && mode&fs.ModeSticky == 0:
		return fmt.Errorf("folder %s can be written by others (mode %04o): chmod 755 it", folder.Name(), mode.Perm())
	}
	return nil
}

// removeStale removes a socket that nobody listens at.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is there and no socket (mode %v)", path, info.Mode())
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	switch {
	case err == nil:
		conn.Close()
		return fmt.Errorf("another Polo listens at %s", path)
	case errors.Is(err, syscall.ECONNREFUSED):
		return os.Remove(path)
	}
	return fmt.Errorf("see who listens at %s: %w", path, err)
}

// peerOf asks the kernel who opened a connection.
func peerOf(conn net.Conn) (peer, error) {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return peer{}, err
	}
	var cred *syscall.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		cred, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err := errors.Join(err, failed); err != nil {
		return peer{}, fmt.Errorf("ask who is there: %w", err)
	}
	return peer{uid: cred.Uid, known: true}, nil
}
