// SPDX-License-Identifier: GPL-2.0
/*
 * The watcher: records who takes and drops references to the nodes of overlays,
 * to the devices that have such a node, and to the links between those devices.
 * What it tells user space, and what it is told, is in lastref-watch.h.
 *
 * Each get and put comes by a hook in lib/kobject.c where the kernel has one,
 * and by kprobes elsewhere. In both ways the operation is done here, under the
 * lock that orders the records: counts and order are those of the operations.
 *
 * Nothing here takes a reference while it watches. Which nodes and devices are
 * alive is known from having seen them come and go; a pointer to anything else
 * is compared, and never followed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/device.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/kasan.h>
#include <linux/kobject.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "lastref-watch.h"

static unsigned int ring_kb = 16384;
module_param(ring_kb, uint, 0444);
MODULE_PARM_DESC(ring_kb, "room for records that were not read yet, in KiB");

static char *way = "auto";
module_param(way, charp, 0444);
MODULE_PARM_DESC(way, "hook, kprobes, or auto: the hook where the kernel has it");

static bool exact = true;
module_param(exact, bool, 0444);
MODULE_PARM_DESC(exact, "with kprobes: do the operations here, so that their order is known");

#define WATCH_OBJECTS 4096
#define WATCH_CHAINS 4096
#define WATCH_BITS 13		/* of the tables' hashes */
#define WATCH_NONE 0xffff	/* no index; and of a chain that is not in the table */
#define WATCH_PARENTS 16	/* of a node, in its path */
#define WATCH_SAVED 48		/* frames, those of an interrupt's entry among them */
#define WATCH_VALUES 5		/* in a record, at most */
#define WATCH_NAMES 64		/* of devices that matter by their names */

enum watch_op { WATCH_GET, WATCH_GET_UNLESS_ZERO, WATCH_PUT };

/* As the hook has it. */
enum watch_result {
	WATCH_PASS,		/* the kernel does the operation */
	WATCH_DONE,		/* it was done here */
	WATCH_ZERO,		/* it was, and the count is 0 */
};

struct watch_object {
	const struct kobject *kobj;
	const struct kobject *node;	/* of a device */
	u16 next;			/* of the same hash, or free */
	u8 kind;
	bool base;			/* matters by LRW_BASE alone, until LRW_UNBASE */
	bool told;			/* there was a LRW_OBJECT record */
	bool named;			/* and it had a name */
};

struct watch_stack {
	unsigned long frames[LRW_FRAMES];
	unsigned int depth;
	u32 hash;
};

struct watch_chain {
	struct watch_stack stack;
	u16 next;
};

struct watch_probe {
	struct lrw_probe ask;
	union {
		struct kprobe entry;
		struct kretprobe leave;
		struct tracepoint *tracepoint;
	};
	atomic64_t hits;
	bool set;		/* not so as long as the function's module is not there */
	bool enabled;		/* a tracepoint's handler is registered */
};

/* A record under way. */
struct watch_call {
	union {
		struct lrw_call call;
		char bytes[sizeof(struct lrw_call) + WATCH_VALUES * LRW_WORD];
	};
	size_t size;
	unsigned int values;
	u16 at[WATCH_VALUES];
};

/* What user space asks for is done one after the other. */
static DEFINE_MUTEX(watch_mutex);
static unsigned long watch_opened;
static struct watch_probe watch_probes[LRW_PROBES];
static unsigned int watch_probes_set;
static u64 watch_missed;	/* by probes that are gone */
static bool watch_on;
static bool watch_by_hook;
static const struct kobj_type *watch_node_ktype;
static const struct kobj_type *watch_device_ktype;

/*
 * Guards all below, but that readers move the tail. What the kernel logs while
 * it is held comes back here by the tracepoint console: the owner tells. It is
 * no lock that lockdep knows, for it would be in each chain that lockdep proves,
 * and nothing else is taken while it is held.
 */
static arch_spinlock_t watch_lock = __ARCH_SPIN_LOCK_UNLOCKED;
static int watch_owner = -1;
static atomic64_t watch_nested = ATOMIC64_INIT(0);

static u8 *watch_ring;
static u64 watch_size;
static u64 watch_head, watch_tail;	/* bytes ever written, and read */
static u32 watch_sequence;
static u64 watch_records, watch_lost;

static struct watch_object watch_objects[WATCH_OBJECTS];
static u16 watch_object_heads[1 << WATCH_BITS];
static u16 watch_object_free;
static u64 watch_objects_full;
static char watch_names[WATCH_NAMES][LRW_WORD];
static unsigned int watch_names_set;
static const void *watch_link_class;

static struct watch_chain watch_chains[WATCH_CHAINS];
static u16 watch_chain_heads[1 << WATCH_BITS];
static unsigned int watch_chains_known;
static u64 watch_chains_full;

static char watch_symbol[KSYM_SYMBOL_LEN];
static union {
	struct lrw_object object;
	struct lrw_chain chain;
	struct lrw_text text;
	char bytes[LRW_RECORD];
} watch_stage;

static bool __kprobes watch_enter(unsigned long *flags)
{
	local_irq_save(*flags);
	if (READ_ONCE(watch_owner) == raw_smp_processor_id()) {
		atomic64_inc(&watch_nested);
		local_irq_restore(*flags);
		return false;
	}
	arch_spin_lock(&watch_lock);
	WRITE_ONCE(watch_owner, raw_smp_processor_id());
	return true;
}

static void __kprobes watch_leave(unsigned long flags)
{
	WRITE_ONCE(watch_owner, -1);
	arch_spin_unlock(&watch_lock);
	local_irq_restore(flags);
}

/* By words: most records are too short for a call of memcpy() to be worth it. */
static __always_inline void watch_copy(void *to, const void *from, size_t size)
{
	const u64 *word = from;
	u64 *place = to;

	for (; size; size -= sizeof(*word))
		*place++ = *word++;
}

/* Puts a record of so many bytes, a multiple of 8, into the ring. */
static bool __kprobes watch_emit(struct lrw_record *record, u8 type, size_t size)
{
	/* What was read is out before it is written over. */
	u64 used = watch_head - smp_load_acquire(&watch_tail);
	u64 at = watch_head % watch_size;
	size_t part = min_t(u64, size, watch_size - at);

	record->size = size;
	record->type = type;
	record->cpu = raw_smp_processor_id();
	record->sequence = watch_sequence++;
	record->nanos = ktime_get_mono_fast_ns();
	record->task = current->pid;
	record->reserved = 0;
	memcpy(record->comm, current->comm, LRW_COMM);
	if (size > watch_size - used) {
		watch_lost++;
		return false;
	}
	watch_copy(watch_ring + at, record, part);
	watch_copy(watch_ring, (u8 *)record + part, size - part);
	watch_records++;
	/* A reader that sees the head sees the record. */
	smp_store_release(&watch_head, watch_head + size);
	return true;
}

