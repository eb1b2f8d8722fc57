// SPDX-License-Identifier: Apache-2.0
/*
 * What is done with all devices that came with overlays, whatever they are
 * called: their drivers are unbound and bound again, and what user space may
 * have open of them is held open.
 */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HELD_MOST 32

static struct device bound[DEVICES];	/* by unbind_all(), the first that came first */
static char drivers[DEVICES][LRW_WORD];
static int count;

static int held[HELD_MOST], held_count;

/* The driver of a device; empty if it has none, or is not there. */
static void driver_of(const struct device *device, char driver[LRW_WORD])
{
	char path[PATH_MOST], link[PATH_MOST], *name;
	ssize_t length = readlink(in(path, "/sys/bus/%s/devices/%s/driver", device->bus, device->name),
				  link, sizeof(link) - 1);

	link[length > 0 ? length : 0] = 0;
	name = strrchr(link, '/');
	snprintf(driver, LRW_WORD, "%.63s", name ? name + 1 : link);
}

/* Whether others need it: drivers/base/core.c calls their links so in its folder. */
static bool is_supplier(const struct device *device)
{
	char path[PATH_MOST];
	DIR *folder = opendir(in(path, "/sys/bus/%s/devices/%s", device->bus, device->name));
	bool found = false;

	for (struct dirent *entry; folder && !found && (entry = readdir(folder)); )
		found = !strncmp(entry->d_name, "consumer:", 9);
	if (folder)
		closedir(folder);
	return found;
}

static int put_name(const char *path, const struct device *device)
{
	char line[LRW_PATH + 2];

	snprintf(line, sizeof(line), "%s\n", device->name);
	return put_text(path, line);
}

/* What goes with another one, as a client with its adapter, is not there any more. */
static int unbind(const struct device *device)
{
	char path[PATH_MOST], driver[LRW_WORD];
	int error;

	driver_of(device, driver);
	if (!*driver)
		return 0;
	error = put_name(in(path, "/sys/bus/%s/drivers/%s/unbind", device->bus, driver), device);
	return error == -ENODEV ? 0 : error;
}

int unbind_all(const char *order)
{
	int first = 0, error;

	drain(true);
	count = records_devices(bound, DEVICES);
	for (int i = 0, kept = 0, all = count; i < all; i++) {
		driver_of(&bound[i], drivers[kept]);
		bound[kept] = bound[i];
		kept += *drivers[kept] != 0;
		count = kept;
	}
	if (!strcmp(order, "suppliers-first")) {
		while (first < count && !is_supplier(&bound[first]))
			first++;
		error = first < count ? unbind(&bound[first]) : 0;
		if (error)
			return error;
	} else if (strcmp(order, "last-first") && strcmp(order, "first-first")) {
		return -EINVAL;
	}
	for (int i = 0; i < count; i++) {
		error = unbind(&bound[*order == 'l' ? count - 1 - i : i]);
		if (error)
			return error;
	}
	return 0;
}

/* What is made again by another one that is bound has its driver by then. */
int bind_all(void)
{
	char path[PATH_MOST], driver[LRW_WORD];
	int error;

	for (int i = 0; i < count; i++) {
		driver_of(&bound[i], driver);
		if (*driver || access(in(path, "/sys/bus/%s/devices/%s", bound[i].bus, bound[i].name), F_OK))
			continue;
		error = put_name(in(path, "/sys/bus/%s/drivers/%s/bind", bound[i].bus, drivers[i]), &bound[i]);
		/* Put off: it has its chance when what it waits for is there, or had it just now. */
		if (error && error != -EAGAIN && error != -ENODEV && error != -EBUSY)
			return error;
	}
	return 0;
}

/* Whether something in sysfs is below one of these devices. */
static bool is_of(const char *target, const struct device *devices, int number)
{
	char part[LRW_PATH + 2];

	for (int i = 0; i < number; i++) {
		snprintf(part, sizeof(part), "/%s/", devices[i].name);
		if (strstr(target, part))
			return true;
	}
	return false;
}

static void hold(int fd, const char *format, const char *what)
{
	char told[PATH_MOST];

	if (fd < 0 || held_count == HELD_MOST)
		return;
	held[held_count++] = fd;
	snprintf(told, sizeof(told), format, what);
	watcher_mark("held what=%.200s", told);
}

/* A line of a controller that nobody has. */
static void hold_line(int chip, const char *name)
{
	struct gpiochip_info info = { 0 };

	if (ioctl(chip, GPIO_GET_CHIPINFO_IOCTL, &info))
		return;
	for (uint32_t i = 0; i < info.lines; i++) {
		struct gpio_v2_line_request line = {
			.offsets = { i }, .num_lines = 1, .consumer = "lastref",
			.config = { .flags = GPIO_V2_LINE_FLAG_INPUT },
		};

		if (!ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &line)) {
			hold(line.fd, "/dev/%s,line", name);
			return;
		}
	}
}

/* The node in /dev of what has one, opened. */
static void hold_node(const char *folder, const char *entry)
{
	char path[PATH_MOST], line[256], *name = NULL;
	FILE *event = fopen(in(path, "%s/%s/uevent", folder, entry), "re");
	int fd;

	while (event && !name && fgets(line, sizeof(line), event)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "DEVNAME=", 8))
			name = line + 8;
	}
	if (event)
		fclose(event);
	if (!name)
		return;
	fd = open(in(path, "/dev/%s", name), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	hold(fd, "/dev/%s", name);
	if (fd >= 0 && !strncmp(name, "gpiochip", 8))
		hold_line(fd, name);
}

/* A light that a trigger of the kernel's has, and its brightness open. */
static void hold_light(const char *entry)
{
	char path[PATH_MOST];

	if (put_text(in(path, "/sys/class/leds/%s/trigger", entry), "heartbeat\n"))
		return;
	hold(open(in(path, "/sys/class/leds/%s/brightness", entry), O_RDONLY | O_CLOEXEC), "leds/%s,trigger", entry);
}

int hold_all(void)
{
	/* What can be opened without doing anything to what is behind it. */
	static const char *const folders[] = {
		"/sys/class/i2c-dev", "/sys/class/spidev", "/sys/class/input", "/sys/class/rtc",
		"/sys/bus/gpio/devices", "/sys/bus/iio/devices", "/sys/class/leds",
	};
	static struct device devices[DEVICES];
	char path[PATH_MOST], target[PATH_MOST];
	int number;

	drain(true);
	number = records_devices(devices, DEVICES);
	release_all();
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		DIR *folder = opendir(in(path, "%s", folders[i]));

		for (struct dirent *entry; folder && (entry = readdir(folder)); ) {
			ssize_t length;

			if (entry->d_name[0] == '.')
				continue;
			length = readlink(in(path, "%s/%s", folders[i], entry->d_name), target, sizeof(target) - 1);
			target[length > 0 ? length : 0] = 0;
			if (!is_of(target, devices, number))
				continue;
			if (!strcmp(folders[i], "/sys/class/leds"))
				hold_light(entry->d_name);
			else
				hold_node(folders[i], entry->d_name);
		}
		if (folder)
			closedir(folder);
	}
	return held_count;
}

void release_all(void)
{
	while (held_count)
		close(held[--held_count]);
}
