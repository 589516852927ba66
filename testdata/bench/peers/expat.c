/* expat FILE reads a document, then serves one measurement a line: the line
 * says for how many nanoseconds to go on parsing it, with handlers that do
 * nothing, and the answer says how many documents that was and how many
 * nanoseconds it took. */
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void XMLCALL start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	(void)data, (void)name, (void)attributes;
}

static void XMLCALL end(void *data, const XML_Char *name)
{
	(void)data, (void)name;
}

static void XMLCALL text(void *data, const XML_Char *s, int length)
{
	(void)data, (void)s, (void)length;
}

static void fail(const char *why)
{
	fprintf(stderr, "expat: %s\n", why);
	exit(1);
}

static char *slurp(const char *path, int *length)
{
	FILE *f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END))
		fail("cannot open the document");
	*length = (int)ftell(f);
	rewind(f);
	char *doc = malloc(*length);
	if (!doc || fread(doc, 1, *length, f) != (size_t)*length)
		fail("cannot read the document");
	fclose(f);
	return doc;
}

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		fail("want the file of a document");
	int length;
	char *doc = slurp(argv[1], &length);
	XML_Parser parser = XML_ParserCreate(NULL);
	if (!parser)
		fail("no memory");
	printf("expat %d.%d.%d\n", XML_MAJOR_VERSION, XML_MINOR_VERSION, XML_MICRO_VERSION);
	fflush(stdout);
	long long budget;
	while (scanf("%lld", &budget) == 1) {
		long long documents = 0, began = now(), took;
		do {
			XML_ParserReset(parser, NULL); /* one parser, used again: its best */
			XML_SetElementHandler(parser, start, end);
			XML_SetCharacterDataHandler(parser, text);
			if (XML_Parse(parser, doc, length, 1) != XML_STATUS_OK)
				fail(XML_ErrorString(XML_GetErrorCode(parser)));
			documents++;
			took = now() - began;
		} while (took < budget);
		printf("%lld %lld\n", documents, took);
		fflush(stdout);
	}
	return 0;
}