/* Copies a text that may be anything, by words, which never cross into another page. */
static size_t __kprobes watch_text(char *to, size_t room, const char *from)
{
	unsigned long at = (unsigned long)from & ~7UL;
	unsigned int byte = (unsigned long)from & 7;
	size_t length = 0;
	u64 word;

	pagefault_disable();
	for (;; at += 8, byte = 0) {
		__get_kernel_nofault(&word, at, u64, fault);
		for (; byte < 8; byte++) {
			to[length] = length == room - 1 ? 0 : word >> 8 * byte;
			if (!to[length++]) {
				pagefault_enable();
				return length;
			}
		}
	}
fault:
	pagefault_enable();
	return strscpy(to, "(fault)", room) + 1;
}

static size_t __kprobes watch_path(char *to, const struct device_node *np)
{
	const struct device_node *nodes[WATCH_PARENTS];
	struct device_node *parent;
	const char *name;
	size_t length = 0;
	unsigned int count = 0;

	while (count < WATCH_PARENTS && !get_kernel_nofault(parent, &np->parent) && parent) {
		nodes[count++] = np;
		np = parent;
	}
	if (!count)
		return strscpy(to, "/", LRW_PATH) + 1;
	while (count-- && length < LRW_PATH - 2) {
		to[length++] = '/';
		if (get_kernel_nofault(name, &nodes[count]->full_name))
			name = NULL;
		length += watch_text(to + length, LRW_PATH - length, name) - 1;
	}
	return length + 1;
}

static u16 __kprobes watch_object_hash(const struct kobject *kobj)
{
	return hash_ptr((void *)kobj, WATCH_BITS);
}

static struct watch_object *__kprobes watch_find(const struct kobject *kobj)
{
	u16 index = watch_object_heads[watch_object_hash(kobj)];

	for (; index != WATCH_NONE; index = watch_objects[index].next)
		if (watch_objects[index].kobj == kobj)
			return &watch_objects[index];
	return NULL;
}

static struct watch_object *__kprobes watch_add(const struct kobject *kobj, u8 kind)
{
	u16 *head = &watch_object_heads[watch_object_hash(kobj)];
	u16 index = watch_object_free;
	struct watch_object *object;

	if (index == WATCH_NONE) {
		watch_objects_full++;
		return NULL;
	}
	object = &watch_objects[index];
	watch_object_free = object->next;
	memset(object, 0, sizeof(*object));
	object->kobj = kobj;
	object->kind = kind;
	object->next = *head;
	WRITE_ONCE(*head, index);
	return object;
}

static void __kprobes watch_drop(struct watch_object *object)
{
	u16 index = object - watch_objects;
	u16 *link = &watch_object_heads[watch_object_hash(object->kobj)];

	while (*link != index)
		link = &watch_objects[*link].next;
	WRITE_ONCE(*link, object->next);
	object->kobj = NULL;
	object->next = watch_object_free;
	watch_object_free = index;
}

static bool __kprobes watch_is_link(const struct device *dev)
{
	const struct class *class = dev->class;

	if (!class)
		return false;
	if (READ_ONCE(watch_link_class))
		return class == watch_link_class;
	if (!class->name || strcmp(class->name, "devlink"))
		return false;
	WRITE_ONCE(watch_link_class, class);
	return true;
}

static u8 __kprobes watch_kind(const struct kobject *kobj)
{
	if (kobj->ktype == watch_node_ktype)
		return LRW_NODE;
	if (kobj->ktype != watch_device_ktype)
		return 0;
	return watch_is_link(container_of(kobj, struct device, kobj)) ? LRW_LINK : LRW_DEV;
}

static bool __kprobes watch_hashed(const struct kobject *kobj)
{
	return READ_ONCE(watch_object_heads[watch_object_hash(kobj)]) != WATCH_NONE;
}

static bool __kprobes watch_overlay_node(const struct kobject *kobj)
{
	return of_node_check_flag(container_of(kobj, struct device_node, kobj), OF_OVERLAY);
}

/* Names are set while nothing is done to the devices that they are of. */
static bool __kprobes watch_is_named(const struct device *dev)
{
	unsigned int count = READ_ONCE(watch_names_set);
	const char *name = count ? dev_name(dev) : NULL;

	while (name && count--)
		if (!strcmp(name, watch_names[count]))
			return true;
	return false;
}

/* Whether it is worth a look under the lock: false for nearly all that do not matter. */
static bool __kprobes watch_may_matter(const struct kobject *kobj)
{
	const struct device_link *link;
	const struct device *dev;

	if (!READ_ONCE(watch_on))
		return false;
	switch (watch_kind(kobj)) {
	case LRW_NODE:
		return watch_overlay_node(kobj) || watch_hashed(kobj);
	case LRW_DEV:
		dev = container_of(kobj, struct device, kobj);
		return (dev->of_node && watch_hashed(&dev->of_node->kobj)) || watch_hashed(kobj) ||
		       watch_is_named(dev);
	case LRW_LINK:
		link = container_of(kobj, struct device_link, link_dev.kobj);
		return watch_hashed(&link->supplier->kobj) ||
		       watch_hashed(&link->consumer->kobj) || watch_hashed(kobj);
	}
	return false;
}

/* The object, if it matters; it is added if it was not known and is wanted so. */
static struct watch_object *__kprobes
watch_look(const struct kobject *kobj, bool add, bool *matters)
{
	struct watch_object *object = watch_find(kobj), *one = NULL, *other = NULL;
	const struct device_link *link;
	const struct device *dev;
	u8 kind = watch_kind(kobj);

	*matters = true;
	if (object && object->kind == kind)
		return object;
	/* Freed, and not by its last put; something else is there now. */
	if (object)
		watch_drop(object);
	switch (kind) {
	case LRW_NODE:
		*matters = watch_overlay_node(kobj);
		break;
	case LRW_DEV:
		dev = container_of(kobj, struct device, kobj);
		one = dev->of_node ? watch_find(&dev->of_node->kobj) : NULL;
		*matters = one || watch_is_named(dev);
		break;
	case LRW_LINK:
		link = container_of(kobj, struct device_link, link_dev.kobj);
		one = watch_find(&link->supplier->kobj);
		other = watch_find(&link->consumer->kobj);
		*matters = one || other;
		break;
	default:
		*matters = false;
	}
	if (!*matters || !add)
		return NULL;
	object = watch_add(kobj, kind);
	if (!object)
		return NULL;
	if (kind == LRW_DEV && one)
		object->node = one->kobj;
	object->base = kind != LRW_NODE && (!one || one->base) && (!other || other->base);
	return object;
}

