// SPDX-License-Identifier: Apache-2.0
/*
 * What a cycle consists of: steps VERB=ARGUMENT, each with a result of a word
 * or more. What could not be done is "refused" with the words for its errno.
 */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOB_MOST (1 << 20)	/* as much as the kernel takes */

static struct event events[LRW_PROBES];
static int event_count;
static struct lrw_hits at_begin;
static int64_t before;	/* what was let go of, less what was released, before arming */

/* A step that is done while the next ones are, by a thread of its own. */
static struct aside {
	char step[RESULT_MOST], result[RESULT_MOST];
	unsigned int number;	/* of those that were started; 0: none */
	pid_t task;		/* 0 until it has begun */
	bool ended;
} asides[ASIDES];
static unsigned int started;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* of asides, heard */
static _Thread_local bool is_aside;

static int listener = -1, silence[2];	/* the socket, and a pipe whose end ends its thread */
static pthread_t listens;
static long heard;

const char *in(char path[PATH_MOST], const char *format, ...)
{
	int length = snprintf(path, PATH_MOST, "%s", root);
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(path + length, PATH_MOST - length, format, arguments) >= PATH_MOST - length)
		*path = 0;
	va_end(arguments);
	return path;
}

int put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

int get_line(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	ssize_t length;

	*line = 0;
	if (fd < 0)
		return -errno;
	length = read(fd, line, size - 1);
	if (length < 0)
		error = -errno;
	line[length > 0 ? length : 0] = 0;
	line[strcspn(line, "\n")] = 0;
	close(fd);
	return error;
}

int get_blob(const char *name, uint8_t **blob, size_t *size)
{
	char path[PATH_MOST];
	int fd = open(in(path, FOLDER "/%s.dtbo", name), O_RDONLY | O_CLOEXEC);
	ssize_t part = 0;
	struct stat file;

	*size = 0;
	*blob = NULL;
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &file) && file.st_size <= BLOB_MOST)
		*blob = malloc(file.st_size + 1);
	while (*blob && *size < (size_t)file.st_size) {
		part = read(fd, *blob + *size, file.st_size - *size);
		if (part <= 0)
			break;
		*size += part;
	}
	close(fd);
	return *blob ? 0 : -EFBIG;
}

static void refused(char *result, int error)
{
	snprintf(result, RESULT_MOST, "refused %s", strerror(error < 0 ? -error : error));
}

static void did(char *result, int error, const char *done)
{
	if (error)
		refused(result, error);
	else
		snprintf(result, RESULT_MOST, "%s", done);
}

static int64_t millis(void)
{
	return micros() / 1000;
}

/* Sleeps a little, more each time; false once the time is over. What was recorded meanwhile is read. */
struct patience { int64_t until; long pause; };

static bool again(struct patience *patience, int64_t most)
{
	int64_t now = millis();
	struct timespec pause = { 0 };

	if (!patience->until) {
		patience->until = now + most;
		patience->pause = 1;
	}
	if (now >= patience->until)
		return false;
	pause.tv_nsec = patience->pause * 1000000;
	nanosleep(&pause, NULL);
	if (patience->pause < 10)
		patience->pause++;
	if (!is_aside && !records_left)
		drain(true);
	return true;
}

const struct event *event_numbered(int number)
{
	return number < event_count ? &events[number] : NULL;
}

static int event_named(const char *name)
{
	for (int i = 0; i < event_count; i++)
		if (!strncmp(events[i].name, name, sizeof(events[i].name)))
			return i;
	return -1;
}

static int64_t hits_of(const struct lrw_hits *hits, const char *name)
{
	int number = event_named(name);

	return number < 0 ? 0 : hits->hits[number];
}

static bool delayed(void)
{
	return event_named("kobject_cleanup") >= 0;
}

/* What was released and has not let go yet. What has ended is read first: nothing begins unseen between. */
static int64_t pending(void)
{
	struct lrw_hits ends = { 0 }, begins = { 0 };

	watcher_call(LRW_HITS, &ends);
	watcher_call(LRW_HITS, &begins);
	return before + hits_of(&begins, "link_release") + hits_of(&begins, "kobject_release") -
		hits_of(&ends, "work_end") - hits_of(&ends, "callback_end") - hits_of(&ends, "kobject_cleanup_end");
}

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length >= tail && !strcmp(name + length - tail, end);
}

