// SPDX-License-Identifier: Apache-2.0
/* What can be requested: words with a NUL each, and a reply that ends with "ok" or "error". */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS 4096
#define PARAMETERS "/sys/module/device_link/parameters"
#define NO_KPROBES "this kernel has no kprobes, without which none can be watched: set CONFIG_KPROBES=y in its configuration"
#define HOLDOFF "/sys/module/srcutree/parameters/exp_holdoff"

bool (*reply)(char kind, const void *payload, size_t length);
void (*replied)(void);
bool own;

static const uint8_t *content;
static size_t content_size;
static char answer[8192];
static size_t answer_size;
static struct lrw_stats armed;

__attribute__((format(printf, 1, 2)))
static void add_word(const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(answer + answer_size, sizeof(answer) - answer_size, format, arguments);
	va_end(arguments);
	answer_size += length;
	if (answer_size >= sizeof(answer))
		answer_size = sizeof(answer) - 1;
	answer_size++;
}

__attribute__((format(printf, 1, 2)))
static int fail(const char *format, ...)
{
	va_list arguments;
	char why[1024];

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	answer_size = 0;
	add_word("error");
	add_word("%s", why);
	return -1;
}

static int do_file(char **words)
{
	const char *name = words[1];
	char path[PATH_MOST];
	int fd;

	if (!*name || *name == '.' || strchr(name, '/') || strlen(name) > 200)
		return fail("\"%s\" is no name of a file", name);
	if (mkdir(in(path, FOLDER), 0700) && errno != EEXIST)
		return fail("cannot make %s: %s", path, strerror(errno));
	fd = open(in(path, FOLDER "/%s", name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail("cannot write %s: %s", path, strerror(errno));
	for (size_t done = 0; done < content_size; ) {
		ssize_t part = write(fd, content + done, content_size - done);

		if (part < 0 && errno != EINTR) {
			int error = errno;

			close(fd);
			return fail("cannot write %s: %s", path, strerror(error));
		}
		if (part > 0)
			done += part;
	}
	if (close(fd))
		return fail("cannot write %s: %s", path, strerror(errno));
	return 0;
}

/* Reads what was recorded, no more than the ring holds: others may go on. */
void drain(bool keep)
{
	static uint8_t records[64 << 10] __attribute__((aligned(8)));
	uint64_t left = armed.ring + sizeof(records);
	ssize_t size;

	while (left >= sizeof(records) && (size = watcher_read(records, sizeof(records))) > 0) {
		records_take(records, size, keep);
		left -= size;
	}
}

/*
 * Where the running kernel has a symbol, 0 if it does not say: only it knows
 * where addresses are random. What was asked for last is remembered.
 */
static uint64_t address_of(const char *symbol)
{
	static char known[LRW_WORD];
	static uint64_t address;
	char path[PATH_MOST], line[512], name[256];
	FILE *symbols;

	if (!strcmp(symbol, known))
		return address;
	snprintf(known, sizeof(known), "%s", symbol);
	address = 0;
	symbols = fopen(in(path, "/proc/kallsyms"), "re");
	while (symbols && !address && fgets(line, sizeof(line), symbols)) {
		unsigned long long at;

		if (sscanf(line, "%llx %*c %255s", &at, name) == 2 && !strcmp(name, symbol) &&
		    !strchr(line, '['))
			address = at;
	}
	if (symbols)
		fclose(symbols);
	return address;
}

static int do_arm(char **words)
{
	char parameters[128] = "", why[256];
	const struct event *events = (const void *)content;
	int number = content_size / sizeof(*events), error;

	own = false;
	state_forget();
	for (int i = 1; words[i]; i++) {
		size_t used = strlen(parameters);

		if (i == 1 && !strcmp(words[i], "own"))
			own = true;
		else if (snprintf(parameters + used, sizeof(parameters) - used, "%s%s", used ? " " : "",
				  words[i]) >= (int)(sizeof(parameters) - used))
			return fail("the watcher's parameters are too long");
	}
	if (content_size % sizeof(*events) || number > LRW_PROBES)
		return fail("%zu bytes are no probes: each has %zu, and there are %d at most",
			    content_size, sizeof(*events), LRW_PROBES);
	if (watcher_open(parameters, why, sizeof(why)))
		return fail("%s", why);
	error = watcher_call(LRW_RESET, NULL);
	if (error < 0)
		return fail("the watcher cannot be reset: %s", strerror(-error));
	steps_armed(events, number);
	for (int i = 0; i < number; i++) {
		struct lrw_probe probe = event_numbered(i)->probe;

		if (probe.filter == LRW_IS && *probe.match) {
			uint64_t address = address_of(probe.match);

			probe.number = address ? address : probe.number;
		}
		error = watcher_call(LRW_PROBE, &probe);
		if (error == -EOPNOTSUPP)
			return fail(NO_KPROBES);
		if (error < 0)
			return fail("this kernel takes no probe %s at %.*s: %s", event_numbered(i)->name,
				    LRW_WORD, *probe.symbol ? probe.symbol : "a tracepoint", strerror(-error));
		if (error != i)
			return fail("the watcher numbers probe %d as %d", i, error);
	}
	error = watcher_call(LRW_ON, NULL);
	if (error == -EOPNOTSUPP)
		return fail(NO_KPROBES);
	if (error < 0)
		return fail("the watcher cannot be turned on: %s", strerror(-error));
	error = watcher_call(LRW_STATS, &armed);
	if (error < 0)
		return fail("the watcher does not say how it is: %s", strerror(-error));
	records_reset();
	if (rest())
		return fail("kobjects were released all the time for over 100 s");
	add_word("%s", armed.hook ? "hook" : "kprobes");
	add_word("%s", armed.exact ? "exact" : "inexact");
	return 0;
}

static int need_watcher(void)
{
	return watcher_is_open() ? 0 : fail("nothing is armed");
}

static int do_watch(char **words)
{
	int error;

	if (need_watcher())
		return -1;
	error = watcher_call(LRW_UNBASE, NULL);
	if (error < 0)
		return fail("the watcher cannot forget nodes: %s", strerror(-error));
	for (int i = 1; words[i]; i++) {
		struct lrw_node node = { "" };
		struct lrw_name name = { "" };

		if (*words[i] != '/') {
			if (strlen(words[i]) >= sizeof(name.name))
				return fail("the name of a device is too long: %.100s...", words[i]);
			strcpy(name.name, words[i]);
			error = watcher_call(LRW_NAMED, &name);
			if (error < 0)
				return fail("the device %s cannot be watched: %s", words[i], strerror(-error));
			continue;
		}
		if (strlen(words[i]) >= sizeof(node.path))
			return fail("the path of a node is too long: %.100s...", words[i]);
		strcpy(node.path, words[i]);
		error = watcher_call(LRW_BASE, &node);
		if (error < 0)
			return fail("the node %s cannot be watched: %s", words[i], strerror(-error));
	}
	return 0;
}

/* Sets a parameter and adds what it is then to a line. */
static int set(const char *file, const char *value, char *line, size_t size, const char *what)
{
	char path[PATH_MOST], text[64];
	size_t used = strlen(line);
	int error;

	snprintf(text, sizeof(text), "%s\n", value);
	error = put_text(in(path, "%s", file), text);
	if (!error)
		error = get_line(path, text, sizeof(text));
	if (error)
		return fail("this kernel has no such %s: cannot set %s to %s: %s", what, path, value,
			    strerror(-error));
	snprintf(line + used, size - used, "%s%s", used ? " " : "", text);
	return 0;
}

static int do_policy(char **words)
{
	char line[256] = "";

	if (set(PARAMETERS "/release", words[1], line, sizeof(line), "policy") ||
	    set(PARAMETERS "/fix", words[2], line, sizeof(line), "policy") ||
	    set(HOLDOFF, words[3], line, sizeof(line), "policy"))
		return -1;
	add_word("%s", line);
	return 0;
}

static int do_grace(char **words)
{
	char line[256] = "";

	if (set(HOLDOFF, words[1], line, sizeof(line), "timing"))
		return -1;
	add_word("%s", line);
	return 0;
}

struct lines { char text[FRAME_MOST]; size_t size; };

__attribute__((format(printf, 2, 3)))
static void add_line(struct lines *lines, const char *format, ...)
{
	size_t room = sizeof(lines->text) - lines->size;
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = vsnprintf(lines->text + lines->size, room, format, arguments);
	va_end(arguments);
	lines->size += length < room ? length : 0;
}

/* What is told of a cycle at its end. */
static struct lines results, cycle;
static struct lrw_stats from;
static unsigned int unmarked;

static bool cycle_told(void)
{
	struct lrw_stats to = { 0 };

	cycle.size = 0;
	drain(true);
	watcher_call(LRW_STATS, &to);
	records_send();
	to.lost += records_unknown() + unmarked;
	if (to.lost != from.lost)
		add_line(&cycle, "# lost %llu\n", to.lost - from.lost);
	if (to.missed != from.missed)
		add_line(&cycle, "# missed %llu\n", to.missed - from.missed);
	if (to.objects_full != from.objects_full)
		add_line(&cycle, "# unwatched %llu\n", to.objects_full - from.objects_full);
	if (armed.exact && !to.exact)
		add_line(&cycle, "# inexact\n");
	add_line(&cycle, "%.*s", (int)results.size, results.text);
	return reply('C', cycle.text, cycle.size);
}

/* The kernel does not come back from a step: this is the end of its request, and the last of all. */
static void stands(const char *step, pid_t task, const char *functions)
{
	unmarked += watcher_mark("stands step=%s pid=%d in=%.900s", step, task, functions) < 0;
	stand_others();
	stand_files();
	unmarked += watcher_mark("end %s stands", step) < 0;
	add_line(&results, "%s stands\n", step);
	cycle_told();
	answer_size = 0;
	add_word("ok");
	add_word("1");
	reply('R', answer, answer_size);
	if (replied)
		replied();
}

/* The task that takes something away, 0 if none does: a driver may take its time to probe, but not to go. */
static pid_t goes(const char *step)
{
	if (!strncmp(step, "remove=", 7) || !strncmp(step, "unbind=", 7) || !strncmp(step, "unload=", 7))
		return gettid();
	return strncmp(step, "finish=remove=", 14) ? 0 : step_task(step + 7);
}

/*
 * One cycle; false if a step's result does not begin as it should, or nobody listens.
 * After it, what is there is compared with what was there before, if that is asked for.
 */
static bool do_cycle(char **steps, bool compared, bool impatient)
{
	char result[RESULT_MOST];
	bool good = true, there = true;

	results.size = unmarked = 0;
	drain(false);
	if (records_crowded()) {
		records_forget();
		watcher_call(LRW_FORGET, NULL);
		drain(false);
	}
	watcher_call(LRW_STATS, &from);
	records_begin(micros());
	steps_begin();
	for (int i = 0; steps[i]; i += 2) {
		pid_t watched = impatient ? goes(steps[i]) : 0;

		unmarked += watcher_mark("begin %s", steps[i]) < 0;
		/* Else this task is in the kernel while it is told for it. */
		records_left = watched && watched != gettid();
		if (watched)
			stand_begin(steps[i], watched, stands);
		/* Nobody waits for what is not there. */
		if (!there && !strncmp(steps[i], "pause=", 6))
			snprintf(result, sizeof(result), "refused: nothing was applied");
		else
			step_do(steps[i], result);
		there &= strncmp(steps[i], "apply=", 6) || !strncmp(result, "applied", 7);
		if (watched)
			stand_end();
		records_left = false;
		unmarked += watcher_mark("end %s %s", steps[i], result) < 0;
		add_line(&results, "%s %s\n", steps[i], result);
		good &= !strncmp(result, steps[i + 1], strlen(steps[i + 1]));
	}
	release_all();
	if (compared)
		state_end();
	return cycle_told() && good;
}

static int do_steps(char **words)
{
	bool first = strchr(words[1], '+'), last = strchr(words[1], '='), impatient = strchr(words[1], '!');
	long cycles = atol(words[1]), done = 0;

	if (need_watcher())
		return -1;
	if (first)
		state_begin();
	for (int i = 2; words[i]; i += 2)
		if (!words[i + 1])
			return fail("steps: a number, and steps and results in pairs");
	while (done < cycles) {
		done++;
		if (!do_cycle(words + 2, (first && done == 1) || (last && done == cycles), impatient))
			break;
	}
	add_word("%ld", done);
	return 0;
}

static int do_bare(char **words)
{
	long cycles = atol(words[2]);
	char status[RESULT_MOST];
	uint64_t from;
	uint8_t *blob;
	size_t size;
	int error;

	error = get_blob(words[1], &blob, &size);
	if (error)
		return fail("cannot read %s.dtbo: %s", words[1], strerror(-error));
	if (watcher_is_open())
		watcher_call(LRW_OFF, NULL);
	from = micros();
	for (long i = 0; !error && i < cycles; i++) {
		error = overlay_apply(words[1], blob, size, status, sizeof(status));
		if (!error)
			error = overlay_remove(words[1]);
	}
	add_word("%.6f", (micros() - from) / 1e6);
	free(blob);
	if (watcher_is_open())
		watcher_call(LRW_ON, NULL);
	return error ? fail("cannot apply and remove %s: %s", words[1], strerror(-error)) : 0;
}

static struct lines left;

static void add_left(const char *name)
{
	add_line(&left, "%s\n", name);
}

static int do_idle(char **words)
{
	char path[PATH_MOST], line[512];
	FILE *modules = fopen(in(path, "/proc/modules"), "re");
	const char *step;

	(void)words;
	left.size = 0;
	overlays_each(add_left);
	while (modules && fgets(line, sizeof(line), modules)) {
		line[strcspn(line, " \n")] = 0;
		if (!strncmp(line, "lastref_", 8) && strcmp(line, "lastref_watch") && strcmp(line, "lastref_overlay"))
			add_left(line);
	}
	for (int i = 0; i < ASIDES; i++)
		if ((step = step_running(i)))
			add_left(step);
	if (modules)
		fclose(modules);
	add_word("%.*s", (int)left.size, left.text);
	return 0;
}

static int do_true(char **words)
{
	(void)words;
	return 0;
}

static int do_quit(char **words)
{
	(void)words;
	if (watcher_is_open())
		watcher_call(LRW_OFF, NULL);
	ended = true;
	return 0;
}

static const struct {
	const char *word;
	int least;	/* words */
	int (*act)(char **words);
} acts[] = {
	{ "file", 2, do_file }, { "arm", 1, do_arm }, { "watch", 1, do_watch }, { "policy", 4, do_policy },
	{ "grace", 2, do_grace }, { "steps", 4, do_steps }, { "idle", 1, do_idle }, { "bare", 3, do_bare },
	{ "true", 1, do_true }, { "quit", 1, do_quit },
};

static int act(char *text, size_t length)
{
	static char *words[WORDS + 1];
	int count = 0;

	for (char *at = text; at < text + length; at += strlen(at) + 1) {
		if (count == WORDS)
			return fail("a request has more than %d words", WORDS);
		words[count++] = at;
	}
	words[count] = NULL;
	for (size_t i = 0; count && i < sizeof(acts) / sizeof(*acts); i++)
		if (!strcmp(words[0], acts[i].word)) {
			if (count < acts[i].least)
				return fail("%s needs %d words after it", words[0], acts[i].least - 1);
			return acts[i].act(words);
		}
	return fail("the agent does not know \"%.100s\"", count ? words[0] : "");
}

void request(const char *words, size_t length, const uint8_t *bytes, size_t size)
{
	static char text[FRAME_MOST + 1];

	length = length < FRAME_MOST ? length : FRAME_MOST;
	memcpy(text, words, length);
	text[length] = 0;
	content = bytes;
	content_size = size;
	answer_size = 0;
	add_word("ok");
	act(text, length);
	reply('R', answer, answer_size);
}