/* The record that names an object; that of a device's node comes first. */
static void __kprobes watch_tell(struct watch_object *object)
{
	struct lrw_object *record = &watch_stage.object;
	const struct device_node *np = NULL;
	const struct device *dev = NULL;
	struct watch_object *node;
	const char *name, *bus = NULL;
	char *text = record->text;
	bool class = false;

	if (object->kind == LRW_NODE) {
		np = container_of(object->kobj, struct device_node, kobj);
		name = np->full_name;
	} else {
		node = object->node ? watch_find(object->node) : NULL;
		if (node && !node->told)
			watch_tell(node);
		dev = container_of(object->kobj, struct device, kobj);
		name = dev_name(dev);
		class = !dev->bus && dev->class;
		if (dev->bus)
			bus = dev->bus->name;
		else if (class)
			bus = dev->class->name;
	}
	object->named = name;
	text += watch_text(text, LRW_PATH, name ?: "");
	if (class)
		text += strscpy(text, "class/", LRW_WORD);
	text += watch_text(text, LRW_WORD / 2, bus ?: "");
	if (np)
		text += watch_path(text, np);
	else
		*text++ = 0;
	while (!IS_ALIGNED(text - watch_stage.bytes, 8))
		*text++ = 0;
	record->object = (unsigned long)object->kobj;
	record->node = (unsigned long)object->node;
	record->kind = object->kind;
	record->reserved = 0;
	object->told = watch_emit(&record->record, LRW_OBJECT, text - watch_stage.bytes);
}

/* The address of a kretprobe's trampoline stands where a caller's was. */
static bool __kprobes watch_trampoline(unsigned long address)
{
	sprint_symbol_no_offset(watch_symbol, address);
	return strstarts(watch_symbol, "__kretprobe_trampoline") ||
	       strstarts(watch_symbol, "arch_rethook_trampoline");
}

/* The number of a call chain, after the record that tells what it means. */
static u16 __kprobes watch_chain(const struct watch_stack *stack)
{
	u16 *head = &watch_chain_heads[stack->hash & (BIT(WATCH_BITS) - 1)];
	struct lrw_chain *record = &watch_stage.chain;
	struct watch_stack *known;
	char *text = record->text;
	unsigned int frame;
	u16 index;

	for (index = *head; index != WATCH_NONE; index = watch_chains[index].next) {
		known = &watch_chains[index].stack;
		if (known->hash != stack->hash || known->depth != stack->depth)
			continue;
		for (frame = 0; frame < stack->depth; frame++)
			if (known->frames[frame] != stack->frames[frame])
				break;
		if (frame == stack->depth)
			return index;
	}
	index = watch_chains_known < WATCH_CHAINS ? watch_chains_known : WATCH_NONE;
	record->frames = 0;
	for (frame = 0; frame < stack->depth; frame++) {
		int length;

		if (watch_trampoline(stack->frames[frame]))
			continue;
		length = sprint_symbol_no_offset(watch_symbol, stack->frames[frame] - 1) + 1;
		if (text + length > watch_stage.bytes + LRW_RECORD)
			break;
		memcpy(text, watch_symbol, length);
		text += length;
		record->frames++;
	}
	while (!IS_ALIGNED(text - watch_stage.bytes, 8))
		*text++ = 0;
	record->chain = index;
	record->reserved = 0;
	if (index == WATCH_NONE)
		watch_chains_full++;
	if (!watch_emit(&record->record, LRW_CHAIN, text - watch_stage.bytes))
		return WATCH_NONE;
	if (index == WATCH_NONE)
		return WATCH_NONE;
	watch_chains[index].stack = *stack;
	watch_chains[index].next = *head;
	*head = index;
	watch_chains_known++;
	return index;
}

static void watch_forget_chains(void)
{
	memset(watch_chain_heads, 0xff, sizeof(watch_chain_heads));
	watch_chains_known = 0;
}

/*
 * Collects who called: at @ip, which the frame record at @frame leads away from.
 * On an interrupt's stack the kernel walks itself, and what it saw from @pc on
 * counts.
 */
static void __kprobes watch_walk(struct watch_stack *stack, unsigned long ip, unsigned long frame,
				 unsigned long pc)
{
	unsigned long low = (unsigned long)task_stack_page(current);
	unsigned long high = low + THREAD_SIZE;
	unsigned long saved[WATCH_SAVED];
	unsigned int depth = 0, count, i;
	u64 hash = 0;

	stack->frames[depth++] = ip;
	if (frame >= low && frame < high) {
		while (depth < LRW_FRAMES && frame >= low && frame <= high - 16 && !(frame & 7)) {
			unsigned long next = *(unsigned long *)frame;

			ip = *(unsigned long *)(frame + 8);
			if (!ip)
				break;
			/* Text is at the top, so what signs an address can only clear bits. */
			if (IS_ENABLED(CONFIG_ARM64_PTR_AUTH_KERNEL))
				ip |= GENMASK_ULL(63, VA_BITS_MIN - 1);
			stack->frames[depth++] = ip;
			if (next <= frame)
				break;
			frame = next;
		}
	} else {
		count = stack_trace_save(saved, ARRAY_SIZE(saved), 0);
		for (i = 0; i < count && saved[i] != pc; i++)
			;
		for (i++; i < count && depth < LRW_FRAMES; i++)
			stack->frames[depth++] = saved[i];
	}
	stack->depth = depth;
	for (i = 0; i < depth; i++)
		hash = (hash ^ stack->frames[i]) * GOLDEN_RATIO_64;
	stack->hash = hash >> 32;
}

/*
 * The operation itself. What the kernel would warn of is left to it, for it
 * would do so under our lock. So is the last put, unless whoever called us can
 * call the release: @last.
 */