/* How often anybody let go of anything; of kobjects: how often one was released late. */
static uint64_t releases(bool kobjects)
{
	struct lrw_hits hits = { 0 };
	uint64_t sum = 0;

	watcher_call(LRW_HITS, &hits);
	for (int i = 0; i < event_count; i++)
		if (kobjects ? !strncmp(events[i].name, "kobject_", 8)
		    : ends_with(events[i].name, "_release") || ends_with(events[i].name, "_end"))
			sum += hits.hits[i];
	return sum;
}

void steps_armed(const struct event *armed, int count)
{
	memcpy(events, armed, count * sizeof(*armed));
	event_count = count;
	before = 0;
	for (int i = 0; i < count; i++) {
		char name[sizeof(events[i].name)], *slash;

		events[i].name[sizeof(name) - 1] = 0;
		slash = strrchr(events[i].name, '/');
		if (slash) {
			strcpy(name, slash + 1);
			strcpy(events[i].name, name);
		}
	}
}

/*
 * Late releases of before the probes were set were not counted when they were
 * put off, but are when they end. None is put off by more than 4 s, so after
 * 5 s without any there is none.
 */
int rest(void)
{
	int64_t end = millis() + 100000, quiet = millis();
	uint64_t last = releases(true);

	if (!delayed())
		return 0;
	while (millis() - quiet < 5000) {
		struct timespec pause = { .tv_nsec = 100000000 };
		uint64_t now = releases(true);

		if (now != last)
			quiet = millis();
		last = now;
		if (millis() > end)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
		drain(false);
	}
	before = -pending();
	return 0;
}

/* Read by the task that does the steps alone. */
bool records_left;

static bool removed;	/* an overlay, in this cycle */

void steps_begin(void)
{
	watcher_call(LRW_HITS, &at_begin);
	removed = false;
}

static void step_apply(char *argument, char *result)
{
	uint8_t *blob;
	size_t size;
	int error = get_blob(argument, &blob, &size);

	if (!error)
		error = overlay_apply(argument, blob, size, result, RESULT_MOST);
	free(blob);
	if (error)
		refused(result, error);
}

static void step_remove(char *argument, char *result)
{
	did(result, overlay_remove(argument), "removed");
	removed |= !strcmp(result, "removed");
}

/* load MODULE,PARAMETER=VALUE... */
static void step_load(char *argument, char *result)
{
	char *parameters = strchr(argument, ',');

	if (parameters)
		*parameters++ = 0;
	for (char *at = parameters; at && (at = strchr(at, ',')); )
		*at = ' ';
	did(result, load_module(argument, parameters ? parameters : ""), "loaded");
}

#define USERS_MOST 32	/* of one kind that are told of a module */

/* Marks who uses a module: what a folder's links, of which a driver's own is none, are called. */
static void mark_users(const char *module, const char *kind, const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	int told = 0;

	while (folder && told < USERS_MOST && (entry = readdir(folder)))
		if (entry->d_type == DT_LNK && strcmp(entry->d_name, "module")) {
			watcher_mark("in-use module=%s %s%s", module, kind, entry->d_name);
			told++;
		}
	if (folder)
		closedir(folder);
}

/* Who keeps a module, as far as the kernel tells: its count, modules, devices that its drivers have. */
static void mark_in_use(const char *module)
{
	char path[PATH_MOST], line[RESULT_MOST], *name;
	DIR *drivers;

	if (!get_line(in(path, "/sys/module/%s/refcnt", module), line, sizeof(line)))
		watcher_mark("in-use module=%s references=%s", module, line);
	mark_users(module, "user=", in(path, "/sys/module/%s/holders", module));
	drivers = opendir(in(path, "/sys/module/%s/drivers", module));
	for (struct dirent *entry; drivers && (entry = readdir(drivers)); ) {
		in(path, "/sys/module/%s/drivers/%s", module, entry->d_name);
		name = strchr(entry->d_name, ':');	/* BUS:DRIVER */
		if (!name)
			continue;
		snprintf(line, sizeof(line), "device=%.*s/", (int)(name - entry->d_name), entry->d_name);
		mark_users(module, line, path);
	}
	if (drivers)
		closedir(drivers);
}

