// SPDX-License-Identifier: Apache-2.0
/*
 * What is there beside references: a line each, sorted, to be compared with
 * what there was. Lists of names alone, for there are some hundred folders.
 */
#include "agent.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES 16384
#define TEXT (1 << 20)
#define TOLD 40			/* differences of each kind */
#define DANGLING "(dangling chip)"	/* a controller that is gone, and of which a line is still taken */
#define PATIENCE 10		/* looks, before what is there still is left */
#define PAUSE 50000		/* microseconds between two of them */
#define KMEMLEAK "/sys/kernel/debug/kmemleak"
#define LEAK_AGE 5500000	/* microseconds, before kmemleak tells of it: MSECS_MIN_AGE of mm/kmemleak.c */
#define LEAKS_MOST 16
#define LEAK_FRAMES 6

struct state {
	char *lines[LINES];
	int count;
	char text[TEXT];
	size_t used;
};

static struct state looks[2], *before = &looks[0], *now = &looks[1];
static bool known;

/* What finds no room is not compared. */
__attribute__((format(printf, 2, 3)))
static void add(struct state *state, const char *format, ...)
{
	size_t room = sizeof(state->text) - state->used;
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = vsnprintf(state->text + state->used, room, format, arguments);
	va_end(arguments);
	if (length >= room || state->count == LINES)
		return;
	state->lines[state->count++] = state->text + state->used;
	state->used += length + 1;
}

/* The names in a folder, below which others are; the kernel's own tracing is none of an overlay's. */
static void add_names(struct state *state, const char *kind, const char *folder, const char *below, int depth)
{
	char path[PATH_MOST], deeper[PATH_MOST];
	DIR *names = opendir(in(path, "%s/%s", folder, below));

	for (struct dirent *entry; names && (entry = readdir(names)); ) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "tracing") || !strcmp(entry->d_name, "kprobes"))
			continue;
		snprintf(deeper, sizeof(deeper), "%s%s%s", below, *below ? "/" : "", entry->d_name);
		if (depth == 1)
			add(state, "%s %s", kind, deeper);
		else
			add_names(state, kind, folder, deeper, depth - 1);
	}
	if (names)
		closedir(names);
	else if (*below && depth == 1)
		add(state, "%s %s", kind, below);	/* no folder */
}

static void add_bindings(struct state *state, const char *bus, const char *folder)
{
	char path[PATH_MOST], driver[PATH_MOST];
	DIR *devices = opendir(in(path, "%s", folder));

	for (struct dirent *device; devices && (device = readdir(devices)); ) {
		ssize_t length;

		if (device->d_name[0] == '.')
			continue;
		length = readlink(in(path, "%s/%.200s/driver", folder, device->d_name), driver, sizeof(driver) - 1);
		if (length <= 0)
			continue;
		driver[length] = 0;
		add(state, "binding %.100s %.200s to %s", bus, device->d_name, strrchr(driver, '/') ? strrchr(driver, '/') + 1 : driver);
	}
	if (devices)
		closedir(devices);
}

/* The devices of each bus, and the drivers that they are bound to. */
static void add_devices(struct state *state)
{
	char path[PATH_MOST], kind[PATH_MOST], devices[PATH_MOST];
	DIR *buses = opendir(in(path, "/sys/bus"));

	for (struct dirent *bus; buses && (bus = readdir(buses)); )
		if (bus->d_name[0] != '.') {
			snprintf(kind, sizeof(kind), "device %.200s", bus->d_name);
			snprintf(devices, sizeof(devices), "/sys/bus/%.200s/devices", bus->d_name);
			add_names(state, kind, devices, "", 1);
			add_bindings(state, bus->d_name, devices);
		}
	if (buses)
		closedir(buses);
}

/* A line without what changes from one look to the next; NULL leaves it out. */
static const char *line_of(const char *kind, char *line)
{
	char *at = line, *name, *users;

	line[strcspn(line, "\n")] = 0;
	while (isspace((unsigned char)*at))
		at++;
	if (!strcmp(kind, "line")) {		/* " gpio-496 (name |user ) in  hi" */
		if (strstr(at, DANGLING))
			return at;
		name = strchr(at, ')');
		if (strncmp(at, "gpio-", 5) || !name)
			return NULL;
		name[1] = 0;
	} else if (!strcmp(kind, "clock")) {	/* "  name  enabled prepared protected rate ..." */
		static char clock[128];
		char called[64];
		int enabled, prepared;

		if (sscanf(at, "%63s %d %d", called, &enabled, &prepared) != 3)
			return NULL;
		snprintf(clock, sizeof(clock), "%s enabled=%d prepared=%d", called, enabled, prepared);
		return clock;
	} else if (!strcmp(kind, "interrupt")) {	/* " 45: 0 12 chip 33 Level name" */
		at = strchr(at, ':');
		if (!at)
			return NULL;
		at++;
		at += strspn(at, " 0123456789");
	} else if (!strcmp(kind, "module")) {	/* "name size users ..." */
		name = strchr(at, ' ');
		users = name ? strchr(name + 1, ' ') : NULL;
		if (!users)
			return NULL;
		memmove(name, users, strlen(users) + 1);
		name[1 + strcspn(name + 1, " ")] = 0;
	}
	return at;
}

