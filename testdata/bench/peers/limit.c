/* limit PORT SATELLITES shows what kept connections can do: one to each
 * satellite of a sink, one epoll loop, no more work than system calls. A
 * delivery is one write of a prepared request and one read of the answer,
 * with WINDOW deliveries under way.
 *
 *   request LENGTH   then the request, LENGTH octets, and a line end. Answer:
 *                    ready
 *   round TIMES      delivers it to every satellite so many times. Answer,
 *                    when all answers are read: done
 *   spread STEPS MILLISECONDS   the same once, in so many steps, each so long
 *                    after the one before */
#define _GNU_SOURCE
#include "peer.h"

enum { window = 128 };

static struct {
	char *octets;
	size_t length;
} request;

static int satellites, poll, fds[max_satellites], owner[max_fds];
static size_t due[max_satellites]; /* octets of the answer that is still to come; 0: none */
static size_t answer;              /* length of an answer, once one has come */

static void connect_all(int port)
{
	for (int i = 0; i < satellites; i++) {
		fds[i] = dial(satellite_address(i), port);
		owner[fds[i]] = i;
		watch(poll, fds[i], EPOLLIN | EPOLLET);
	}
}

static void read_request(size_t length)
{
	free(request.octets);
	request.octets = malloc(length);
	request.length = length;
	answer = 0;
	for (size_t n = 0; n < length;) {
		ssize_t got = read(STDIN_FILENO, request.octets + n, length - n);
		if (got <= 0)
			exit(0);
		n += got;
	}
	next_line();
	say("ready");
}

/* whole_answer is the length of the answer that begins with data. */
static size_t whole_answer(const char *data, size_t length)
{
	static const char name[] = "Content-Length: ";
	const char *end = memmem(data, length, "\r\n\r\n", 4), *at = memmem(data, length, name, sizeof name - 1);
	if (!end || !at)
		fail("not an answer: %.*s", (int)length, data);
	return end + 4 - data + strtoul(at + sizeof name - 1, NULL, 10);
}

static void send_to(int satellite)
{
	if (send(fds[satellite], request.octets, request.length, MSG_NOSIGNAL) != (ssize_t)request.length)
		fail("send: %s", strerror(errno));
	due[satellite] = answer ? answer : SIZE_MAX;
}

/* read_from reports whether the answer of a satellite has come. */
static int read_from(int satellite)
{
	char data[4096];
	ssize_t got = recv(fds[satellite], data, sizeof data, 0);
	if (got < 0 && errno == EAGAIN)
		return 0;
	if (got <= 0)
		fail("recv: %s", got < 0 ? strerror(errno) : "closed");
	if (due[satellite] == SIZE_MAX)
		due[satellite] = answer = whole_answer(data, got);
	if ((size_t)got > due[satellite])
		fail("more than an answer: %.*s", (int)got, data);
	return (due[satellite] -= got) == 0;
}

/* deliver delivers from one satellite on. */
static void deliver(long first, long deliveries)
{
	struct epoll_event events[max_events];
	long begun = first, ended = first;
	for (deliveries += first; ended < deliveries;) {
		for (; begun < deliveries && begun - ended < window && due[begun % satellites] == 0; begun++)
			send_to(begun % satellites);
		int n = epoll_wait(poll, events, max_events, -1);
		if (n < 0 && errno != EINTR)
			fail("epoll_wait: %s", strerror(errno));
		for (int i = 0; i < n; i++)
			ended += read_from(owner[events[i].data.fd]);
	}
}

static void spread(int steps, int milliseconds)
{
	long long at = now();
	for (int i = 0; i < steps; i++) {
		long first = (long)satellites * i / steps, end = (long)satellites * (i + 1) / steps;
		deliver(first, end - first);
		at += milliseconds * 1000000LL;
		struct timespec then = {at / 1000000000, at % 1000000000};
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3 || (satellites = atoi(argv[2])) < 1 || satellites > max_satellites)
		fail("want a port and a number of satellites, at most %d", max_satellites);
	all_descriptors();
	poll = epoll_create1(EPOLL_CLOEXEC);
	connect_all(atoi(argv[1]));
	say("limit");
	for (;;) {
		const char *line = next_line();
		size_t length;
		long times;
		int steps, milliseconds;
		if (sscanf(line, "request %zu", &length) == 1) {
			read_request(length);
		} else if (sscanf(line, "round %ld", &times) == 1 && request.length > 0) {
			deliver(0, times * satellites);
			say("done");
		} else if (sscanf(line, "spread %d %d", &steps, &milliseconds) == 2 && request.length > 0) {
			spread(steps, milliseconds);
			say("done");
		} else
			fail("unknown command %s", line);
	}
}