static void step_unload(char *argument, char *result)
{
	int error = unload_module(argument);

	did(result, error, "unloaded");
	for (char *at = argument; (at = strchr(at, '-')); )
		*at = '_';
	if (error)
		mark_in_use(argument);
}

/* Cuts WORD/REST in two; an empty rest if there is no such mark. */
static char *cut(char *words, char mark)
{
	char *at = strchr(words, mark);

	if (!at)
		return words + strlen(words);
	*at = 0;
	return at + 1;
}

/* set MODULE/PARAMETER=VALUE */
static void step_set(char *argument, char *result)
{
	char path[PATH_MOST], line[RESULT_MOST], *parameter = cut(argument, '/'), *value = cut(parameter, '=');

	snprintf(line, sizeof(line), "%s\n", value);
	did(result, put_text(in(path, "/sys/module/%s/parameters/%s", argument, parameter), line), "set");
}

/* bind BUS/DRIVER/DEVICE, or bind all/again */
static void step_bind(char *argument, char *result)
{
	char path[PATH_MOST], line[RESULT_MOST], *driver = cut(argument, '/'), *device = cut(driver, '/');

	if (!strcmp(argument, "all")) {
		did(result, bind_all(), "bound");
		return;
	}
	snprintf(line, sizeof(line), "%s\n", device);
	did(result, put_text(in(path, "/sys/bus/%s/drivers/%s/bind", argument, driver), line), "bound");
}

/* unbind BUS/DEVICE, or unbind all/ORDER */
static void step_unbind(char *argument, char *result)
{
	char path[PATH_MOST], line[RESULT_MOST], *device = cut(argument, '/');

	if (!strcmp(argument, "all")) {
		did(result, unbind_all(device), "unbound");
		return;
	}
	snprintf(line, sizeof(line), "%s\n", device);
	did(result, put_text(in(path, "/sys/bus/%s/devices/%s/driver/unbind", argument, device), line), "unbound");
}

/* Does the kernel prove its locking? It stops with the first thing that it finds. */
static void step_lockdep(char *argument, char *result)
{
	char path[PATH_MOST], line[256];
	FILE *stats = fopen(in(path, "/proc/lockdep_stats"), "re");
	int on = 0;

	(void)argument;
	while (stats && fgets(line, sizeof(line), stats))
		if (sscanf(line, " debug_locks: %d", &on) == 1)
			break;
	if (stats)
		fclose(stats);
	strcpy(result, on ? "on" : "off: it found something, and finds no more before a reboot");
}

static int entries(const char *path)
{
	DIR *folder = opendir(path);
	int count = 0;

	for (struct dirent *entry; folder && (entry = readdir(folder)); )
		count += entry->d_name[0] != '.';
	if (folder)
		closedir(folder);
	return count;
}

/* One event: "ACTION@PATH", then NAME=VALUE each with its NUL. */
static void hear(char *event, size_t size)
{
	const char *where = NULL, *number = "", *state = NULL;
	char path[PATH_MOST];

	event[size] = 0;
	for (char *at = event; at < event + size; at += strlen(at) + 1) {
		if (!strncmp(at, "DEVPATH=", 8))
			where = at + 8;
		else if (!strncmp(at, "SEQNUM=", 7))
			number = at + 7;
		else if (!strncmp(at, "MDEV_STATE=", 11))
			state = at + 11;
	}
	if (!where || !state || !*state)
		return;
	watcher_mark("heard seqnum=%s state=%s types=%d", number, state,
		     entries(in(path, "/sys%s/mdev_supported_types", where)));
	pthread_mutex_lock(&lock);
	heard++;
	pthread_mutex_unlock(&lock);
}

