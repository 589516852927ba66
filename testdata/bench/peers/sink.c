/* sink is all satellites in one program: it answers every POST at once, in an
 * epoll loop for each processor, and counts. It listens on one port of every
 * address, and a satellite is known by the address at which it was called.
 *
 * Beside the commands of tally.h:
 *   hang EVERY   answer: ready. From now on every EVERY-th satellite takes
 *                calls and says nothing
 *   release      answer: ready. They answer again, and first what they owe
 *   last KIND    answer: the length of the last request of that kind to the
 *                first satellite, a line, then the request */
#define _GNU_SOURCE
#include <pthread.h>
#include "peer.h"
#include "tally.h"

/* The answer of a co2 satellite. */
static const char answer[] = "HTTP/1.1 200 OK\r\nDate: Thu, 16 Oct 2003 12:30:15 GMT\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: 139\r\n\r\n"
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<methodResponse><params><param><value><string>OK</string></value></param></params></methodResponse>\n";

/* The books are what the loops share: the tally, the last requests and what
 * is owed. */
static pthread_mutex_t books = PTHREAD_MUTEX_INITIALIZER;

/* A conn is one connection, by its descriptor. One loop has it; what it owes
 * is in the books. */
static struct conn {
	int satellite;
	char *begun; /* of a request that has not come whole; seldom */
	size_t length;
	enum kind owed; /* the kind of call it has not answered; other: none */
} conns[max_fds];

static int polls[64], loops; /* each loop's epoll; the first also has the listener and stdin */
static int hanging;          /* in the books */
static struct {
	char *request;
	size_t length;
} last[3];

static void reply(int fd)
{
	if (send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) != sizeof answer - 1 && errno != EPIPE && errno != ECONNRESET)
		fail("send: %s", strerror(errno));
}

static enum kind kind_of(const char *body, size_t length)
{
	static const char tag[] = "<methodName>";
	const char *name = memmem(body, length < 256 ? length : 256, tag, sizeof tag - 1);
	if (!name || name + sizeof tag - 1 + 7 > body + length)
		return other;
	name += sizeof tag - 1;
	return memcmp(name, "notify<", 7) == 0 ? notify : memcmp(name, "ping<", 5) == 0 ? ping : other;
}

static void keep(enum kind kind, const char *request, size_t length)
{
	if (last[kind].length != length)
		last[kind].request = realloc(last[kind].request, length);
	last[kind].length = length;
	memcpy(last[kind].request, request, length);
}

/* enter puts a request in the books and reports whether to answer it. */
static int enter(struct conn *c, enum kind kind, const char *request, size_t length)
{
	if (c->satellite == 1) /* the first that never hangs */
		keep(kind, request, length);
	if (hanging && is_hung(c->satellite)) {
		c->owed = kind;
		return 0;
	}
	count(c->satellite, kind);
	return 1;
}

static void take(int fd, const char *request, size_t head, size_t length)
{
	enum kind kind = kind_of(request + head, length - head);
	pthread_mutex_lock(&books);
	int answers = enter(&conns[fd], kind, request, length);
	pthread_mutex_unlock(&books);
	if (answers)
		reply(fd);
}

/* body_length reads a head. */
static size_t body_length(const char *head, size_t length)
{
	static const char name[] = "\r\ncontent-length:";
	for (const char *p = head; (p = memchr(p, '\r', head + length - p)) != NULL; p++)
		if (head + length - p > (long)sizeof name && strncasecmp(p, name, sizeof name - 1) == 0)
			return strtoul(p + sizeof name - 1, NULL, 10);
	fail("a request without Content-Length: %.*s", (int)length, head);
	return 0;
}

/* take_whole takes the whole requests at the start of data and returns how
 * many octets these are. */
static size_t take_whole(int fd, const char *data, size_t length)
{
	size_t done = 0;
	for (;;) {
		const char *request = data + done, *end = memmem(request, length - done, "\r\n\r\n", 4);
		if (!end)
			return done;
		size_t head = end + 4 - request, whole = head + body_length(request, head);
		if (whole > length - done)
			return done;
		take(fd, request, head, whole);
		done += whole;
	}
}

