/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lastref's part on the board: one process that stays, does what it is told
 * by system calls, and sends what the watcher, lastref-watch.ko, recorded.
 *
 *	main.c		how it starts, and the port it is reached by
 *	frames.c	requests and replies over a stream of bytes
 *	lines.c		the same over a console
 *	requests.c	what can be requested
 *	steps.c		what a cycle consists of
 *	devices.c	what is done with all devices of overlays
 *	state.c		what is there beside references, before and after
 *	stand.c		a step that does not end
 *	overlays.c	overlays, by the kernel's interface or ours
 *	watcher.c	the watcher's device
 *	records.c	what it recorded, made small
 */
#ifndef AGENT_H
#define AGENT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../modules/lastref-watch.h"

#define FRAME_MOST 65536	/* bytes of payload */
#define CONTENT_MOST (8 << 20)	/* bytes of a file that is sent */
#define RESULT_MOST 256
#define PATH_MOST 512
#define FOLDER "/tmp/lastref"
#define OVERLAYS "/sys/kernel/config/device-tree/overlays"

/* As "arm" has them. */
struct event {
	char name[32];
	struct lrw_probe probe;
};

/* main.c */
extern const char *root;	/* put before each path; empty but in tests */
extern bool ended;		/* by "quit" */
const char *hello(size_t *length);
uint64_t micros(void);		/* since boot */

/* steps.c: a path, below root; what was too long is a path that does not exist */
__attribute__((format(printf, 2, 3)))
const char *in(char path[PATH_MOST], const char *format, ...);
int put_text(const char *path, const char *text);	/* by one write; negative errno */
int get_line(const char *path, char *line, size_t size);	/* the first one; negative errno */
int get_blob(const char *name, uint8_t **blob, size_t *size);
extern bool own;	/* a kernel of the user's own: how it lets go is not known */
void steps_armed(const struct event *events, int count);	/* records come, by these probes */
const struct event *event_numbered(int number);
int rest(void);	/* until no kobject is released late; negative if that does not end */
void steps_begin(void);	/* of a cycle */
void step_do(const char *step, char result[RESULT_MOST]);
extern bool records_left;	/* who looks on may read them in the stead of the task that does the steps */
#define ASIDES 16
const char *step_running(int number);	/* one that was started and has not ended, NULL */

pid_t step_task(const char *step);	/* the task of one that was started; 0: there is none */

/* devices.c: of overlays, those that came in this cycle; negative errno */
int unbind_all(const char *order);	/* last-first, first-first, suppliers-first */
int bind_all(void);		/* those that it unbound */
int hold_all(void);		/* how many files, lines and lights are held */
void release_all(void);

/* overlays.c: negative errno; what came of a blob that the kernel took is its status, "applied", "unapplied ERRNO" */
int overlay_apply(const char *name, const uint8_t *blob, size_t size, char *status, size_t room);
int overlay_remove(const char *name);
void overlays_remove_all(void);
void overlays_each(void (*tell)(const char *name));

/* state.c */
void state_forget(void);
void state_begin(void);	/* what there is, unless that is known */
void state_end(void);	/* marks what differs: "left WHAT", "gone WHAT" */

/* stand.c: a task is watched from one to the other; all is told in the caller's place, under a lock */
void stand_begin(const char *step, pid_t task,
		 void (*if_it_stands)(const char *step, pid_t task, const char *functions));
void stand_end(void);	/* does not return where that was told */
#define STACK 2048
void stand_sight(pid_t task, char functions[STACK]);	/* where it waits without end; empty if it does not */
/*
 * Marks who else waits, "asleep pid=PID comm=COMM in=FUNCTIONS", and where the kernel
 * keeps a list, which locks are held: "holds pid=PID lock=ADDRESS name=NAME at=FUNCTION".
 */
void stand_others(void);
void stand_files(void);	/* marks what is open of devices that are gone: "open pid=PID comm=COMM file=PATH" */

/* watcher.c */
int watcher_open(const char *parameters, char *why, size_t size);	/* loads it if need be */
bool watcher_is_open(void);
int watcher_call(unsigned long request, void *argument);	/* as ioctl(); negative errno */
ssize_t watcher_read(void *records, size_t size);
int watcher_mark(const char *format, ...) __attribute__((format(printf, 1, 2)));
int load_module(const char *name, const char *parameters);	/* negative errno */
int unload_module(const char *name);

/* records.c */
void records_reset(void);		/* nothing is known, here and at the host */
void records_begin(uint64_t micros);	/* of a cycle */
void records_take(const uint8_t *records, size_t size, bool keep);
bool records_crowded(void);		/* chains are better forgotten, by the watcher too */
void records_forget(void);
void records_send(void);
#define DEVICES 128
struct device { char bus[LRW_WORD], name[LRW_PATH]; };
int records_devices(struct device *devices, int most);	/* those that came in this cycle, in their order */
uint64_t records_device(const char *bus, const char *name);	/* the one that is there; 0 */
unsigned int records_out(void);	/* objects that came in this cycle and have not gone */
unsigned int records_unknown(void);	/* what was named in this cycle, but never described */

/* requests.c */
void request(const char *words, size_t length, const uint8_t *content, size_t size);
void drain(bool keep);

/* Sends a part of the reply to the request that is done; false: nobody takes it. */
extern bool (*reply)(char kind, const void *payload, size_t length);
/* Ends the request after its last reply, where its own thread will not; NULL: that does it. */
extern void (*replied)(void);

/* frames.c */
uint32_t crc32(uint32_t crc, const void *bytes, size_t size);
void set_u32(uint8_t *at, uint32_t number);
void frames_to(int fd);
bool frames_send(char kind, uint32_t id, const void *payload, size_t length);
void frames_take(const uint8_t *bytes, size_t size);
bool frames_partial(void);	/* is a frame begun? */
void frames_cut(void);		/* it will not go on */
void frames_lost(void);		/* the stream begins anew */

/* lines.c */
void lines_to(int fd);
void lines_take(const char *bytes, size_t size);
void lines_greet(void);
bool lines_work(bool wait);	/* does what was requested */
void lines_end(void);

#endif
