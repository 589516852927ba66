/* Abyss, the server of xmlrpc-c, as a satellite: satellite URL */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xmlrpc-c/base.h>
#include <xmlrpc-c/client.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

static void must(xmlrpc_env *env)
{
	if (env->fault_occurred) {
		fprintf(stderr, "%s\n", env->fault_string);
		exit(1);
	}
}

static xmlrpc_value *ping(xmlrpc_env *env, xmlrpc_value *params, void *server, void *call)
{
	(void)params, (void)server, (void)call;
	return xmlrpc_string_new(env, "OK");
}

static xmlrpc_value *notify(xmlrpc_env *env, xmlrpc_value *params, void *server, void *call)
{
	(void)server, (void)call;
	const char *sender, *text;
	xmlrpc_decompose_value(env, params, "({s:s,s:{s:s,*},*})", "host_id", &sender, "data", "text", &text);
	if (env->fault_occurred)
		return NULL;
	printf("notify %s %s\n", sender, text);
	free((void *)sender);
	free((void *)text);
	return xmlrpc_string_new(env, "OK");
}

/* bound returns a listening socket with a free port. */
static int bound(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, 16) ||
	    getsockname(fd, (struct sockaddr *)&address, &size)) {
		perror("listen");
		exit(1);
	}
	*port = ntohs(address.sin_port);
	return fd;
}

static xmlrpc_server_abyss_t *served(xmlrpc_env *env, int fd)
{
	static const struct xmlrpc_method_info3 methods[] = {
		{.methodName = "ping", .methodFunction = ping},
		{.methodName = "notify", .methodFunction = notify},
	};
	xmlrpc_registry *registry = xmlrpc_registry_new(env);
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		xmlrpc_registry_add_method3(env, registry, &methods[i]);
	xmlrpc_server_abyss_parms parms = {.registryP = registry, .socket_bound = 1, .socket_handle = fd};
	xmlrpc_server_abyss_t *server;
	xmlrpc_server_abyss_create(env, &parms, XMLRPC_APSIZE(socket_handle), &server);
	must(env);
	return server;
}

static void *run(void *server)
{
	xmlrpc_env env;
	xmlrpc_env_init(&env);
	xmlrpc_server_abyss_run_server(&env, server);
	must(&env);
	return NULL;
}

static void enter(xmlrpc_env *env, const char *url, int port)
{
	xmlrpc_client *client;
	xmlrpc_value *answer;
	const char *id;
	xmlrpc_client_create(env, XMLRPC_CLIENT_NO_FLAGS, "co2-client", "1", NULL, 0, &client);
	must(env);
	xmlrpc_client_call2f(env, client, url, "relay.register", &answer, "({s:i,s:s})", "port", (xmlrpc_int32)port,
			     "nick", "xmlrpc-c");
	must(env);
	xmlrpc_read_string(env, answer, &id);
	must(env);
	printf("registered %s\n", id);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	xmlrpc_env env;
	xmlrpc_env_init(&env);
	xmlrpc_client_setup_global_const(&env);
	xmlrpc_server_abyss_global_init(&env);
	must(&env);
	int port;
	int fd = bound(&port);
	pthread_t serving;
	pthread_create(&serving, NULL, run, served(&env, fd));
	enter(&env, argv[1], port);
	char unread[4096];
	while (read(STDIN_FILENO, unread, sizeof unread) > 0)
		;
	return 0;
}