static void add_lines(struct state *state, const char *kind, const char *file)
{
	char path[PATH_MOST], line[512];
	FILE *lines = fopen(in(path, "%s", file), "re");
	const char *text;

	while (lines && fgets(line, sizeof(line), lines)) {
		text = line_of(kind, line);
		if (text && *text)
			add(state, "%s %s", kind, text);
	}
	if (lines)
		fclose(lines);
}

/* How many users each supply has. */
static void add_supplies(struct state *state)
{
	char path[PATH_MOST], name[64], users[32];
	DIR *supplies = opendir(in(path, "/sys/class/regulator"));

	for (struct dirent *entry; supplies && (entry = readdir(supplies)); ) {
		if (entry->d_name[0] == '.')
			continue;
		get_line(in(path, "/sys/class/regulator/%s/name", entry->d_name), name, sizeof(name));
		get_line(in(path, "/sys/class/regulator/%s/num_users", entry->d_name), users, sizeof(users));
		add(state, "supply %s users=%s", name, users);
	}
	if (supplies)
		closedir(supplies);
}

static int compare(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

static void look(struct state *state)
{
	state->count = state->used = 0;
	add_devices(state);
	add_names(state, "class", "/sys/class", "", 2);
	add_names(state, "debugfs", "/sys/kernel/debug", "", 2);
	add_names(state, "node", "/sys/firmware/devicetree/base", "", 1);
	add_names(state, "slab", "/sys/kernel/slab", "", 1);
	add_lines(state, "memory", "/proc/iomem");
	add_lines(state, "ports", "/proc/ioports");
	add_lines(state, "interrupt", "/proc/interrupts");
	add_lines(state, "line", "/sys/kernel/debug/gpio");
	add_lines(state, "module", "/proc/modules");
	add_lines(state, "clock", "/sys/kernel/debug/clk/clk_summary");
	add_supplies(state);
	qsort(state->lines, state->count, sizeof(*state->lines), compare);
}

/* Counts what one has and the other has not, and tells of it. */
static int missing(const char *mark, const struct state *one, const struct state *other)
{
	int count = 0;

	for (int i = 0, j = 0; i < one->count; i++) {
		int order = 1;

		while (j < other->count && (order = strcmp(one->lines[i], other->lines[j])) > 0)
			j++;
		if (j < other->count && !order)
			j++;
		else if (count++ < TOLD && mark)
			watcher_mark("%s %s", mark, one->lines[i]);
	}
	return count;
}

/* 0, or -1 where the kernel has no kmemleak. */
static int kmemleak(const char *command)
{
	char path[PATH_MOST];
	int file = open(in(path, KMEMLEAK), O_WRONLY | O_CLOEXEC), error;

	if (file < 0)
		return -1;
	error = write(file, command, strlen(command)) < 0 ? -1 : 0;
	close(file);
	return error;
}

/* Of mm/: who called them is meant. */
static bool allocates(const char *function)
{
	static const char *const heads[] = { "slab_", "__slab", "kmem", "__kmem", "kmalloc", "__kmalloc", "__do_kmalloc",
					     "krealloc", "kstrdup" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (!strncmp(function, heads[i], strlen(heads[i])))
			return true;
	return false;
}

/*
 * What nothing points to any more: "unreferenced object 0x... (size 128):", of which
 * the lines with functions, "    [<...>] function+0x1/0x2" or without the address,
 * are the innermost first. What is only on its way is gone by the second scan.
 */
static void mark_leaks(void)
{
	char path[PATH_MOST], line[256], function[128], chain[512] = "";
	int size = 0, frames = 0, leaks = 0;
	FILE *report;

	if (kmemleak("scan=off"))
		return;
	usleep(LEAK_AGE);
	kmemleak("scan");
	kmemleak("scan");
	report = fopen(in(path, KMEMLEAK), "re");
	while (report && leaks < LEAKS_MOST) {
		bool more = fgets(line, sizeof(line), report);

		if (!more || !strncmp(line, "unreferenced object", 19)) {
			if (size)
				watcher_mark("left leak of %d bytes by %s", size, chain), leaks++;
			*chain = 0;
			frames = 0;
			size = more && sscanf(line, "unreferenced object %*s (size %d", &size) == 1 ? size : 0;
		} else if (frames < LEAK_FRAMES && strstr(line, "+0x") &&
			   (sscanf(line, " [<%*[^>]>] %127[^+]", function) == 1 || sscanf(line, " %127[^+]", function) == 1) &&
			   !strchr(function, ' ') && !(!frames && allocates(function))) {
			snprintf(chain + strlen(chain), sizeof(chain) - strlen(chain), "%s%s", frames++ ? "," : "", function);
		}
		if (!more)
			break;
	}
	if (report)
		fclose(report);
	kmemleak("clear");
}

void state_forget(void)
{
	known = false;
}

void state_begin(void)
{
	if (!known) {
		look(before);
		if (!kmemleak("scan=off")) {
			/* What there is leaked already is none of this case's. */
			kmemleak("scan");
			kmemleak("clear");
		}
	}
	known = true;
}

void state_end(void)
{
	struct state *last = before;

	look(now);
	for (int i = 0; i < PATIENCE && missing(NULL, now, before); i++) {
		usleep(PAUSE);
		look(now);
	}
	missing("left", now, before);
	missing("gone", before, now);
	mark_leaks();
	/* What stays is no doing of what comes next. */
	before = now;
	now = last;
}