static enum watch_result __kprobes
watch_operate(struct kobject *kobj, enum watch_op op, bool last, u32 *count)
{
	atomic_t *refs = &kobj->kref.refcount.refs;
	int old = atomic_read(refs);
	bool done;

	do {
		*count = old;
		if (!old && op == WATCH_GET_UNLESS_ZERO && last)
			return WATCH_ZERO;
		if (old <= 0 || old == INT_MAX || (old == 1 && op == WATCH_PUT && !last))
			return WATCH_PASS;
		if (op == WATCH_PUT)
			done = atomic_try_cmpxchg_release(refs, &old, old - 1);
		else
			done = atomic_try_cmpxchg_relaxed(refs, &old, old + 1);
	} while (!done);
	if (op != WATCH_PUT || *count > 1)
		return WATCH_DONE;
	smp_acquire__after_ctrl_dep();
	return WATCH_ZERO;
}

/* KASAN does not look at what is done here: the kernel has to do what it would report. */
static bool __kprobes watch_poisoned(const struct kobject *kobj)
{
#ifdef CONFIG_KASAN_GENERIC
	return *(u8 *)kasan_mem_to_shadow(&kobj->kref);
#else
	return false;
#endif
}

static bool __kprobes watch_safe(const struct kobject *kobj)
{
	return kobj->state_initialized && !watch_poisoned(kobj);
}

static enum watch_result __kprobes
watch_event(struct kobject *kobj, enum watch_op op, const struct watch_stack *stack, bool operate,
	    bool last)
{
	enum watch_result result = WATCH_PASS;
	struct lrw_reference record;
	struct watch_object *object;
	unsigned long flags;
	bool matters;

	if (!watch_enter(&flags))
		return WATCH_PASS;
	object = watch_look(kobj, true, &matters);
	if (object) {
		if (!object->told ||
		    (!object->named && object->kind != LRW_NODE && kobject_name(kobj)))
			watch_tell(object);
		record.object = (unsigned long)kobj;
		record.chain = watch_chain(stack);
		record.flags = (in_task() ? 0 : LRW_IN_INTERRUPT) |
			       (op == WATCH_GET_UNLESS_ZERO ? LRW_UNLESS_ZERO : 0);
		if (operate && watch_safe(kobj))
			result = watch_operate(kobj, op, last, &record.count);
		else
			record.count = kref_read(&kobj->kref);
		watch_emit(&record.record, op == WATCH_PUT ? LRW_PUT : LRW_GET, sizeof(record));
		if (!record.count || (op == WATCH_PUT && record.count == 1))
			watch_drop(object);
	}
	watch_leave(flags);
	return result;
}

#ifdef CONFIG_KOBJECT_WATCH
#include <linux/kobject_watch.h>

static int (*watch_set)(kobject_watcher_t watcher);

static enum kobject_watch_result __kprobes
watch_hook(struct kobject *kobj, enum kobject_watch_op op, unsigned long ip, unsigned long frame)
{
	static const enum watch_op ops[] = {
		[KOBJECT_WATCH_GET] = WATCH_GET,
		[KOBJECT_WATCH_GET_UNLESS_ZERO] = WATCH_GET_UNLESS_ZERO,
		[KOBJECT_WATCH_PUT] = WATCH_PUT,
	};
	static const enum kobject_watch_result results[] = {
		[WATCH_PASS] = KOBJECT_WATCH_PASS,
		[WATCH_DONE] = KOBJECT_WATCH_DONE,
		[WATCH_ZERO] = KOBJECT_WATCH_ZERO,
	};
	struct watch_stack stack;

	if (!watch_may_matter(kobj))
		return KOBJECT_WATCH_PASS;
	watch_walk(&stack, ip, *(unsigned long *)frame, ip);
	return results[watch_event(kobj, ops[op], &stack, true, true)];
}

/* At run time: a kernel that has none takes the module all the same. */
static bool watch_find_hook(void)
{
	watch_set = symbol_get(kobject_watch_set);
	return watch_set;
}

static void watch_put_hook(void)
{
	if (watch_set)
		symbol_put(kobject_watch_set);
}

static int watch_hook_on(void)
{
	return watch_set(watch_hook);
}

static void watch_hook_off(void)
{
	watch_set(NULL);
}
#else
static bool watch_find_hook(void)
{
	return false;
}

static void watch_put_hook(void)
{
}

static int watch_hook_on(void)
{
	return -ENOENT;
}

static void watch_hook_off(void)
{
}
#endif

static int __kprobes watch_hit(enum watch_op op, struct pt_regs *regs)
{
	struct kobject *kobj = (struct kobject *)regs->regs[0];
	enum watch_result result = WATCH_PASS;
	struct watch_stack stack;
	u32 count;

	if (!kobj)
		return 0;
	if (watch_may_matter(kobj)) {
		watch_walk(&stack, regs->regs[30], regs->regs[29], regs->pc);
		result = watch_event(kobj, op, &stack, exact, false);
	} else if (exact && watch_safe(kobj)) {
		/* To do it costs less than to step over the probe. */
		result = watch_operate(kobj, op, false, &count);
	}
	if (result != WATCH_DONE)
		return 0;
	/* As if the function had returned; what it returns is its argument. */
	instruction_pointer_set(regs, regs->regs[30]);
	return 1;
}

static int __kprobes watch_pre_get(struct kprobe *kprobe, struct pt_regs *regs)
{
	return watch_hit(WATCH_GET, regs);
}

static int __kprobes watch_pre_get_unless_zero(struct kprobe *kprobe, struct pt_regs *regs)
{
	return watch_hit(WATCH_GET_UNLESS_ZERO, regs);
}

static int __kprobes watch_pre_put(struct kprobe *kprobe, struct pt_regs *regs)
{
	return watch_hit(WATCH_PUT, regs);
}

static struct kprobe watch_kprobes[3];
static struct kprobe *watch_kprobe_list[] = {
	&watch_kprobes[0], &watch_kprobes[1], &watch_kprobes[2],
};

static int watch_kprobes_on(void)
{
	memset(watch_kprobes, 0, sizeof(watch_kprobes));
	watch_kprobes[0].symbol_name = "kobject_get";
	watch_kprobes[0].pre_handler = watch_pre_get;
	watch_kprobes[1].symbol_name = "kobject_get_unless_zero";
	watch_kprobes[1].pre_handler = watch_pre_get_unless_zero;
	watch_kprobes[2].symbol_name = "kobject_put";
	watch_kprobes[2].pre_handler = watch_pre_put;
	return register_kprobes(watch_kprobe_list, ARRAY_SIZE(watch_kprobe_list));
}

static u64 watch_kprobes_missed(void)
{
	return watch_kprobes[0].nmissed + watch_kprobes[1].nmissed + watch_kprobes[2].nmissed;
}

static void watch_kprobes_off(void)
{
	unregister_kprobes(watch_kprobe_list, ARRAY_SIZE(watch_kprobe_list));
	watch_missed += watch_kprobes_missed();
	memset(watch_kprobes, 0, sizeof(watch_kprobes));
}