static void *listening(void *unused)
{
	static char event[16384];
	struct pollfd fds[] = { { .fd = listener, .events = POLLIN }, { .fd = silence[0], .events = POLLIN } };

	while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
		ssize_t size;

		if (fds[1].revents)
			break;
		size = recv(listener, event, sizeof(event) - 1, MSG_DONTWAIT);
		if (size > 0)
			hear(event, size);
	}
	return unused;
}

static void step_ignore(char *argument, char *result)
{
	(void)argument;
	if (listener >= 0) {
		close(silence[1]);
		pthread_join(listens, NULL);
		close(silence[0]);
		close(listener);
	}
	listener = -1;
	strcpy(result, "ignoring");
}

/* listen: what the kernel tells user space of parents of mediated devices is marked. */
static void step_listen(char *argument, char *result)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_groups = 1 };

	step_ignore(argument, result);
	heard = 0;
	strcpy(result, "deaf");
	listener = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (listener < 0)
		return;
	if (!bind(listener, (struct sockaddr *)&kernel, sizeof(kernel)) && !pipe2(silence, O_CLOEXEC)) {
		if (!pthread_create(&listens, NULL, listening, NULL)) {
			strcpy(result, "listening");
			return;
		}
		close(silence[0]);
		close(silence[1]);
	}
	close(listener);
	listener = -1;
}

/* heard COUNT: user space was told so often; waits five seconds for it. */
static void step_heard(char *argument, char *result)
{
	struct patience patience = { 0 };
	long count;

	do {
		pthread_mutex_lock(&lock);
		count = heard;
		pthread_mutex_unlock(&lock);
		if (count >= atol(argument)) {
			strcpy(result, "heard");
			return;
		}
	} while (again(&patience, 5000));
	snprintf(result, RESULT_MOST, "unheard, only %ld", count);
}

/* child PARENT/TYPE: a mediated device with a name of its own */
static void step_child(char *argument, char *result)
{
	char path[PATH_MOST], uuid[64], *type = cut(argument, '/');
	int error = get_line(in(path, "/proc/sys/kernel/random/uuid"), uuid, sizeof(uuid) - 1);

	strcat(uuid, "\n");
	if (!error)
		error = put_text(in(path, "/sys/class/mdev_bus/%s/mdev_supported_types/%s/create", argument, type),
				 uuid);
	did(result, error, "created");
}

/* until EVENT: a probe was hit since the steps began, whatever its filter; waits ten seconds for it. */
static void step_until(char *argument, char *result)
{
	struct patience patience = { 0 };
	struct lrw_hits hits = at_begin;

	strcpy(result, "seen");
	do {
		watcher_call(LRW_HITS, &hits);
		if (hits_of(&hits, argument) > hits_of(&at_begin, argument))
			return;
	} while (again(&patience, 10000));
	strcpy(result, "unseen");
}

/* pause NAME: leaves a file of that name, and waits until somebody has taken it away, an hour at most. */
static void step_pause(char *argument, char *result)
{
	struct patience patience = { 0 };
	char path[PATH_MOST];
	int fd = open(in(path, FOLDER "/%s", argument), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		refused(result, errno);
		return;
	}
	close(fd);
	strcpy(result, "resumed");
	while (!access(path, F_OK))
		if (!again(&patience, 3600000)) {
			unlink(path);
			strcpy(result, "forgotten");
			return;
		}
}

/*
 * A device is in its driver's hands before that has probed it, and the device's
 * lock is held until it has: this file is read under it. (So is another one,
 * waiting_for_supplier, but a probe takes that away with the lock held, and
 * waits for its readers.) What has none, on other buses, is taken as it is.
 */
static void wait_for_probe(const char *device)
{
	char path[PATH_MOST], line[64];

	get_line(in(path, "%s/driver_override", device), line, sizeof(line));
}

static bool is_bound(const char *bus, const char *device)
{
	struct lrw_device seen = { .object = records_device(bus, device) };
	char path[PATH_MOST], driver[PATH_MOST];
	int bound = seen.object ? watcher_call(LRW_BOUND, &seen) : -ENOENT;

	/* The watcher says it at once of those that it watches. */
	if (bound >= 0)
		return bound;
	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s", bus, device);
	if (access(in(driver, "%s/driver", path), F_OK))
		return false;
	wait_for_probe(path);
	return !access(driver, F_OK);
}

