// SPDX-License-Identifier: Apache-2.0
/*
 * A step that does not end: a thread looks on while the kernel is in it. Where
 * it waits, uninterruptible and in the same place all the time, the rest of the
 * cycle is told for it, for it will not come back.
 */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK 250000000		/* nanoseconds between two looks */
#define LOOKS 18		/* of the same sight, before it stands */
#define FILES_MOST 16
#define ASLEEP_MOST 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t begins = PTHREAD_COND_INITIALIZER;
static const char *step;	/* the one that is watched; NULL: none is */
static unsigned int number;	/* of those that were */
static pid_t task;
static void (*tell)(const char *step, pid_t task, const char *functions);
static bool told;

/* The innermost function comes first. */
void stand_sight(pid_t of, char functions[STACK])
{
	char path[PATH_MOST], line[256], state = 0, *name, *end;
	size_t used = 0;
	FILE *file;

	*functions = 0;
	file = fopen(in(path, "/proc/%d/stat", of), "re");
	if (file) {
		if (fgets(line, sizeof(line), file) && (end = strrchr(line, ')')))
			state = end[1] ? end[2] : 0;
		fclose(file);
	}
	if (state != 'D')
		return;
	file = fopen(in(path, "/proc/%d/stack", of), "re");
	while (file && fgets(line, sizeof(line), file)) {	/* "[<0>] function+0x1/0x2 [module]" */
		name = strchr(line, ' ');
		if (!name || used + strlen(name) >= STACK)
			break;
		name[1 + strcspn(name + 1, "+\n")] = 0;
		if (strstr(name, "sleep") || strstr(name, "hrtimeout")) {
			used = 0;
			break;
		}
		used += sprintf(functions + used, "%s%s", used ? "," : "", name + 1);
	}
	functions[used] = 0;
	if (file)
		fclose(file);
}

static void *look_on(void *unused)
{
	char seen[STACK], now[STACK];

	pthread_mutex_lock(&lock);
	while (!told) {
		unsigned int watched;
		pid_t watches;
		int same = 0;

		*seen = 0;
		while (!step)
			pthread_cond_wait(&begins, &lock);
		watches = task;
		for (watched = number; step && number == watched && same < LOOKS; ) {
			struct timespec pause = { 0, LOOK };

			pthread_mutex_unlock(&lock);
			nanosleep(&pause, NULL);
			stand_sight(watches, now);
			pthread_mutex_lock(&lock);
			same = *now && !strcmp(now, seen) ? same + 1 : 0;
			strcpy(seen, now);
		}
		if (step && number == watched && same == LOOKS) {
			told = true;
			tell(step, task, seen);
		}
	}
	pthread_mutex_unlock(&lock);
	return unused;
}

void stand_begin(const char *watched, pid_t which,
		 void (*if_it_stands)(const char *step, pid_t task, const char *functions))
{
	static pthread_t thread;
	static bool looks;

	pthread_mutex_lock(&lock);
	if (!looks)
		looks = !pthread_create(&thread, NULL, look_on, NULL);
	task = which;
	tell = if_it_stands;
	step = watched;
	number++;
	pthread_cond_signal(&begins);
	pthread_mutex_unlock(&lock);
}

void stand_end(void)
{
	pthread_mutex_lock(&lock);
	if (told)
		pthread_exit(NULL);	/* nobody waits for it any more */
	step = NULL;
	pthread_mutex_unlock(&lock);
}

/* A name as a word of a mark. */
static char *word(char *name)
{
	for (char *at = name; (at = strchr(at, ' ')); )
		*at = '_';
	return name;
}

