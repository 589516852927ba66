package courier

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// An epoll is the kernel's list of sockets that are waited for, and itself
// waited for by Go's poller: so a goroutine can wait for many sockets, or for
// one that Go's poller does not know, without a thread that blocks.
type epoll struct {
	fd   int
	file *os.File // nobody reads it: it becomes ready when one of its sockets is
	raw  syscall.RawConn
}

// newEpoll returns nil if the kernel has none to give.
func newEpoll() *epoll {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil
	}
	f := os.NewFile(uintptr(fd), "epoll")
	raw, err := f.SyscallConn()
	if err != nil || f.SetReadDeadline(time.Time{}) != nil {
		f.Close()
		return nil
	}
	return &epoll{fd, f, raw}
}

func (e *epoll) close() { e.file.Close() }

// wait returns the events that have come; none when the deadline of the file
// has.
func (e *epoll) wait(events []unix.EpollEvent) []unix.EpollEvent {
	n := 0
	e.raw.Read(func(fd uintptr) bool {
		var err error
		if n, err = unix.EpollWait(int(fd), events, 0); err == unix.EINTR {
			n = 0
		}
		return n > 0 || err != nil
	})
	return events[:max(n, 0)]
}

// A waiter waits for one socket after another. A worker has one.
type waiter struct {
	*epoll
	events [1]unix.EpollEvent
}

func newWaiter() *waiter {
	e := newEpoll()
	if e == nil {
		return nil
	}
	return &waiter{epoll: e}
}

// wait returns when there is something to read from s, or the time is over.
func (w *waiter) wait(s *socket, d time.Duration) {
	if unix.EpollCtl(w.fd, unix.EPOLL_CTL_ADD, s.fd, &unix.EpollEvent{Events: unix.EPOLLIN}) != nil {
		return // the read that follows tells
	}
	w.file.SetReadDeadline(time.Now().Add(d))
	w.epoll.wait(w.events[:])
	_ = unix.EpollCtl(w.fd, unix.EPOLL_CTL_DEL, s.fd, nil)
}
