// SPDX-License-Identifier: Apache-2.0
/*
 * How the agent starts, by whom it is reached and how it ends:
 *
 *	lastref-agent port PATH|lastref	a character device that is a byte stream,
 *					by its path or virtio's name for it
 *	lastref-agent stdio		frames over standard input and output
 *	lastref-agent console		lines over the terminal
 *	lastref-agent visit		the same as stdio, and in the end no overlay of ours
 *					is left: the last that was applied goes first
 *	lastref-agent log		the kernel's log from now on, as a console has it,
 *					until standard input ends
 */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

const char *root = "";
bool ended;

uint64_t micros(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

const char *hello(size_t *length)
{
	static char words[128];
	struct utsname kernel;

	uname(&kernel);
	*length = 1 + snprintf(words, sizeof(words), "ok%clastref-agent 1%c%s", 0, 0, kernel.release);
	return words;
}

#ifndef TEST
static void nap(long millis)
{
	struct timespec pause = { millis / 1000, millis % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

static int complain(const char *what, const char *of)
{
	fprintf(stderr, "lastref-agent: %s %s: %s\n", what, of, strerror(errno));
	return 1;
}

static void greet(void)
{
	size_t length;
	const char *words = hello(&length);

	frames_send('R', 0, words, length);
}

/* Until "quit", or the end of standard input. A port outlives its hosts, one after the other. */
static int serve(int input, bool port)
{
	static uint8_t bytes[64 << 10];
	bool there = false;

	while (!ended) {
		struct pollfd ready = { .fd = input, .events = POLLIN };
		ssize_t size;

		if (!there && (!port || (poll(&ready, 1, 0) >= 0 && !(ready.revents & POLLHUP)))) {
			there = true;
			greet();
		}
		/* What is cut goes on within a second, or not at all. */
		if (there && !poll(&ready, 1, frames_partial() ? 1000 : -1)) {
			frames_cut();
			continue;
		}
		size = read(input, bytes, sizeof(bytes));
		if (size > 0) {
			frames_take(bytes, size);
		} else if (port && (!size || errno == EAGAIN || errno == EPIPE)) {
			poll(&ready, 1, 0);
			if (!size || ready.revents & POLLHUP) {
				there = false;
				frames_lost();
				nap(50);
			}
		} else if (!size) {
			return 0;
		} else if (errno != EINTR && errno != EAGAIN) {
			return complain("cannot read", port ? "the port" : "standard input");
		}
	}
	return 0;
}

/* The virtio port of that name; its name comes a moment after it. */
static const char *port_named(const char *name)
{
	static const char ports[] = "/sys/class/virtio-ports";
	static char found[PATH_MOST];

	for (int tries = 0; tries < 50; tries++) {
		DIR *folder = opendir(ports);

		for (struct dirent *entry; folder && (entry = readdir(folder)); ) {
			char path[PATH_MOST], has[64];

			if (get_line(in(path, "%s/%s/name", ports, entry->d_name), has, sizeof(has)) ||
			    strcmp(has, name))
				continue;
			in(found, "/dev/%s", entry->d_name);
			closedir(folder);
			return found;
		}
		if (folder)
			closedir(folder);
		nap(100);
	}
	errno = ENOENT;
	return NULL;
}

static void leave(int signal)
{
	(void)signal;
	ended = true;	/* read() comes back, for there is no SA_RESTART */
}

static int serve_port(const char *name)
{
	const char *path = strchr(name, '/') ? name : port_named(name);
	int fd = path ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;

	if (fd < 0)
		return complain("cannot open the port", name);
	if (daemon(0, 0))
		return complain("cannot go to the background from", name);
	frames_to(fd);
	return serve(fd, true);
}

static struct termios terminal;	/* as it was */

static void restore(int signal)
{
	tcsetattr(0, TCSANOW, &terminal);
	raise(signal);	/* by its default, for SA_RESETHAND */
}

static void *read_lines(void *unused)
{
	char bytes[256];
	ssize_t size;

	while ((size = read(0, bytes, sizeof(bytes))) > 0 || (size < 0 && errno == EINTR))
		if (size > 0)
			lines_take(bytes, size);
	lines_end();
	return unused;
}

static int serve_console(void)
{
	struct sigaction restores = { .sa_handler = restore, .sa_flags = SA_RESETHAND | SA_NODEFER };
	struct rlimit no_core = { 0, 0 };
	struct termios raw;
	pthread_t reader;

	if (tcgetattr(0, &terminal))
		return complain("no terminal is", "standard input");
	setrlimit(RLIMIT_CORE, &no_core);	/* ^\ would leave one */
	sigaction(SIGTERM, &restores, NULL);
	sigaction(SIGHUP, &restores, NULL);
	sigaction(SIGQUIT, &restores, NULL);
	raw = terminal;
	cfmakeraw(&raw);
	raw.c_lflag |= ISIG;
	for (int i = 0; i < NCCS; i++)
		raw.c_cc[i] = _POSIX_VDISABLE;
	raw.c_cc[VQUIT] = '\\' & 31;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(0, TCSADRAIN, &raw);
	lines_to(1);
	lines_greet();
	if (pthread_create(&reader, NULL, read_lines, NULL)) {
		tcsetattr(0, TCSANOW, &terminal);
		return complain("cannot start", "a thread");
	}
	while (!ended && lines_work(true))
		;
	tcsetattr(0, TCSADRAIN, &terminal);
	return 0;
}

/* The rest of a record: other processes' lines are none of the kernel's. */
static void print_record(char *record)
{
	char *text = strchr(record, ';');
	unsigned long long priority, sequence, time;

	if (!text || sscanf(record, "%llu,%llu,%llu", &priority, &sequence, &time) != 3 || priority >> 3)
		return;
	text++;
	text[strcspn(text, "\n")] = 0;
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			*at = '?';
	printf("[%5llu.%06llu] %s\r\n", time / 1000000, time % 1000000, text);
	fflush(stdout);
}

static int serve_log(void)
{
	static char record[8 << 10];	/* of the kernel's, LOG_LINE_MAX and what is before it are less */
	struct pollfd ready[] = { { .fd = 0, .events = POLLIN }, { .events = POLLIN } };
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log < 0 || lseek(log, 0, SEEK_END) < 0)
		return complain("cannot read", "/dev/kmsg");
	ready[1].fd = log;
	printf("lastref: the kernel's log\r\n");
	fflush(stdout);
	while (!ferror(stdout) && (poll(ready, 2, -1) >= 0 || errno == EINTR)) {
		ssize_t size = ready[1].revents ? read(log, record, sizeof(record) - 1) : 0;

		if (size > 0) {
			record[size] = 0;
			print_record(record);
		} else if (size < 0 && errno == EPIPE) {
			printf("lastref: the kernel's log was too fast\r\n");
		}
		if (ready[0].revents && read(0, record, sizeof(record)) <= 0)
			break;
	}
	return 0;
}

int main(int count, char **words)
{
	signal(SIGPIPE, SIG_IGN);
	umask(077);
	if (count == 3 && !strcmp(words[1], "port"))
		return serve_port(words[2]);
	if (count == 2 && !strcmp(words[1], "stdio")) {
		frames_to(1);
		return serve(0, false);
	}
	if (count == 2 && !strcmp(words[1], "visit")) {
		struct sigaction leaves = { .sa_handler = leave };

		sigaction(SIGTERM, &leaves, NULL);
		frames_to(1);
		serve(0, false);
		overlays_remove_all();
		return 0;
	}
	if (count == 2 && !strcmp(words[1], "console"))
		return serve_console();
	if (count == 2 && !strcmp(words[1], "log"))
		return serve_log();
	fprintf(stderr, "usage: lastref-agent port PATH|lastref, lastref-agent stdio|visit|console|log\n");
	return 2;
}
#endif
