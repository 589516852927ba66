/* The library xmlrpc-c as a client of co2: calls URL */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xmlrpc-c/base.h>
#include <xmlrpc-c/client.h>

static xmlrpc_client *client;
static const char *url;

static int same(xmlrpc_env *env, xmlrpc_value *a, xmlrpc_value *b);

static int same_strings(xmlrpc_env *env, xmlrpc_value *a, xmlrpc_value *b)
{
	size_t m = 0, n = 0;
	const char *s = NULL, *t = NULL;
	xmlrpc_read_string_lp(env, a, &m, &s);
	xmlrpc_read_string_lp(env, b, &n, &t);
	int equal = !env->fault_occurred && m == n && memcmp(s, t, n) == 0;
	free((void *)s);
	free((void *)t);
	return equal;
}

static int same_octets(xmlrpc_env *env, xmlrpc_value *a, xmlrpc_value *b)
{
	size_t m = 0, n = 0;
	const unsigned char *s = NULL, *t = NULL;
	xmlrpc_read_base64(env, a, &m, &s);
	xmlrpc_read_base64(env, b, &n, &t);
	int equal = !env->fault_occurred && m == n && memcmp(s, t, n) == 0;
	free((void *)s);
	free((void *)t);
	return equal;
}

static int same_dates(xmlrpc_env *env, xmlrpc_value *a, xmlrpc_value *b)
{
	xmlrpc_datetime s = {0}, t = {0};
	xmlrpc_read_datetime(env, a, &s);
	xmlrpc_read_datetime(env, b, &t);
	return s.Y == t.Y && s.M == t.M && s.D == t.D && s.h == t.h && s.m == t.m && s.s == t.s && s.u == t.u;
}

static int same_numbers(xmlrpc_env *env, xmlrpc_value *a, xmlrpc_value *b)
{
	int i = 0, j = 0;
	xmlrpc_int64 k = 0, l = 0;
	xmlrpc_bool p = 0, q = 0;
	double x = 0, y = 0;
	switch (xmlrpc_value_type(a)) {
	case XMLRPC_TYPE_INT:
		xmlrpc_read_int(env, a, &i);
		xmlrpc_read_int(env, b, &j);
		return i == j;
	case XMLRPC_TYPE_I8:
		xmlrpc_read_i8(env, a, &k);
		xmlrpc_read_i8(env, b, &l);
		return k == l;
	case XMLRPC_TYPE_BOOL:
		xmlrpc_read_bool(env, a, &p);
		xmlrpc_read_bool(env, b, &q);
		return p == q;
	default:
		xmlrpc_read_double(env, a, &x);
		xmlrpc_read_double(env, b, &y);
		return x == y;
	}
}

static int same_items(xmlrpc_env *env, xmlrpc_value *a, xmlrpc_value *b)
{
	int size = xmlrpc_array_size(env, a);
	int equal = size == xmlrpc_array_size(env, b);
	for (int i = 0; equal && i < size; i++) {
		xmlrpc_value *s, *t;
		xmlrpc_array_read_item(env, a, i, &s);
		xmlrpc_array_read_item(env, b, i, &t);
		equal = same(env, s, t);
		xmlrpc_DECREF(s);
		xmlrpc_DECREF(t);
	}
	return equal;
}

static int same_members(xmlrpc_env *env, xmlrpc_value *a, xmlrpc_value *b)
{
	int size = xmlrpc_struct_size(env, a);
	int equal = size == xmlrpc_struct_size(env, b);
	for (int i = 0; equal && i < size; i++) {
		xmlrpc_value *name, *s, *t;
		xmlrpc_struct_read_member(env, a, i, &name, &s);
		xmlrpc_struct_find_value_v(env, b, name, &t);
		equal = t && same(env, s, t);
		xmlrpc_DECREF(name);
		xmlrpc_DECREF(s);
		if (t)
			xmlrpc_DECREF(t);
	}
	return equal;
}

static int same(xmlrpc_env *env, xmlrpc_value *a, xmlrpc_value *b)
{
	if (xmlrpc_value_type(a) != xmlrpc_value_type(b))
		return 0;
	switch (xmlrpc_value_type(a)) {
	case XMLRPC_TYPE_NIL:
		return 1;
	case XMLRPC_TYPE_STRING:
		return same_strings(env, a, b);
	case XMLRPC_TYPE_BASE64:
		return same_octets(env, a, b);
	case XMLRPC_TYPE_DATETIME:
		return same_dates(env, a, b);
	case XMLRPC_TYPE_ARRAY:
		return same_items(env, a, b);
	case XMLRPC_TYPE_STRUCT:
		return same_members(env, a, b);
	default:
		return same_numbers(env, a, b);
	}
}

/* told says how a check went: good, or why not. */
static void told(xmlrpc_env *env, const char *check, int good, const char *why)
{
	if (env->fault_occurred)
		printf("no %s %s\n", check, env->fault_string);
	else if (!good)
		printf("no %s %s\n", check, why);
	else
		printf("ok %s\n", check);
}