static void forget(int fd)
{
	pthread_mutex_lock(&books);
	free(conns[fd].begun);
	memset(&conns[fd], 0, sizeof conns[fd]);
	pthread_mutex_unlock(&books);
	close(fd);
}

static void read_requests(int fd)
{
	static _Thread_local char data[256 << 10];
	struct conn *c = &conns[fd];
	for (;;) {
		size_t have = c->length, room = sizeof data - have;
		if (have > 0)
			memcpy(data, c->begun, have);
		ssize_t got = recv(fd, data + have, room, 0);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			forget(fd);
			return;
		}
		have += got;
		size_t done = take_whole(fd, data, have);
		if ((c->length = have - done) > 0) {
			if (c->length == sizeof data)
				fail("a request of more than %zu octets", sizeof data);
			c->begun = realloc(c->begun, c->length);
			memcpy(c->begun, data + done, c->length);
		}
		if ((size_t)got < room)
			return; /* there was no more; what comes now wakes the loop again */
	}
}

static int listener(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof at;
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 16384) || getsockname(fd, (struct sockaddr *)&at, &length))
		fail("cannot listen: %s", strerror(errno));
	say("sink %d", ntohs(at.sin_port));
	return fd;
}

static void welcome(int listening)
{
	static unsigned guests;
	for (;;) {
		struct sockaddr_in at;
		socklen_t length = sizeof at;
		int on = 1, fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && errno == EAGAIN)
			return;
		if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) || getsockname(fd, (struct sockaddr *)&at, &length))
			fail("accept: %s", strerror(errno));
		conns[fd].satellite = satellite_at(at.sin_addr);
		watch(polls[guests++ % loops], fd, EPOLLIN | EPOLLET);
	}
}

static void release(void)
{
	hanging = 0;
	for (int fd = 0; fd < max_fds; fd++) {
		if (conns[fd].owed == other)
			continue;
		count(conns[fd].satellite, conns[fd].owed);
		conns[fd].owed = other;
		reply(fd);
	}
}

static void obey(const char *line)
{
	char name[16];
	if (tally_command(line))
		return;
	if (sscanf(line, "hang %d", &tally.every) == 1) {
		hanging = 1;
		say("ready");
	} else if (strcmp(line, "release") == 0) {
		say("ready");
		release();
	} else if (sscanf(line, "last %15s", name) == 1) {
		enum kind kind = kind_named(name);
		say("%zu", last[kind].length);
		fwrite(last[kind].request, 1, last[kind].length, stdout);
		fflush(stdout);
	} else
		fail("unknown command %s", line);
}

static void command(const char *line)
{
	pthread_mutex_lock(&books);
	obey(line);
	pthread_mutex_unlock(&books);
}

static _Noreturn void *serve(void *own)
{
	int poll = *(int *)own, listening = own == polls ? listener() : -1;
	if (listening >= 0) {
		watch(poll, listening, EPOLLIN);
		watch(poll, STDIN_FILENO, EPOLLIN);
	}
	for (;;) {
		struct epoll_event events[max_events];
		int n = epoll_wait(poll, events, max_events, -1);
		if (n < 0 && errno != EINTR)
			fail("epoll_wait: %s", strerror(errno));
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd == listening)
				welcome(listening);
			else if (fd == STDIN_FILENO)
				command(next_line());
			else
				read_requests(fd);
		}
	}
}

int main(void)
{
	pthread_t thread;
	long processors = sysconf(_SC_NPROCESSORS_ONLN), most = sizeof polls / sizeof *polls;
	all_descriptors();
	loops = processors < most ? processors : most;
	for (int i = 0; i < loops; i++)
		polls[i] = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 1; i < loops; i++)
		if (pthread_create(&thread, NULL, serve, &polls[i]))
			fail("no thread for a loop");
	serve(polls);
	return 0;
}
