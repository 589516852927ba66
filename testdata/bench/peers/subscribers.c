/* subscribers PORT NUMBER are subscribers of a NATS server on the loopback,
 * each with a connection of its own, all in one epoll loop: they read what is
 * published, count it, and do no more. Each message counts as a notify to the
 * satellite with the subscriber's number. Commands: those of tally.h. */
#define _GNU_SOURCE
#include "peer.h"
#include "tally.h"

static const char hello[] = "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"c\",\"version\":\"1\",\"protocol\":1}\r\nSUB notify 1\r\nPING\r\n";

/* A conn is one connection, by its descriptor. */
static struct conn {
	int subscriber;
	size_t payload; /* octets of a message still to come, with its line end */
	size_t length;  /* of line */
	char line[80];  /* the start of one that has not come whole */
} conns[max_fds];

static int subscribers, subscribed;

static void take_line(int fd)
{
	struct conn *c = &conns[fd];
	c->line[c->length < sizeof c->line ? c->length : sizeof c->line - 1] = 0;
	c->length = 0;
	if (strncmp(c->line, "MSG ", 4) == 0)
		c->payload = strtoul(strrchr(c->line, ' ') + 1, NULL, 10) + 2;
	else if (strncmp(c->line, "PING", 4) == 0) {
		if (write(fd, "PONG\r\n", 6) != 6)
			fail("write: %s", strerror(errno));
	} else if (strncmp(c->line, "PONG", 4) == 0) {
		if (++subscribed == subscribers)
			say("subscribed");
	} else if (strncmp(c->line, "INFO", 4) != 0)
		fail("the server says %s", c->line);
}

/* take_octets takes what belongs together and returns how much that is. */
static size_t take_octets(int fd, const char *data, size_t length)
{
	struct conn *c = &conns[fd];
	if (c->payload > 0) {
		size_t part = c->payload < length ? c->payload : length;
		if ((c->payload -= part) == 0)
			count(c->subscriber, notify);
		return part;
	}
	const char *end = memchr(data, '\n', length);
	size_t part = end ? (size_t)(end + 1 - data) : length, room = sizeof c->line - c->length;
	memcpy(c->line + c->length, data, part < room ? part : room);
	c->length += part < room ? part : room;
	if (end)
		take_line(fd);
	return part;
}

static void read_messages(int fd)
{
	static char data[64 << 10];
	ssize_t got;
	do {
		got = read(fd, data, sizeof data);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			fail("the server closed a connection");
		for (ssize_t done = 0; done < got;)
			done += take_octets(fd, data + done, got - done);
	} while (got == sizeof data);
}

static void subscribe_all(int poll, int port)
{
	struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
	for (int i = 0; i < subscribers; i++) {
		int fd = dial(loopback, port);
		conns[fd].subscriber = i;
		if (write(fd, hello, sizeof hello - 1) != sizeof hello - 1)
			fail("write: %s", strerror(errno));
		watch(poll, fd, EPOLLIN | EPOLLET);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3 || (subscribers = atoi(argv[2])) < 1 || subscribers > max_satellites)
		fail("want a port and a number of subscribers, at most %d", max_satellites);
	all_descriptors();
	int poll = epoll_create1(EPOLL_CLOEXEC);
	subscribe_all(poll, atoi(argv[1]));
	watch(poll, STDIN_FILENO, EPOLLIN);
	for (;;) {
		struct epoll_event events[max_events];
		int n = epoll_wait(poll, events, max_events, -1);
		if (n < 0 && errno != EINTR)
			fail("epoll_wait: %s", strerror(errno));
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd != STDIN_FILENO)
				read_messages(events[i].data.fd);
			else if (!tally_command(next_line()))
				fail("unknown command");
		}
	}
}
