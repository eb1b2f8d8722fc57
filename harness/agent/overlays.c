// SPDX-License-Identifier: Apache-2.0
/*
 * Overlays, by the kernel's interface in configfs, or where it has none by our
 * module's: a folder or an open file each.
 */
#include "agent.h"
#include "../modules/lastref-overlay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULE "lastref-overlay"
#define APPLIED_MOST 32
#define ORDER_MOST 64

static struct applied { char name[LRW_WORD]; int file; } applied[APPLIED_MOST];

static bool in_configfs(void)
{
	char path[PATH_MOST];

	return !access(in(path, OVERLAYS), F_OK);
}

/* What this agent applied, in that order; one that was removed has no name. */
static char order[ORDER_MOST][LRW_WORD];
static int ordered;

static void note(const char *name)
{
	while (ordered && !*order[ordered - 1])
		ordered--;
	if (ordered < ORDER_MOST)
		snprintf(order[ordered++], LRW_WORD, "%s", name);
}

static void forget(const char *name)
{
	for (int i = ordered - 1; i >= 0; i--) {
		if (!strcmp(order[i], name)) {
			*order[i] = 0;
			return;
		}
	}
}

/* One without a name is free. */
static struct applied *called(const char *name)
{
	for (int i = 0; i < APPLIED_MOST; i++)
		if (!strcmp(applied[i].name, name))
			return applied + i;
	return NULL;
}

static int open_file(void)
{
	char path[PATH_MOST];
	int file = open(in(path, "/dev/" MODULE), O_WRONLY | O_CLOEXEC);

	return file < 0 ? -errno : file;
}

static int apply_to_file(const char *name, const uint8_t *blob, size_t size, char *status, size_t room)
{
	struct applied *place = called("");
	int file, error = 0;

	if (called(name))
		return -EEXIST;
	if (!place || strlen(name) >= sizeof(place->name))
		return -ENOSPC;
	file = open_file();
	if (file < 0) {
		error = load_module(MODULE, "");
		if (!error)
			file = open_file();
	}
	if (error || file < 0)
		return error ? error : file;
	/* As a folder in configfs it stays until it is removed, applied or not. */
	if (write(file, blob, size) == (ssize_t)size)
		snprintf(status, room, "applied");
	else
		snprintf(status, room, "unapplied %d", -errno);
	strcpy(place->name, name);
	place->file = file;
	return 0;
}

int overlay_apply(const char *name, const uint8_t *blob, size_t size, char *status, size_t room)
{
	char path[PATH_MOST];
	int fd;

	if (!in_configfs()) {
		int error = apply_to_file(name, blob, size, status, room);

		if (!error)
			note(name);
		return error;
	}
	if (mkdir(in(path, OVERLAYS "/%s", name), 0700))
		return -errno;
	note(name);
	fd = open(in(path, OVERLAYS "/%s/dtbo", name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* What comes of it is in the overlay's status. */
	(void)!write(fd, blob, size);
	close(fd);
	return get_line(in(path, OVERLAYS "/%s/status", name), status, room);
}

int overlay_remove(const char *name)
{
	struct applied *place;
	char path[PATH_MOST];

	if (in_configfs()) {
		if (rmdir(in(path, OVERLAYS "/%s", name)))
			return -errno;
		forget(name);
		return 0;
	}
	place = *name ? called(name) : NULL;
	if (!place)
		return -ENOENT;
	if (ioctl(place->file, LRO_REMOVE))
		return -errno;
	close(place->file);
	*place->name = 0;
	forget(name);
	return 0;
}

void overlays_remove_all(void)
{
	while (ordered) {
		char name[LRW_WORD];

		strcpy(name, order[--ordered]);
		if (*name)
			overlay_remove(name);
	}
}

void overlays_each(void (*tell)(const char *name))
{
	char path[PATH_MOST];
	DIR *overlays = opendir(in(path, OVERLAYS));

	for (struct dirent *entry; overlays && (entry = readdir(overlays)); )
		if (entry->d_name[0] != '.')
			tell(entry->d_name);
	if (overlays)
		closedir(overlays);
	for (int i = 0; i < APPLIED_MOST; i++)
		if (*applied[i].name)
			tell(applied[i].name);
}