static void __kprobes watch_call_begin(struct watch_call *call)
{
	call->size = sizeof(struct lrw_call);
	call->values = 0;
}

static void __kprobes watch_call_number(struct watch_call *call, u64 number)
{
	call->at[call->values++] = call->size;
	memcpy(call->bytes + call->size, &number, sizeof(number));
	call->size += sizeof(number);
}

static void __kprobes watch_call_text(struct watch_call *call, const char *text)
{
	call->at[call->values++] = call->size;
	call->size += watch_text(call->bytes + call->size, LRW_WORD, text);
	while (!IS_ALIGNED(call->size, 8))
		call->bytes[call->size++] = 0;
}

/* A number that cannot be read is 0. */
static void __kprobes watch_call_argument(struct watch_call *call,
					  const struct lrw_argument *argument,
					  struct pt_regs *regs)
{
	u64 value = regs->regs[argument->reg == LRW_RETURNED ? 0 : argument->reg];
	unsigned int last = argument->depth - 1, i;
	char symbol[KSYM_SYMBOL_LEN];
	u32 half;

	if (argument->depth) {
		for (i = 0; i < last; i++)
			if (get_kernel_nofault(value, (u64 *)(value + argument->offset[i])))
				value = 0;
		value += argument->offset[last];
	}
	if (argument->value == LRW_STRING) {
		watch_call_text(call, (const char *)value);
		return;
	}
	if (argument->depth && (argument->value == LRW_X64 || argument->value == LRW_SYMBOL)) {
		if (get_kernel_nofault(value, (u64 *)value))
			value = 0;
	} else if (argument->depth) {
		value = get_kernel_nofault(half, (u32 *)value) ? 0 : half;
	}
	if (argument->value == LRW_SYMBOL) {
		sprint_symbol_no_offset(symbol, value - 1);
		watch_call_text(call, symbol);
		return;
	}
	if (argument->value == LRW_U32)
		value = (u32)value;
	else if (argument->value == LRW_S32)
		value = (s32)value;
	watch_call_number(call, value);
}

/* Whether it is one of some words with bars between them. */
static bool __kprobes watch_is_one(const char *value, const char *words)
{
	size_t length = strlen(value);

	for (; words; words = strchr(words, '|')) {
		words += *words == '|';
		if (!strncmp(words, value, length) && (!words[length] || words[length] == '|'))
			return true;
	}
	return false;
}

static bool __kprobes watch_passes(const struct lrw_probe *ask, const struct watch_call *call)
{
	const char *value = call->bytes + call->at[ask->argument];

	switch (ask->filter) {
	case LRW_EQUALS:
		return watch_is_one(value, ask->match);
	case LRW_BEGINS:
		return strstarts(value, ask->match);
	case LRW_IS:
		return !memcmp(value, &ask->number, sizeof(ask->number));
	}
	return true;
}

/* Of a device that surely does not matter, no argument is read. */
static bool __kprobes watch_call_may_matter(const struct watch_probe *probe,
					    const struct pt_regs *regs)
{
	const struct device *dev = (const struct device *)regs->regs[probe->ask.argument];

	return probe->ask.filter != LRW_MATTERS ||
	       (!IS_ERR_OR_NULL(dev) && watch_may_matter(&dev->kobj));
}

static void __kprobes watch_call_end(struct watch_probe *probe, struct watch_call *call,
				     struct pt_regs *regs)
{
	const struct device *dev = NULL;
	unsigned long flags;
	bool matters = true;

	if (probe->ask.filter == LRW_MATTERS)
		dev = (const struct device *)regs->regs[probe->ask.argument];
	else if (!watch_passes(&probe->ask, call))
		return;
	if (!watch_enter(&flags))
		return;
	if (dev)
		watch_look(&dev->kobj, false, &matters);
	if (matters) {
		call->call.probe = probe - watch_probes;
		call->call.arguments = call->values;
		call->call.reserved = 0;
		watch_emit(&call->call.record, LRW_CALL, call->size);
	}
	watch_leave(flags);
}

static void __kprobes watch_called(struct watch_probe *probe, struct pt_regs *regs)
{
	struct watch_call call;
	unsigned int i;

	if (READ_ONCE(watch_on) && watch_call_may_matter(probe, regs)) {
		watch_call_begin(&call);
		for (i = 0; i < probe->ask.arguments; i++)
			watch_call_argument(&call, &probe->ask.args[i], regs);
		watch_call_end(probe, &call, regs);
	}
	/* Last: whoever waits for a hit finds its record in the ring. */
	atomic64_inc(&probe->hits);
}

static int __kprobes watch_entered(struct kprobe *kprobe, struct pt_regs *regs)
{
	watch_called(container_of(kprobe, struct watch_probe, entry), regs);
	return 0;
}

static int __kprobes watch_returned(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct kretprobe *kretprobe = get_kretprobe(instance);

	if (kretprobe)
		watch_called(container_of(kretprobe, struct watch_probe, leave), regs);
	return 0;
}

/* Probes of the tracepoints console and devres_log. */
static void __kprobes watch_console(void *data, const char *text, size_t length)
{
	struct lrw_text *record = &watch_stage.text;
	struct watch_probe *probe = data;
	unsigned long flags;
	size_t size;

	atomic64_inc(&probe->hits);
	if (length && text[length - 1] == '\n')
		length--;
	length = min_t(size_t, length, LRW_RECORD - sizeof(*record) - 1);
	if (!READ_ONCE(watch_on) || !watch_enter(&flags))
		return;
	memcpy(record->text, text, length);
	size = ALIGN(sizeof(*record) + length + 1, 8);
	memset(record->text + length, 0, size - sizeof(*record) - length);
	watch_emit(&record->record, LRW_LOG, size);
	watch_leave(flags);
}

static void __kprobes watch_devres(void *data, struct device *dev, const char *op, void *node,
				   const char *name, size_t size)
{
	struct watch_probe *probe = data;
	struct watch_call call;

	atomic64_inc(&probe->hits);
	if (!READ_ONCE(watch_on))
		return;
	watch_call_begin(&call);
	watch_call_text(&call, dev_name(dev));
	watch_call_text(&call, op);
	watch_call_number(&call, (unsigned long)node);
	watch_call_text(&call, name);
	watch_call_number(&call, size);
	watch_call_end(probe, &call, NULL);
}

struct watch_search {
	const char *name;
	struct tracepoint *found;
};

