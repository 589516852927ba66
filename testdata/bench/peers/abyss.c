/* abyss is xmlrpc-c's own server with the methods ping and test, at its best:
 * connections are kept for any number of calls, there is room for all of them
 * at once, and no answer waits for an acknowledgement (TCP_NODELAY). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <xmlrpc-c/base.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

static void fail(const char *why)
{
	fprintf(stderr, "abyss: %s\n", why);
	exit(1);
}

static void check(const xmlrpc_env *env)
{
	if (env->fault_occurred)
		fail(env->fault_string);
}

static xmlrpc_value *ping(xmlrpc_env *env, xmlrpc_value *params, void *server, void *call)
{
	(void)params, (void)server, (void)call;
	return xmlrpc_string_new(env, "OK");
}

static xmlrpc_value *test(xmlrpc_env *env, xmlrpc_value *params, void *server, void *call)
{
	(void)server, (void)call;
	xmlrpc_value *first = NULL;
	xmlrpc_array_read_item(env, params, 0, &first);
	return first;
}

static int listener(int *port)
{
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof at;
	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) || bind(fd, (struct sockaddr *)&at, sizeof at) ||
	    getsockname(fd, (struct sockaddr *)&at, &length) || listen(fd, 256))
		fail("cannot listen");
	*port = ntohs(at.sin_port);
	return fd;
}

int main(void)
{
	static const struct xmlrpc_method_info3 methods[] = {
		{.methodName = "ping", .methodFunction = ping},
		{.methodName = "test", .methodFunction = test},
	};
	xmlrpc_env env;
	xmlrpc_env_init(&env);
	xmlrpc_limit_set(XMLRPC_XML_SIZE_LIMIT_ID, 8 << 20);
	xmlrpc_server_abyss_global_init(&env);
	check(&env);
	xmlrpc_registry *registry = xmlrpc_registry_new(&env);
	check(&env);
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		xmlrpc_registry_add_method3(&env, registry, &methods[i]);
		check(&env);
	}
	int port, fd = listener(&port);
	xmlrpc_server_abyss_parms parms = {
		.registryP = registry,
		.socket_bound = 1,
		.socket_handle = fd,
		.uri_path = "/RPC2",
		.keepalive_timeout = 3600,
		.keepalive_max_conn = 1 << 30, /* calls on one connection */
		.timeout = 3600,
		.max_conn = 256,
		.max_conn_backlog = 256,
		.dont_advertise = 1,
	};
	unsigned int major, minor, point;
	xmlrpc_version(&major, &minor, &point);
	printf("xmlrpc-c %u.%u.%u at http://127.0.0.1:%d/\n", major, minor, point, port);
	fflush(stdout);
	xmlrpc_server_abyss(&env, &parms, XMLRPC_APSIZE(max_conn_backlog));
	check(&env);
	return 0;
}