/* bound DEVICE,BUS/DEVICE...: all of them have a driver; waits two seconds for it. */
static void step_bound(char *argument, char *result)
{
	struct patience patience = { 0 };
	char *left = NULL;

	drain(true);
	for (char *device = strtok_r(argument, ",", &left); device; device = strtok_r(NULL, ",", &left)) {
		char *name = strchr(device, '/') ? cut(device, '/') : device;

		while (!is_bound(name == device ? "platform" : device, name))
			if (!again(&patience, 2000)) {
				snprintf(result, RESULT_MOST, "unbound %s%s%s", name == device ? "" : device,
					 name == device ? "" : "/", name);
				return;
			}
	}
	strcpy(result, "bound");
}

/*
 * probed=devices: nothing probes any more, nor did while what was deferred had
 * its chance, and nothing was added for a while; waits two seconds for it.
 */
static void step_probed(char *argument, char *result)
{
	static const char *const names[] = { "adding", "probing", "bound", "deferring" };
	struct patience patience = { 0 };
	int64_t last = -1, since = millis();

	(void)argument;
	do {
		struct lrw_hits hits;
		int64_t sum = 0;

		watcher_call(LRW_PROBED, NULL);
		watcher_call(LRW_HITS, &hits);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			sum += hits_of(&hits, names[i]);
		if (sum != last)
			since = millis();
		last = sum;
	} while (millis() - since < 50 && again(&patience, 2000));
	strcpy(result, "probed");
}

/*
 * How a kernel of the user's own lets go is not known: what came with the
 * overlay may still be on its way after it was removed.
 */
static bool is_open(void)
{
	if (pending() > 0)
		return true;
	if (!own || !removed)
		return false;
	drain(true);
	return records_out() > 0;
}

/*
 * Every device link that was released let go of its devices; waits five
 * seconds for it, or sixty if one late release leads to another. How a kernel
 * of one's own lets go is not known, so that what it released and what it let
 * go of need not add up: there, nobody lets go for a second.
 */
static void step_settle(char *argument, char *result)
{
	struct patience patience = { 0 };
	uint64_t last = releases(false);
	int64_t since = millis();

	(void)argument;
	while (is_open()) {
		uint64_t now = releases(false);

		if (now != last)
			since = millis();
		last = now;
		if (own && millis() - since >= (delayed() ? 10000 : 1000)) {
			strcpy(result, "settled quietly");
			return;
		}
		if (!again(&patience, delayed() ? 60000 : 5000)) {
			strcpy(result, "pending");
			return;
		}
	}
	strcpy(result, "settled");
}

static void *do_aside(void *argument)
{
	struct aside *aside = argument;
	char result[RESULT_MOST];

	is_aside = true;
	pthread_mutex_lock(&lock);
	aside->task = gettid();
	pthread_mutex_unlock(&lock);
	step_do(aside->step, result);
	pthread_mutex_lock(&lock);
	strcpy(aside->result, result);
	aside->ended = true;
	pthread_mutex_unlock(&lock);
	return NULL;
}

const char *step_running(int number)
{
	bool running = false;

	pthread_mutex_lock(&lock);
	if (number < ASIDES)
		running = asides[number].number && !asides[number].ended;
	pthread_mutex_unlock(&lock);
	return running ? asides[number].step : NULL;
}

/*
 * start VERB=ARGUMENT: does that step while the next ones are done, until
 * finish VERB=ARGUMENT, which waits thirty seconds for its end and has its
 * result.
 */
static void step_start(char *argument, char *result)
{
	struct aside *aside = NULL;
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	/* The one that ended longest ago makes room. */
	for (int i = 0; i < ASIDES; i++)
		if (!step_running(i) && (!aside || asides[i].number < aside->number))
			aside = &asides[i];
	if (!aside) {
		refused(result, EAGAIN);
		return;
	}
	snprintf(aside->step, sizeof(aside->step), "%s", argument);
	aside->ended = false;
	aside->task = 0;
	aside->number = ++started;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &attributes, do_aside, aside);
	pthread_attr_destroy(&attributes);
	/* It may have ended by now, which is for it to say. */
	if (error)
		aside->ended = true;
	did(result, error, "started");
}

