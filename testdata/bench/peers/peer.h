/* peer.h: what the peers with many connections share: where satellites live,
 * room for their sockets, and the lines that the bench writes to stdin. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { max_satellites = 16000, max_fds = 1 << 16, max_events = 256 };

static inline void fail(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* say prints one line to the bench. */
static inline void say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* now is the monotonic clock in nanoseconds, the same for all programs. */
static inline long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Satellites have addresses of their own, 250 in each of 127.1.1.0/24,
 * 127.1.2.0/24 and so on. */
static inline struct in_addr satellite_address(int satellite)
{
	struct in_addr a = {htonl(127u << 24 | 1 << 16 | (1 + satellite / 250) << 8 | (1 + satellite % 250))};
	return a;
}

/* satellite_at is the satellite of an address, -1 for other addresses. */
static inline int satellite_at(struct in_addr a)
{
	unsigned at = ntohl(a.s_addr), block = at >> 8 & 255, place = at & 255;
	if (at >> 16 != (127 << 8 | 1) || block < 1 || place < 1 || place > 250)
		return -1;
	int satellite = (block - 1) * 250 + place - 1;
	return satellite < max_satellites ? satellite : -1;
}

/* all_descriptors raises the soft limit of open files to the hard one. */
static inline void all_descriptors(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files))
		fail("getrlimit: %s", strerror(errno));
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("setrlimit: %s", strerror(errno));
}

static inline void watch(int poll, int fd, unsigned events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};
	if (fd >= max_fds)
		fail("%d is too high a file descriptor", fd);
	if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e))
		fail("epoll_ctl: %s", strerror(errno));
}

static inline void set_nonblocking(int fd)
{
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
		fail("fcntl: %s", strerror(errno));
}

/* dial opens a connection; the bench's loops expect it not to block later. */
static inline int dial(struct in_addr address, int port)
{
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = address, .sin_port = htons(port)};
	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) || connect(fd, (struct sockaddr *)&at, sizeof at))
		fail("connect to %s:%d: %s", inet_ntoa(address), port, strerror(errno));
	set_nonblocking(fd);
	return fd;
}

/* next_line returns a line from stdin without its end. It blocks; the bench
 * writes lines whole. Without any more lines the program ends. */
static inline char *next_line(void)
{
	static char line[256];
	size_t n = 0;
	while (n + 1 < sizeof line) {
		ssize_t got = read(STDIN_FILENO, line + n, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			exit(0);
		if (line[n] == '\n') {
			line[n] = 0;
			return line;
		}
		n++;
	}
	fail("a line of more than %zu octets", sizeof line);
	return NULL;
}
