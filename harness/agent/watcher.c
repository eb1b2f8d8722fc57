// SPDX-License-Identifier: Apache-2.0
/* The watcher's device, and modules, of which it is one. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WATCHER "lastref-watch"

static int device = -1;
static char loaded_with[128];

int load_module(const char *name, const char *parameters)
{
	static const char *const folders[] = { FOLDER, "/lib/lastref" };
	char path[PATH_MOST];
	int error, fd = -1;

	for (size_t i = 0; fd < 0 && i < sizeof(folders) / sizeof(*folders); i++)
		fd = open(in(path, "%s/%s.ko", folders[i], name), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	if (!error && device >= 0)
		watcher_call(LRW_FORGET, NULL);
	return error;
}

int unload_module(const char *name)
{
	char real[LRW_WORD];

	snprintf(real, sizeof(real), "%s", name);
	for (char *at = real; (at = strchr(at, '-')); )
		*at = '_';
	if (syscall(SYS_delete_module, real, O_NONBLOCK))
		return -errno;
	if (device >= 0)
		watcher_call(LRW_FORGET, NULL);
	return 0;
}

static const char *hint(int error)
{
	switch (error) {
	case ENOEXEC:
		return "; it was built for another kernel";
	case ENOMEM:
		return "; its ring may be too large for this board: give a smaller one by ring_kb=N";
	case ENOENT:
		return "; its file or a function that it needs is missing";
	case EPERM:
		return "; this kernel may be locked down, or want modules to be signed";
	case EKEYREJECTED:
		return "; this kernel wants modules to be signed";
	default:
		return "";
	}
}

int watcher_open(const char *parameters, char *why, size_t size)
{
	struct lrw_stats stats;
	char path[PATH_MOST];
	int error = 0;

	in(path, LRW_DEVICE);
	if (*parameters && strcmp(parameters, loaded_with) && !access(path, F_OK)) {
		if (device >= 0)
			close(device);
		device = -1;
		error = unload_module(WATCHER);
		if (error) {
			snprintf(why, size, "cannot unload %s to load it with %s: %s",
				 WATCHER, parameters, strerror(-error));
			return error;
		}
	}
	if (device < 0 && access(path, F_OK)) {
		error = load_module(WATCHER, parameters);
		if (error && error != -EEXIST) {
			snprintf(why, size, "cannot load %s.ko: %s%s", WATCHER, strerror(-error), hint(-error));
			return error;
		}
		snprintf(loaded_with, sizeof(loaded_with), "%s", parameters);
	}
	if (device < 0)
		device = open(path, O_RDWR | O_CLOEXEC);
	if (device < 0) {
		error = -errno;
		snprintf(why, size, "cannot open %s: %s", path, strerror(errno));
		return error;
	}
	error = watcher_call(LRW_STATS, &stats);
	if (error < 0 || stats.version != LRW_VERSION) {
		snprintf(why, size, "%s on the board is of another version than the agent; unload it and try again",
			 WATCHER);
		close(device);
		device = -1;
		return error < 0 ? error : -EPROTO;
	}
	return 0;
}

bool watcher_is_open(void)
{
	return device >= 0;
}

int watcher_call(unsigned long request, void *argument)
{
	int value = ioctl(device, request, argument);

	return value < 0 ? -errno : value;
}

ssize_t watcher_read(void *records, size_t size)
{
	return read(device, records, size);
}

int watcher_mark(const char *format, ...)
{
	char text[1024];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	return write(device, text, length) == length ? 0 : -EIO;
}
