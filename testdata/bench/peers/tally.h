/* tally.h: counts what comes to satellites, and tells when all that is
 * expected has come.
 *
 *   expect KIND EACH SATELLITES WHOM   answer: ready. From now on WHOM of the
 *       first SATELLITES (all, live or hung) are to get EACH of KIND. When
 *       all have got them: reached TIME MOST, with the time of the last, and
 *       how many came to the one that got most.
 *   enough   stop waiting. Answer, unless reached was told: short MISSING
 *
 * Satellites whose number can be divided by `every` are the hung ones. */

enum kind { other, notify, ping };

static struct {
	enum kind kind;
	int each, satellites, every;
	char whom; /* a, l, h */
	long missing;
	int waiting; /* nobody knows yet that nothing is missing */
	int got[max_satellites];
} tally;

static int is_hung(int satellite) { return tally.every > 0 && satellite >= 0 && satellite % tally.every == 0; }

static int is_wanted(int satellite)
{
	return satellite >= 0 && satellite < tally.satellites && (tally.whom == 'a' || is_hung(satellite) == (tally.whom == 'h'));
}

static void tell_reached(void)
{
	long long at = now();
	int most = 0;
	for (int i = 0; i < tally.satellites; i++)
		if (is_wanted(i) && tally.got[i] > most)
			most = tally.got[i];
	tally.waiting = 0;
	say("reached %lld %d", at, most);
}

/* count notes that something came. More than expected counts only as most. */
static void count(int satellite, enum kind kind)
{
	if (kind != tally.kind || !is_wanted(satellite) || ++tally.got[satellite] > tally.each)
		return;
	if (--tally.missing == 0 && tally.waiting)
		tell_reached();
}

static enum kind kind_named(const char *name)
{
	return strcmp(name, "notify") == 0 ? notify : strcmp(name, "ping") == 0 ? ping : other;
}

/* tally_command reports whether line was one for the tally. */
static int tally_command(const char *line)
{
	char name[16], whom[16];
	int each, satellites;
	if (sscanf(line, "expect %15s %d %d %15s", name, &each, &satellites, whom) == 4) {
		if (satellites > max_satellites)
			fail("%d satellites are too many", satellites);
		memset(tally.got, 0, sizeof tally.got);
		tally.kind = kind_named(name), tally.each = each, tally.satellites = satellites, tally.whom = *whom;
		tally.missing = 0, tally.waiting = 1;
		for (int i = 0; i < satellites; i++)
			tally.missing += is_wanted(i) ? each : 0;
		say("ready");
		return 1;
	}
	if (strcmp(line, "enough") == 0) {
		if (tally.waiting)
			say("short %ld", tally.missing);
		tally.waiting = 0;
		return 1;
	}
	return 0;
}