/* What devtmpfs took away, and somebody has open. */
static void mark_files(const char *pid, int *told)
{
	char path[PATH_MOST], file[PATH_MOST], comm[64], *end;
	DIR *files = opendir(in(path, "/proc/%.16s/fd", pid));

	for (struct dirent *entry; files && *told < FILES_MOST && (entry = readdir(files)); ) {
		ssize_t length = readlink(in(path, "/proc/%.16s/fd/%.16s", pid, entry->d_name), file, sizeof(file) - 1);

		file[length > 0 ? length : 0] = 0;
		end = strstr(file, " (deleted)");
		if (!end || strncmp(file, "/dev/", 5))
			continue;
		*end = 0;
		get_line(in(path, "/proc/%.16s/comm", pid), comm, sizeof(comm));
		watcher_mark("open pid=%.16s comm=%s file=%.200s", pid, word(comm), file);
		++*told;
	}
	if (files)
		closedir(files);
}

static void mark_asleep(void)
{
	char path[PATH_MOST], comm[64], functions[STACK];
	DIR *processes = opendir(in(path, "/proc")), *tasks;
	int told = 0;

	for (struct dirent *process; processes && (process = readdir(processes)); ) {
		if (process->d_name[0] < '1' || process->d_name[0] > '9')
			continue;
		tasks = opendir(in(path, "/proc/%.16s/task", process->d_name));
		for (struct dirent *entry; tasks && told < ASLEEP_MOST && (entry = readdir(tasks)); ) {
			pid_t pid = atoi(entry->d_name);

			if (!pid || pid == task)
				continue;
			stand_sight(pid, functions);
			if (!*functions)
				continue;
			get_line(in(path, "/proc/%d/comm", pid), comm, sizeof(comm));
			watcher_mark("asleep pid=%d comm=%s in=%.700s", pid, word(comm), functions);
			told++;
		}
		if (tasks)
			closedir(tasks);
	}
	if (processes)
		closedir(processes);
}

/*
 * "2 locks held by COMM/PID:", " #0: ADDRESS (NAME){....}-{3:3}, at: FUNCTION+0x1/0x2", as
 * print_lock() of kernel/locking/lockdep.c has it; a line of /dev/kmsg has a head that ends with ';'.
 */
static void mark_lock(const char *line, int *pid)
{
	char address[32], name[128], function[128];
	const char *of = strstr(line, " held by "), *slash = NULL, *begin = strchr(line, '('), *end = strstr(line, "){");

	if (of && (strstr(line, " lock") || strstr(line, "no locks"))) {
		for (const char *at = of; (at = strchr(at, '/')); at++)
			slash = at;
		*pid = slash ? atoi(slash + 1) : 0;
	} else if (*pid && *pid != gettid() && sscanf(line, " #%*d: %31s (", address) == 1 && begin && end > begin &&
		   (of = strstr(line, "}, at: ")) && sscanf(of, "}, at: %127[^+]", function) == 1) {
		snprintf(name, sizeof(name), "%.*s", (int)(end - begin - 1), begin + 1);
		watcher_mark("holds pid=%d lock=%s name=%s at=%s", *pid, address, word(name), function);
	}
}

/* The kernel's own list of locks, where it keeps one. */
static void mark_locks(void)
{
	char path[PATH_MOST], record[1024], *text;
	int log = -1, trigger = -1, pid = 0;
	ssize_t length;

	if (access(in(path, "/proc/lockdep"), F_OK))
		return;
	log = open(in(path, "/dev/kmsg"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	trigger = open(in(path, "/proc/sysrq-trigger"), O_WRONLY | O_CLOEXEC);
	if (log >= 0 && trigger >= 0 && lseek(log, 0, SEEK_END) >= 0 && write(trigger, "d", 1) == 1) {
		/* A record a read. */
		while ((length = read(log, record, sizeof(record) - 1)) > 0) {
			record[length] = 0;
			text = strchr(record, ';');
			if (text)
				mark_lock(text + 1, &pid);
		}
	}
	if (log >= 0)
		close(log);
	if (trigger >= 0)
		close(trigger);
}

void stand_others(void)
{
	mark_asleep();
	mark_locks();
}

void stand_files(void)
{
	char path[PATH_MOST];
	DIR *tasks = opendir(in(path, "/proc"));
	int told = 0;

	for (struct dirent *entry; tasks && (entry = readdir(tasks)); )
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			mark_files(entry->d_name, &told);
	if (tasks)
		closedir(tasks);
}