static void watch_compare(struct tracepoint *tracepoint, void *data)
{
	struct watch_search *search = data;

	if (!strcmp(tracepoint->name, search->name))
		search->found = tracepoint;
}

static void *watch_tracepoint_handler(const struct watch_probe *probe)
{
	return probe->ask.kind == LRW_CONSOLE ? (void *)watch_console : (void *)watch_devres;
}

static int watch_probe_register(struct watch_probe *probe)
{
	struct watch_search search = {
		.name = probe->ask.kind == LRW_CONSOLE ? "console" : "devres_log",
	};

	switch (probe->ask.kind) {
	case LRW_ENTRY:
		probe->entry.symbol_name = probe->ask.symbol;
		probe->entry.pre_handler = watch_entered;
		probe->entry.flags = KPROBE_FLAG_DISABLED;
		return register_kprobe(&probe->entry);
	case LRW_RETURN:
		probe->leave.kp.symbol_name = probe->ask.symbol;
		probe->leave.kp.flags = KPROBE_FLAG_DISABLED;
		probe->leave.handler = watch_returned;
		probe->leave.maxactive = probe->ask.most;
		return register_kretprobe(&probe->leave);
	}
	for_each_kernel_tracepoint(watch_compare, &search);
	probe->tracepoint = search.found;
	return search.found ? 0 : -ENOENT;
}

static int watch_probe_enable(struct watch_probe *probe)
{
	int ret = 0;

	if (!probe->set)
		return 0;
	switch (probe->ask.kind) {
	case LRW_ENTRY:
		return enable_kprobe(&probe->entry);
	case LRW_RETURN:
		return enable_kretprobe(&probe->leave);
	}
	if (!probe->enabled)
		ret = tracepoint_probe_register(probe->tracepoint, watch_tracepoint_handler(probe),
						probe);
	probe->enabled = !ret;
	return ret;
}

static void watch_probe_disable(struct watch_probe *probe)
{
	if (!probe->set)
		return;
	switch (probe->ask.kind) {
	case LRW_ENTRY:
		disable_kprobe(&probe->entry);
		return;
	case LRW_RETURN:
		disable_kretprobe(&probe->leave);
		return;
	}
	if (probe->enabled)
		tracepoint_probe_unregister(probe->tracepoint, watch_tracepoint_handler(probe),
					    probe);
	probe->enabled = false;
}

static u64 watch_probe_missed(const struct watch_probe *probe)
{
	switch (probe->ask.kind) {
	case LRW_ENTRY:
		return probe->entry.nmissed;
	case LRW_RETURN:
		return probe->leave.nmissed + probe->leave.kp.nmissed;
	}
	return 0;
}

static void watch_off(void)
{
	unsigned int i;

	if (!watch_on)
		return;
	WRITE_ONCE(watch_on, false);
	if (watch_by_hook)
		watch_hook_off();
	else
		watch_kprobes_off();
	for (i = 0; i < watch_probes_set; i++)
		watch_probe_disable(&watch_probes[i]);
	tracepoint_synchronize_unregister();
}

/* While nobody looked objects came and went, but not nodes of the base tree. */
static void watch_drop_all(void)
{
	struct watch_object *object;
	unsigned long flags;

	if (!watch_enter(&flags))
		return;
	for (object = watch_objects; object < watch_objects + WATCH_OBJECTS; object++) {
		object->told = false;
		if (object->kobj && !(object->kind == LRW_NODE && object->base))
			watch_drop(object);
	}
	watch_leave(flags);
}

static int watch_start(void)
{
	struct device_node *np;
	unsigned int i;
	int ret;

	if (watch_on)
		return 0;
	watch_drop_all();
	WRITE_ONCE(watch_on, true);
	ret = watch_by_hook ? watch_hook_on() : watch_kprobes_on();
	if (ret) {
		WRITE_ONCE(watch_on, false);
		pr_err("kobject_get() and kobject_put() cannot be watched: %d\n", ret);
		return ret;
	}
	for (i = 0; i < watch_probes_set; i++) {
		ret = watch_probe_enable(&watch_probes[i]);
		/* A probe in a module that is gone is so too. */
		if (ret && ret != -EINVAL) {
			watch_off();
			return ret;
		}
	}
	/* The walk takes a reference to each, and so brings those of overlays into sight. */
	for (np = of_find_all_nodes(NULL); np; np = of_find_all_nodes(np))
		;
	return 0;
}

static void watch_empty_tables(void)
{
	unsigned int i;

	memset(watch_object_heads, 0xff, sizeof(watch_object_heads));
	for (i = 0; i < WATCH_OBJECTS; i++) {
		watch_objects[i].kobj = NULL;
		watch_objects[i].next = i + 1 < WATCH_OBJECTS ? i + 1 : WATCH_NONE;
	}
	watch_object_free = 0;
	watch_forget_chains();
}

static void watch_reset(void)
{
	static struct kprobe *entries[LRW_PROBES];
	static struct kretprobe *leaves[LRW_PROBES];
	unsigned int entry_count = 0, leave_count = 0, i;
	unsigned long flags;

	watch_off();
	for (i = 0; i < watch_probes_set; i++) {
		if (!watch_probes[i].set)
			continue;
		if (watch_probes[i].ask.kind == LRW_ENTRY)
			entries[entry_count++] = &watch_probes[i].entry;
		else if (watch_probes[i].ask.kind == LRW_RETURN)
			leaves[leave_count++] = &watch_probes[i].leave;
	}
	/* Both wait until no handler runs any more. */
	if (entry_count)
		unregister_kprobes(entries, entry_count);
	if (leave_count)
		unregister_kretprobes(leaves, leave_count);
	memset(watch_probes, 0, sizeof(watch_probes));
	watch_probes_set = 0;
	watch_missed = 0;
	if (!watch_enter(&flags))
		return;
	watch_empty_tables();
	WRITE_ONCE(watch_names_set, 0);
	watch_head = 0;
	watch_tail = 0;
	watch_sequence = 0;
	watch_records = 0;
	watch_lost = 0;
	watch_objects_full = 0;
	watch_chains_full = 0;
	atomic64_set(&watch_nested, 0);
	watch_leave(flags);
}