/* The last that was started so. */
static struct aside *aside_of(const char *step)
{
	struct aside *last = NULL;

	for (struct aside *aside = asides; aside < asides + ASIDES; aside++)
		if (!strcmp(aside->step, step) && (!last || aside->number > last->number))
			last = aside;
	return last;
}

pid_t step_task(const char *step)
{
	struct aside *aside = aside_of(step);
	pid_t task = 0;

	pthread_mutex_lock(&lock);
	if (aside && !aside->ended)
		task = aside->task;
	pthread_mutex_unlock(&lock);
	return task;
}

/* await VERB=ARGUMENT: whether one that was started ends within a second; where it waits is marked. */
static void step_await(char *argument, char *result)
{
	struct aside *aside = aside_of(argument);
	struct patience patience = { 0 };
	char functions[STACK];

	while (aside && step_running(aside - asides) && again(&patience, 1000))
		;
	strcpy(result, aside && step_running(aside - asides) ? "waits" : "ended");
	if (strcmp(result, "waits"))
		return;
	stand_sight(step_task(argument), functions);
	watcher_mark("waits step=%s in=%.900s", argument, functions);
}

/* hold=files: what can be open of the devices of overlays */
static void step_hold(char *argument, char *result)
{
	(void)argument;
	snprintf(result, RESULT_MOST, "held %d", hold_all());
}

static void step_close(char *argument, char *result)
{
	(void)argument;
	release_all();
	strcpy(result, "closed");
}

static void step_finish(char *argument, char *result)
{
	struct patience patience = { 0 };
	struct aside *last = aside_of(argument);
	bool ended = false;

	strcpy(result, "running");
	if (!last)
		return;
	do {
		pthread_mutex_lock(&lock);
		ended = last->ended;
		if (ended)
			strcpy(result, last->result);
		pthread_mutex_unlock(&lock);
	} while (!ended && again(&patience, 30000));
}

static const struct {
	const char *name;
	void (*step)(char *argument, char *result);
} verbs[] = {
	{ "apply", step_apply }, { "remove", step_remove }, { "load", step_load },
	{ "unload", step_unload }, { "set", step_set }, { "bind", step_bind },
	{ "unbind", step_unbind }, { "bound", step_bound }, { "probed", step_probed }, { "settle", step_settle },
	{ "start", step_start }, { "finish", step_finish }, { "until", step_until },
	{ "listen", step_listen }, { "ignore", step_ignore }, { "heard", step_heard },
	{ "child", step_child }, { "lockdep", step_lockdep }, { "await", step_await },
	{ "hold", step_hold }, { "close", step_close }, { "pause", step_pause },
};

/* Who waits for whom, once devices had their chance. */
static void mark_deferred(void)
{
	char path[PATH_MOST], line[256];
	struct lrw_hits hits;
	FILE *deferred;

	watcher_call(LRW_HITS, &hits);
	if (hits_of(&hits, "deferring") == hits_of(&at_begin, "deferring") && event_named("deferring") >= 0)
		return;
	deferred = fopen(in(path, "/sys/kernel/debug/devices_deferred"), "re");

	while (deferred && fgets(line, sizeof(line), deferred)) {
		line[strcspn(line, "\n")] = 0;
		for (char *tab = line; (tab = strchr(tab, '\t')); )
			*tab = ' ';
		if (*line)
			watcher_mark("deferred %s", line);
	}
	if (deferred)
		fclose(deferred);
}

void step_do(const char *step, char result[RESULT_MOST])
{
	char words[RESULT_MOST], *argument;

	if (strlen(step) >= sizeof(words)) {
		refused(result, ENAMETOOLONG);
		return;
	}
	strcpy(words, step);
	argument = cut(words, '=');
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(words, verbs[i].name)) {
			verbs[i].step(argument, result);
			if (!is_aside && (verbs[i].step == step_apply || verbs[i].step == step_bound ||
					   verbs[i].step == step_probed))
				mark_deferred();
			return;
		}
	snprintf(result, RESULT_MOST, "refused: the agent has no step %.100s", words);
}
