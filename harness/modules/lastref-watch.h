/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What the watcher, lastref-watch.ko, tells the agent in user space.
 *
 * read() gives whole records, as many as fit, and never waits; write() puts
 * its text into the stream as a LRW_MARK record of the calling task.
 */
#ifndef LASTREF_WATCH_H
#define LASTREF_WATCH_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define LRW_DEVICE "/dev/lastref-watch"
#define LRW_VERSION 3
#define LRW_FRAMES 16		/* functions in a call chain, at most */
#define LRW_COMM 16
#define LRW_WORD 64		/* a name, its NUL included */
#define LRW_PATH 256		/* a path in the devicetree, its NUL included */
#define LRW_PROBES 64
#define LRW_ARGUMENTS 4
#define LRW_DEPTH 4
#define LRW_RECORD 2048		/* the largest record, in bytes */

enum lrw_type {
	LRW_OBJECT = 1,		/* an object comes into sight, or has a name now */
	LRW_CHAIN,		/* a call chain that later records name by its number */
	LRW_GET,
	LRW_PUT,
	LRW_CALL,		/* a function was entered or left */
	LRW_LOG,		/* a line of the kernel's log, as it was stored */
	LRW_MARK,		/* a line of the agent's */
};

enum lrw_kind { LRW_NODE = 1, LRW_DEV, LRW_LINK };

/* At the beginning of each record. */
struct lrw_record {
	__u16 size;		/* of the whole record, a multiple of 8 */
	__u8 type;
	__u8 cpu;
	__u32 sequence;		/* one more than the last record's, lost ones included */
	__u64 nanos;		/* since boot: ktime_get_mono_fast_ns() */
	__u32 task;		/* current->pid */
	__u32 reserved;
	char comm[LRW_COMM];
};

/* LRW_GET, LRW_PUT */
struct lrw_reference {
	struct lrw_record record;
	__u64 object;		/* struct kobject * */
	__u32 count;		/* just before the operation */
	__u16 chain;
	__u16 flags;
};

#define LRW_IN_INTERRUPT 1
#define LRW_UNLESS_ZERO 2	/* kobject_get_unless_zero() */

/*
 * LRW_OBJECT; text: name, bus or "class/CLASS" (empty if none), path of a node,
 * each with its NUL
 */
struct lrw_object {
	struct lrw_record record;
	__u64 object;
	__u64 node;		/* the kobject of a device's node, 0 if it has none */
	__u32 kind;
	__u32 reserved;
	char text[];
};

/* LRW_CHAIN; text: the innermost function first, each with its NUL */
struct lrw_chain {
	struct lrw_record record;
	__u16 chain;
	__u16 frames;
	__u32 reserved;
	char text[];
};

/* LRW_CALL; values: a __u64 for a number, text with its NUL, padded to 8, for a string */
struct lrw_call {
	struct lrw_record record;
	__u16 probe;		/* the number that LRW_PROBE returned */
	__u16 arguments;
	__u32 reserved;
	char values[];
};

/* LRW_LOG, LRW_MARK */
struct lrw_text {
	struct lrw_record record;
	char text[];
};

enum lrw_probe_kind {
	LRW_ENTRY,		/* a function is entered */
	LRW_RETURN,		/* it returns; register LRW_RETURNED is what */
	LRW_CONSOLE,		/* the kernel's log gives LRW_LOG records */
	LRW_DEVRES,		/* the tracepoint devres_log: values dev, op, node, name, size */
};

enum lrw_value { LRW_U32, LRW_S32, LRW_X64, LRW_STRING, LRW_SYMBOL };

#define LRW_CALLER 30		/* of a LRW_ENTRY: where the function will return to */
#define LRW_RETURNED 31

/*
 * An argument: the register, or what the last of some pointers points to. At
 * depth 0 it is the register itself. Else the value is the register, and for
 * each offset but the last the value becomes what is at value + offset; a
 * string begins at value + the last offset, and a number is read there. A
 * symbol is the name of the function that the number is an address in.
 */
struct lrw_argument {
	__u8 reg;		/* 0 to 7, LRW_CALLER or LRW_RETURNED */
	__u8 value;		/* enum lrw_value */
	__u8 depth;
	__u8 reserved;
	__s32 offset[LRW_DEPTH];
};

enum lrw_filter {
	LRW_ALL,
	LRW_EQUALS,		/* argument number .argument is one of .match, A|B|C */
	LRW_BEGINS,		/* or begins with it */
	LRW_IS,			/* or is the number .number */
	LRW_MATTERS,		/* register .argument is a struct device * that is watched */
};

struct lrw_probe {
	char symbol[LRW_WORD];	/* FUNCTION or MODULE:FUNCTION; empty for tracepoints */
	__u8 kind;		/* enum lrw_probe_kind */
	__u8 arguments;
	__u8 filter;		/* enum lrw_filter */
	__u8 argument;
	__u32 most;		/* of a LRW_RETURN, calls at a time; 0: as the kernel thinks */
	__u64 number;
	char match[LRW_WORD];
	struct lrw_argument args[LRW_ARGUMENTS];
};

struct lrw_stats {
	__u32 version;		/* LRW_VERSION */
	__u32 hook;		/* whether kobject_get() and kobject_put() have our hook */
	__u32 exact;		/* whether counts are in the order of the operations */
	__u32 frames;
	__u64 records;
	__u64 lost;		/* for want of room in the ring */
	__u64 missed;		/* by kprobes */
	__u64 objects_full;	/* objects that were not watched: the table was full */
	__u64 chains_full;	/* chains sent again and again: the table was full */
	__u64 ring;		/* bytes */
};

struct lrw_hits {
	__u64 hits[LRW_PROBES];	/* by number, filtered out ones included */
};

struct lrw_node {
	char path[LRW_PATH];
};

struct lrw_name {
	char name[LRW_WORD];
};

struct lrw_device {
	__u64 object;		/* as in records */
};

#define LRW_PROBE	_IOW('L', 1, struct lrw_probe)	/* returns the probe's number, from 0 */
#define LRW_BASE	_IOW('L', 2, struct lrw_node)	/* a node of the base tree matters too */
#define LRW_UNBASE	_IO('L', 3)			/* none of them does, nor of the named */
#define LRW_RESET	_IO('L', 4)			/* as after loading */
#define LRW_ON		_IO('L', 5)			/* references and probes are recorded */
#define LRW_OFF		_IO('L', 6)			/* nothing is, and nothing is in the way */
#define LRW_STATS	_IOR('L', 7, struct lrw_stats)
#define LRW_HITS	_IOR('L', 8, struct lrw_hits)
#define LRW_FORGET	_IO('L', 9)			/* chains: a module was loaded or unloaded */
#define LRW_NAMED	_IOW('L', 10, struct lrw_name)	/* devices of this name matter too */
#define LRW_BOUND	_IOW('L', 11, struct lrw_device)	/* returns whether it has a driver */
#define LRW_PROBED	_IO('L', 12)			/* waits for what probes, deferred ones too */

#endif