static bool watch_valid(const struct lrw_probe *ask)
{
	unsigned int values = ask->arguments, texts = 0, i;

	if (ask->kind > LRW_DEVRES || ask->filter > LRW_MATTERS || ask->most > 4096 ||
	    values > LRW_ARGUMENTS || (ask->kind >= LRW_CONSOLE && values))
		return false;
	for (i = 0; i < values; i++) {
		const struct lrw_argument *argument = &ask->args[i];

		bool returned = argument->reg == LRW_RETURNED && ask->kind == LRW_RETURN;
		bool caller = argument->reg == LRW_CALLER && ask->kind == LRW_ENTRY;

		if ((argument->reg > 7 && !returned && !caller) || argument->value > LRW_SYMBOL ||
		    argument->depth > LRW_DEPTH)
			return false;
		if (argument->value >= LRW_STRING)
			texts |= BIT(i);
	}
	if (ask->kind == LRW_DEVRES) {
		values = 5;
		texts = BIT(0) | BIT(1) | BIT(3);
	}
	switch (ask->filter) {
	case LRW_EQUALS:
	case LRW_BEGINS:
		return ask->argument < values && (texts & BIT(ask->argument));
	case LRW_IS:
		return ask->argument < values && !(texts & BIT(ask->argument));
	case LRW_MATTERS:
		return ask->kind <= LRW_RETURN && ask->argument <= 7;
	}
	return true;
}

static long watch_set_probe(const struct lrw_probe __user *from)
{
	struct watch_probe *probe = &watch_probes[watch_probes_set];
	int ret;

	if (watch_probes_set == LRW_PROBES)
		return -ENOSPC;
	memset(probe, 0, sizeof(*probe));
	if (copy_from_user(&probe->ask, from, sizeof(probe->ask)))
		return -EFAULT;
	probe->ask.symbol[LRW_WORD - 1] = 0;
	probe->ask.match[LRW_WORD - 1] = 0;
	if (!watch_valid(&probe->ask))
		return -EINVAL;
	ret = watch_probe_register(probe);
	probe->set = !ret;
	if (ret && (ret != -ENOENT || !strchr(probe->ask.symbol, ':')))
		return ret;
	ret = watch_on ? watch_probe_enable(probe) : 0;
	watch_probes_set++;
	return ret ?: watch_probes_set - 1;
}

static void watch_probe_unregister(struct watch_probe *probe)
{
	watch_missed += watch_probe_missed(probe);
	if (probe->ask.kind == LRW_ENTRY) {
		unregister_kprobe(&probe->entry);
		memset(&probe->entry, 0, sizeof(probe->entry));
	} else {
		unregister_kretprobe(&probe->leave);
		memset(&probe->leave, 0, sizeof(probe->leave));
	}
	probe->set = false;
}

static bool watch_probe_is_in(const struct watch_probe *probe, const char *module)
{
	size_t length = strlen(module);

	return strstarts(probe->ask.symbol, module) && probe->ask.symbol[length] == ':';
}

/* A probe may be asked for before its module is there, and stays when that goes. */
static int watch_module(struct notifier_block *block, unsigned long event, void *data)
{
	const struct module *module = data;
	struct watch_probe *probe;

	if (event != MODULE_STATE_COMING && event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&watch_mutex);
	for (probe = watch_probes; probe < watch_probes + watch_probes_set; probe++) {
		if (!watch_probe_is_in(probe, module->name))
			continue;
		if (event == MODULE_STATE_GOING && probe->set) {
			watch_probe_unregister(probe);
		} else if (event == MODULE_STATE_COMING && !probe->set) {
			probe->set = !watch_probe_register(probe);
			if (watch_on && watch_probe_enable(probe))
				pr_err("%s cannot be watched\n", probe->ask.symbol);
		}
	}
	mutex_unlock(&watch_mutex);
	return NOTIFY_OK;
}

static struct notifier_block watch_modules = { .notifier_call = watch_module };

static long watch_set_base(const struct lrw_node __user *from)
{
	struct watch_object *object;
	struct device_node *np;
	unsigned long flags;
	long ret = -ENOSPC;
	char *path;

	path = memdup_user_nul(from->path, LRW_PATH);
	if (IS_ERR(path))
		return PTR_ERR(path);
	np = of_find_node_by_path(path);
	kfree(path);
	if (!np)
		return -ENOENT;
	if (watch_enter(&flags)) {
		object = watch_find(&np->kobj);
		if (!object) {
			object = watch_add(&np->kobj, LRW_NODE);
			if (object)
				object->base = !watch_overlay_node(&np->kobj);
		}
		if (object)
			ret = 0;
		watch_leave(flags);
	}
	of_node_put(np);
	return ret;
}

static long watch_set_name(const struct lrw_name __user *from)
{
	char *name = watch_names[watch_names_set];

	if (watch_names_set == WATCH_NAMES)
		return -ENOSPC;
	if (copy_from_user(name, from->name, LRW_WORD))
		return -EFAULT;
	name[LRW_WORD - 1] = 0;
	/* Whoever sees the number sees the name. */
	smp_wmb();
	WRITE_ONCE(watch_names_set, watch_names_set + 1);
	return 0;
}

static void watch_unset_bases(void)
{
	struct watch_object *object;
	unsigned long flags;

	if (!watch_enter(&flags))
		return;
	WRITE_ONCE(watch_names_set, 0);
	for (object = watch_objects; object < watch_objects + WATCH_OBJECTS; object++)
		if (object->kobj && object->base)
			watch_drop(object);
	watch_leave(flags);
}

/*
 * Whether a device has a driver, and nobody probes or unbinds it, for that is
 * done with its lock held. To wait for the lock here is not possible, and
 * neither is a reference: it would be in the counts.
 */
static long watch_get_bound(const struct lrw_device __user *from)
{
	const struct watch_object *object;
	struct lrw_device ask;
	unsigned long flags;
	struct device *dev;
	long ret = -ENOENT;

	if (copy_from_user(&ask, from, sizeof(ask)))
		return -EFAULT;
	if (!watch_enter(&flags))
		return -EAGAIN;
	object = watch_find((const struct kobject *)(unsigned long)ask.object);
	if (object && object->kind == LRW_DEV) {
		dev = container_of((struct kobject *)object->kobj, struct device, kobj);
		ret = !mutex_is_locked(&dev->mutex);
		/* A driver that was set by a probe under way is not one yet. */
		smp_mb();
		ret = ret && READ_ONCE(dev->driver);
		smp_mb();
		ret = ret && !mutex_is_locked(&dev->mutex);
	}
	watch_leave(flags);
	return ret;
}