/* echo sends values, one after the other; env tells whether they could be built. */
static void echo(xmlrpc_env *env, const char *check, xmlrpc_value *values[])
{
	int good = 1;
	for (int i = 0; good && !env->fault_occurred && values[i]; i++) {
		xmlrpc_value *got = NULL;
		xmlrpc_client_call2f(env, client, url, "test", &got, "(V)", values[i]);
		if (env->fault_occurred)
			break;
		good = same(env, values[i], got);
		xmlrpc_DECREF(got);
	}
	told(env, check, good, "another value came back");
	xmlrpc_env_clean(env);
	xmlrpc_env_init(env);
}

#define VALUE(...) xmlrpc_build_value(env, __VA_ARGS__)
#define ECHO(check, ...) echo(env, check, (xmlrpc_value *[]){__VA_ARGS__, NULL})

static void values(xmlrpc_env *env)
{
	unsigned char octets[256];
	for (int i = 0; i < 256; i++)
		octets[i] = i;
	ECHO("int", VALUE("i", (xmlrpc_int32)XMLRPC_INT32_MAX));
	ECHO("negative", VALUE("i", (xmlrpc_int32)XMLRPC_INT32_MIN));
	ECHO("i8", VALUE("I", (xmlrpc_int64)9007199254740991));
	ECHO("boolean", VALUE("b", (xmlrpc_bool)1), VALUE("b", (xmlrpc_bool)0));
	ECHO("string", VALUE("s", "hello"));
	ECHO("markup", VALUE("s", "a<b>&\"c'"), VALUE("s", "]]>"));
	ECHO("unicode", VALUE("s", "é 日本"));
	ECHO("astral", VALUE("s", "😀"));
	ECHO("empty-string", VALUE("s", ""));
	ECHO("spaces", VALUE("s", "  a\nb  "));
	ECHO("double", VALUE("d", 0.1), VALUE("d", -1234.0625));
	ECHO("datetime", VALUE("8", "19980717T14:08:55"));
	ECHO("base64", VALUE("6", octets, sizeof octets));
	ECHO("array", VALUE("(isb)", (xmlrpc_int32)1, "two", (xmlrpc_bool)1));
	ECHO("empty-array", VALUE("()"));
	ECHO("struct", VALUE("{s:i,s:s}", "one", (xmlrpc_int32)1, "two", "zwei"));
	ECHO("empty-struct", VALUE("{}"));
	ECHO("nested", VALUE("{s:({s:(i(i()))}s),s:{s:{s:i}}}", "list", "deep", (xmlrpc_int32)1, (xmlrpc_int32)2, "x",
			     "struct", "inner", "n", (xmlrpc_int32)-1));
	ECHO("nil", VALUE("n"));
}

static void list(void)
{
	xmlrpc_env env;
	xmlrpc_env_init(&env);
	xmlrpc_value *names = NULL;
	int found = 0;
	xmlrpc_client_call2f(&env, client, url, "system.listMethods", &names, "()");
	for (int i = 0, n = names ? xmlrpc_array_size(&env, names) : 0; i < n; i++) {
		xmlrpc_value *item;
		const char *name;
		xmlrpc_array_read_item(&env, names, i, &item);
		xmlrpc_read_string(&env, item, &name);
		found += !strcmp(name, "relay.register") || !strcmp(name, "ping");
		free((void *)name);
		xmlrpc_DECREF(item);
	}
	told(&env, "list", found == 2, "relay.register or ping is missing");
	xmlrpc_env_clean(&env);
}

static void fault(void)
{
	xmlrpc_env env, fine;
	xmlrpc_env_init(&env);
	xmlrpc_env_init(&fine);
	xmlrpc_value *got = NULL;
	xmlrpc_client_call2f(&env, client, url, "no.such", &got, "()");
	told(&fine, "fault", env.fault_occurred && env.fault_code == -32601,
	     env.fault_occurred ? env.fault_string : "no fault");
	xmlrpc_env_clean(&env);
}

static void multicall(void)
{
	xmlrpc_env env;
	xmlrpc_env_init(&env);
	xmlrpc_value *got = NULL;
	const char *pong = "", *echoed = "";
	xmlrpc_int32 code = 0;
	xmlrpc_client_call2f(&env, client, url, "system.multicall", &got, "(({s:s,s:()}{s:s,s:(s)}{s:s,s:()}))",
			     "methodName", "ping", "params", "methodName", "test", "params", "x",
			     "methodName", "no.such", "params");
	if (!env.fault_occurred)
		xmlrpc_decompose_value(&env, got, "((s)(s){s:i,*})", &pong, &echoed, "faultCode", &code);
	told(&env, "multicall", !strcmp(pong, "OK") && !strcmp(echoed, "x") && code == -32601, "other results");
	xmlrpc_env_clean(&env);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	url = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	xmlrpc_env env;
	xmlrpc_env_init(&env);
	xmlrpc_client_setup_global_const(&env);
	xmlrpc_client_create(&env, XMLRPC_CLIENT_NO_FLAGS, "co2-client", "1", NULL, 0, &client);
	if (env.fault_occurred) {
		fprintf(stderr, "%s\n", env.fault_string);
		return 1;
	}
	unsigned int major, minor, point;
	xmlrpc_client_version(&major, &minor, &point);
	printf("version xmlrpc-c %u.%u.%u\n", major, minor, point);
	values(&env);
	list();
	fault();
	multicall();
	return 0;
}