static long watch_get_stats(struct lrw_stats __user *to)
{
	struct lrw_stats stats = {
		.version = LRW_VERSION,
		.hook = watch_by_hook,
		.exact = watch_by_hook || exact,
		.frames = LRW_FRAMES,
		.missed = watch_missed + watch_kprobes_missed(),
		.ring = watch_size,
	};
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < watch_probes_set; i++)
		stats.missed += watch_probe_missed(&watch_probes[i]);
	if (watch_enter(&flags)) {
		stats.records = watch_records;
		stats.lost = watch_lost + atomic64_read(&watch_nested);
		stats.objects_full = watch_objects_full;
		stats.chains_full = watch_chains_full;
		watch_leave(flags);
	}
	return copy_to_user(to, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static long watch_get_hits(struct lrw_hits __user *to)
{
	static struct lrw_hits hits;
	unsigned int i;

	for (i = 0; i < LRW_PROBES; i++)
		hits.hits[i] = atomic64_read(&watch_probes[i].hits);
	return copy_to_user(to, &hits, sizeof(hits)) ? -EFAULT : 0;
}

static long watch_do(unsigned int command, void __user *argument)
{
	unsigned long flags;

	switch (command) {
	case LRW_PROBE:
		return watch_set_probe(argument);
	case LRW_BASE:
		return watch_set_base(argument);
	case LRW_UNBASE:
		watch_unset_bases();
		return 0;
	case LRW_NAMED:
		return watch_set_name(argument);
	case LRW_BOUND:
		return watch_get_bound(argument);
	case LRW_RESET:
		watch_reset();
		return 0;
	case LRW_ON:
		return watch_start();
	case LRW_OFF:
		watch_off();
		return 0;
	case LRW_STATS:
		return watch_get_stats(argument);
	case LRW_HITS:
		return watch_get_hits(argument);
	case LRW_FORGET:
		if (watch_enter(&flags)) {
			watch_forget_chains();
			watch_leave(flags);
		}
		return 0;
	}
	return -ENOTTY;
}

static long watch_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	long ret;

	/* Takes as long as drivers do: nothing is held meanwhile. */
	if (command == LRW_PROBED) {
		wait_for_device_probe();
		return 0;
	}
	mutex_lock(&watch_mutex);
	ret = watch_do(command, (void __user *)argument);
	mutex_unlock(&watch_mutex);
	return ret;
}

static int watch_open(struct inode *inode, struct file *file)
{
	if (test_and_set_bit(0, &watch_opened))
		return -EBUSY;
	return stream_open(inode, file);
}

/* Nobody reads any more, so nothing is in the way of others. */
static int watch_release(struct inode *inode, struct file *file)
{
	mutex_lock(&watch_mutex);
	watch_reset();
	mutex_unlock(&watch_mutex);
	clear_bit_unlock(0, &watch_opened);
	return 0;
}

static ssize_t watch_read(struct file *file, char __user *to, size_t length, loff_t *position)
{
	u64 head, tail, at;
	size_t part;
	ssize_t ret = 0;

	mutex_lock(&watch_mutex);
	/* As watch_emit() stores it. */
	head = smp_load_acquire(&watch_head);
	tail = watch_tail;
	at = tail % watch_size;
	/* The size comes first in a record, and all are multiples of 8: it is never split. */
	while (tail != head) {
		u16 size = ((struct lrw_record *)(watch_ring + tail % watch_size))->size;

		if (ret + size > length)
			break;
		ret += size;
		tail += size;
	}
	part = min_t(u64, ret, watch_size - at);
	if (!ret && tail != head)
		ret = -EINVAL;
	else if (copy_to_user(to, watch_ring + at, part) ||
		 copy_to_user(to + part, watch_ring, ret - part))
		ret = -EFAULT;
	else
		/* As watch_emit() loads it. */
		smp_store_release(&watch_tail, tail);
	mutex_unlock(&watch_mutex);
	return ret;
}

static ssize_t watch_write(struct file *file, const char __user *from, size_t length,
			   loff_t *position)
{
	struct lrw_text *record;
	unsigned long flags;
	size_t size;

	if (length > LRW_RECORD - sizeof(*record) - 1)
		return -EMSGSIZE;
	size = ALIGN(sizeof(*record) + length + 1, 8);
	record = kzalloc(size, GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	if (copy_from_user(record->text, from, length)) {
		kfree(record);
		return -EFAULT;
	}
	if (watch_enter(&flags)) {
		watch_emit(&record->record, LRW_MARK, size);
		watch_leave(flags);
	}
	kfree(record);
	return length;
}

static const struct file_operations watch_operations = {
	.owner = THIS_MODULE,
	.open = watch_open,
	.release = watch_release,
	.read = watch_read,
	.write = watch_write,
	.unlocked_ioctl = watch_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice watch_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lastref-watch",
	.fops = &watch_operations,
	.mode = 0600,
};

static int __init watch_init(void)
{
	int ret;

	if (strcmp(way, "auto") && strcmp(way, "hook") && strcmp(way, "kprobes")) {
		pr_err("way=%s: it is auto, hook or kprobes\n", way);
		return -EINVAL;
	}
	if (ring_kb < 16 || ring_kb > 1 << 20) {
		pr_err("ring_kb=%u: it is from 16 to 1048576\n", ring_kb);
		return -EINVAL;
	}
	if (!of_root) {
		pr_err("this kernel was booted without a devicetree\n");
		return -ENODEV;
	}
	watch_size = (u64)ring_kb << 10;
	watch_ring = __vmalloc(watch_size, GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	if (!watch_ring) {
		pr_err("no room for a ring of %u KiB: load with a smaller ring_kb, or free some\n",
		       ring_kb);
		return -ENOMEM;
	}
	watch_node_ktype = of_root->kobj.ktype;
	watch_device_ktype = platform_bus.kobj.ktype;
	watch_by_hook = strcmp(way, "kprobes") && watch_find_hook();
	if (!watch_by_hook && !strcmp(way, "hook")) {
		pr_err("way=hook: this kernel has no CONFIG_KOBJECT_WATCH\n");
		ret = -ENOENT;
		goto free;
	}
	watch_reset();
	ret = register_module_notifier(&watch_modules);
	if (ret)
		goto put;
	ret = misc_register(&watch_device);
	if (ret)
		goto deaf;
	return 0;
deaf:
	unregister_module_notifier(&watch_modules);
put:
	watch_put_hook();
free:
	vfree(watch_ring);
	return ret;
}
module_init(watch_init);

static void __exit watch_exit(void)
{
	/* Nobody has it open, and the last who had has put everything back. */
	misc_deregister(&watch_device);
	unregister_module_notifier(&watch_modules);
	watch_put_hook();
	vfree(watch_ring);
}
module_exit(watch_exit);

MODULE_DESCRIPTION("Lastref: watches references of devicetree nodes and devices");
MODULE_LICENSE("GPL");
