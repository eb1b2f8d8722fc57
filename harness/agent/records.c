// SPDX-License-Identifier: Apache-2.0
/*
 * What the watcher recorded, made small: a stream of LEB128 numbers, with
 * tables of strings, rows and chains, so that what happens in each cycle is
 * sent once and then named by its number.
 *
 *	0			all three tables are emptied
 *	1 text			the next string
 *	2 row dt		the next row, and it happens now
 *	3 chain n string*n	a chain, the innermost function first
 *	4 cpu task comm dt text	a line of the kernel's log
 *	5 micros		a cycle begins; objects are numbered anew
 *	6+r dt			row r happens
 *
 * After the dt of an object's row comes its address.
 *
 * The watcher tells of an object or a chain once. What it told is kept here
 * beyond a cycle and beyond the tables.
 */
#include "agent.h"

#include <string.h>

#define STRINGS 8192
#define ROWS 16384
#define CHAINS 4096
#define TEXT (768 << 10)	/* bytes of all three tables */
#define ROOM (4 * LRW_RECORD)	/* of them, what one record needs at most */
#define OBJECTS 4096
#define ADDRESSES 0xffffff8000000000ull	/* where all of them are */
#define FRAMES_TEXT (2 << 20)

/* Texts of bytes, each once, numbered in their order. */
struct text { uint32_t at, size, hash; };
struct table {
	uint32_t count, most;
	struct text *texts;
	uint32_t *slots;	/* twice as many: number + 1, 0 if free */
};

static struct text string_texts[STRINGS], row_texts[ROWS], chain_texts[CHAINS];
static uint32_t string_slots[2 * STRINGS], row_slots[2 * ROWS], chain_slots[2 * CHAINS];
static struct table strings = { 0, STRINGS, string_texts, string_slots };
static struct table rows = { 0, ROWS, row_texts, row_slots };
static struct table chains = { 0, CHAINS, chain_texts, chain_slots };
static uint8_t text[TEXT];
static uint32_t text_used, emptied;

/* What the watcher told of objects, by their addresses. */
struct object {
	uint64_t address, node;
	uint32_t kind;
	uint32_t cycle, number;	/* the cycle in which it had this number */
	uint32_t born;		/* the cycle in which it had its first reference, or 0 */
	bool gone;		/* its last reference was dropped */
	char name[LRW_PATH], bus[LRW_WORD], path[LRW_PATH];
};

static struct object objects[OBJECTS];
static uint16_t object_slots[2 * OBJECTS];	/* place + 1 */
static uint32_t object_count, object_next, cycle, objects_out;

/* What it told of chains, by its numbers. */
static struct told { uint32_t at, size, number; uint16_t frames; bool known, sent; } told[1 << 16];
static char frames[FRAMES_TEXT];
static uint32_t frames_used;
static bool frames_full;	/* tidying them helps no more */

static uint8_t out[FRAME_MOST];
static size_t out_size;
static uint64_t now;	/* microseconds; when the last thing in this cycle happened */
static unsigned int unknown;

struct bytes { uint8_t at[2 * LRW_RECORD]; size_t size; };

static size_t leb128(uint8_t *at, uint64_t number)
{
	size_t size = 0;

	do {
		at[size++] = (number & 127) | (number > 127 ? 128 : 0);
		number >>= 7;
	} while (number);
	return size;
}

static void add(struct bytes *bytes, uint64_t number)
{
	if (bytes->size + 10 <= sizeof(bytes->at))
		bytes->size += leb128(bytes->at + bytes->size, number);
}

void records_send(void)
{
	if (out_size)
		reply('D', out, out_size);
	out_size = 0;
}

static void emit_bytes(const void *bytes, size_t size)
{
	if (out_size + size > sizeof(out))
		records_send();
	memcpy(out + out_size, bytes, size);
	out_size += size;
}

static void emit(uint64_t number)
{
	uint8_t bytes[10];

	emit_bytes(bytes, leb128(bytes, number));
}

static uint32_t hash(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint64_t value = size, word;

	for (; size; at += 8) {
		size_t part = size < 8 ? size : 8;

		word = 0;
		memcpy(&word, at, part);
		value = (value ^ word) * 0x9e3779b97f4a7c15u;
		value ^= value >> 32;
		size -= part;
	}
	return value;
}

/* The number of a text in a table; true if it is new there. There has to be room. */
static bool number_of(struct table *table, const void *bytes, size_t size, uint32_t *number)
{
	uint32_t key = hash(bytes, size), slot;
	struct text *new = &table->texts[table->count];

	for (slot = key % (2 * table->most); table->slots[slot]; slot = (slot + 1) % (2 * table->most)) {
		struct text *old = &table->texts[*number = table->slots[slot] - 1];

		if (old->hash == key && old->size == size && !memcmp(text + old->at, bytes, size))
			return false;
	}
	*new = (struct text){ text_used, size, key };
	memcpy(text + text_used, bytes, size);
	text_used += size;
	*number = table->count++;
	table->slots[slot] = table->count;
	return true;
}

static void empty_tables(void)
{
	emptied++;
	strings.count = rows.count = chains.count = text_used = 0;
	memset(string_slots, 0, sizeof(string_slots));
	memset(row_slots, 0, sizeof(row_slots));
	memset(chain_slots, 0, sizeof(chain_slots));
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		told[i].sent = false;
}

/* Sees to it that there is room in the tables for whatever one record needs. */
static void make_room(void)
{
	if (strings.count + 2 * LRW_FRAMES + 16 <= strings.most && rows.count + 4 <= rows.most &&
	    chains.count < chains.most && text_used + ROOM <= TEXT)
		return;
	empty_tables();
	emit(0);
}

static uint32_t string(const char *bytes, size_t size)
{
	uint32_t number;

	if (number_of(&strings, bytes, size, &number)) {
		emit(1);
		emit(size);
		emit_bytes(bytes, size);
	}
	return number;
}

static uint32_t word(const char *word)
{
	return string(word, strlen(word));
}

/* Mostly that of the record before. */
static uint32_t comm(const struct lrw_record *record)
{
	static char last[LRW_COMM];
	static uint32_t number, in;

	if (in != emptied || memcmp(last, record->comm, LRW_COMM)) {
		memcpy(last, record->comm, LRW_COMM);
		number = string(last, strnlen(last, LRW_COMM));
		in = emptied;
	}
	return number;
}

static uint64_t since_last(const struct lrw_record *record)
{
	uint64_t then = record->nanos / 1000, since = then > now ? then - now : 0;

	now += since;
	return since;
}

static void begin_row(struct bytes *row, const struct lrw_record *record, int type)
{
	row->size = 0;
	add(row, type);
	add(row, record->cpu);
	add(row, record->task);
	add(row, comm(record));
}

static void happens(const struct bytes *row, const struct lrw_record *record)
{
	uint32_t number;

	if (number_of(&rows, row->at, row->size, &number)) {
		emit(2);
		emit_bytes(row->at, row->size);
	} else {
		emit(6 + (uint64_t)number);
	}
	emit(since_last(record));
}

static uint16_t *object_slot(uint64_t address)
{
	uint32_t slot = hash(&address, sizeof(address)) % (2 * OBJECTS);

	while (object_slots[slot] && objects[object_slots[slot] - 1].address != address)
		slot = (slot + 1) % (2 * OBJECTS);
	return &object_slots[slot];
}

static struct object *object_at(uint64_t address)
{
	uint16_t place = *object_slot(address);

	return place ? &objects[place - 1] : NULL;
}

/* Forgets objects that are gone. */
static void tidy_objects(void)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < object_count; i++)
		if (!objects[i].gone)
			objects[kept++] = objects[i];
	object_count = kept;
	memset(object_slots, 0, sizeof(object_slots));
	for (uint32_t i = 0; i < kept; i++)
		*object_slot(objects[i].address) = i + 1;
}

static struct object *new_object(uint64_t address)
{
	struct object *object;

	if (object_count == OBJECTS)
		tidy_objects();
	if (object_count == OBJECTS)
		return NULL;
	object = &objects[object_count++];
	*object_slot(address) = object_count;
	memset(object, 0, sizeof(*object));
	object->address = address;
	return object;
}

static void object_row(struct object *object, const struct lrw_record *record);

/* An object as it is named in rows; its first appearance in a cycle is a row of its own. */
static uint32_t named(struct object *object, const struct lrw_record *record)
{
	if (object->cycle != cycle) {
		unknown += !object->kind;
		object->cycle = cycle;
		object->number = object_next++;
		object_row(object, record);
	}
	return object->number;
}

static void object_row(struct object *object, const struct lrw_record *record)
{
	struct object *node = object->node ? object_at(object->node) : NULL;
	struct bytes row;
	uint32_t of = 0;

	/* Not what took the node's place in memory since. */
	if (node && node != object && node->kind == LRW_NODE)
		of = named(node, record) + 1;
	begin_row(&row, record, LRW_OBJECT);
	add(&row, object->number);
	add(&row, object->kind);
	add(&row, of);
	add(&row, word(object->name));
	add(&row, word(object->bus));
	add(&row, word(object->path));
	happens(&row, record);
	/* Not in the row, which is the same in the next cycle. */
	emit(object->address ^ ADDRESSES);
}

/* Copies the next of some texts that end with NUL each, and returns where the one after it begins. */
static const char *next_text(const char *at, const char *end, char *to, size_t size)
{
	size_t length = strnlen(at, end - at), kept = length < size ? length : size - 1;

	memcpy(to, at, kept);
	to[kept] = 0;
	return at + length < end ? at + length + 1 : end;
}

static void take_object(const struct lrw_object *record, bool keep)
{
	const char *at = record->text, *end = (const char *)record + record->record.size;
	struct object *object = object_at(record->object);

	if (!object)
		object = new_object(record->object);
	if (!object) {
		unknown++;
		return;
	}
	/* Another one at the place of one that is gone has a number of its own. */
	if (object->gone || object->kind != record->kind)
		object->cycle = 0;
	object->gone = false;
	object->node = record->node;
	object->kind = record->kind;
	at = next_text(at, end, object->name, sizeof(object->name));
	at = next_text(at, end, object->bus, sizeof(object->bus));
	next_text(at, end, object->path, sizeof(object->path));
	if (!keep)
		return;
	if (object->cycle == cycle)
		object_row(object, &record->record);
	else
		named(object, &record->record);
}

/* Forgets the frames of chains whose number means another by now. */
static void tidy_frames(void)
{
	static char kept[FRAMES_TEXT];
	uint32_t used = 0;

	for (struct told *chain = told; chain < told + sizeof(told) / sizeof(*told); chain++)
		if (chain->known) {
			memcpy(kept + used, frames + chain->at, chain->size);
			chain->at = used;
			used += chain->size;
		}
	memcpy(frames, kept, used);
	frames_used = used;
}

static void take_chain(const struct lrw_chain *record)
{
	size_t size = record->record.size - sizeof(*record);
	struct told *chain = &told[record->chain];

	chain->known = chain->sent = false;
	if (frames_used + size > FRAMES_TEXT && !frames_full) {
		tidy_frames();
		frames_full = records_crowded();
	}
	chain->known = frames_used + size <= FRAMES_TEXT;
	if (!chain->known)
		return;
	memcpy(frames + frames_used, record->text, size);
	chain->at = frames_used;
	chain->size = size;
	chain->frames = record->frames < LRW_FRAMES ? record->frames : LRW_FRAMES;
	frames_used += size;
}

/* Chains have numbers of ours, so that one never comes to mean another. */
static uint32_t chain(uint16_t number)
{
	struct told *chain = &told[number];
	const char *at = frames + chain->at, *end = at + chain->size;
	int count = chain->known ? chain->frames : 0;
	struct bytes functions = { .size = 0 };
	char function[LRW_RECORD];

	if (chain->sent)
		return chain->number;
	unknown += !chain->known;
	add(&functions, count);
	for (int i = 0; i < count; i++) {
		at = next_text(at, end, function, sizeof(function));
		add(&functions, word(function));
	}
	if (number_of(&chains, functions.at, functions.size, &chain->number)) {
		emit(3);
		emit(chain->number);
		emit_bytes(functions.at, functions.size);
	}
	chain->sent = chain->known;
	return chain->number;
}

static void take_reference(const struct lrw_reference *record, bool keep)
{
	struct object *object = object_at(record->object);
	struct bytes row;
	uint32_t name, by;

	if (!object)
		object = new_object(record->object);
	if (!object) {
		unknown++;
		return;
	}
	if (keep) {
		name = named(object, &record->record);
		by = chain(record->chain);
		begin_row(&row, &record->record, record->record.type);
		add(&row, name);
		add(&row, record->count);
		add(&row, by);
		add(&row, record->flags);
		happens(&row, &record->record);
		if (object->born != cycle && record->count == 1 && record->record.type == LRW_GET) {
			object->born = cycle;
			objects_out++;
		}
	}
	if (!record->count || (record->record.type == LRW_PUT && record->count == 1)) {
		objects_out -= object->born == cycle;
		object->born = 0;
		object->gone = true;
	}
}

static bool is_text(const struct lrw_probe *probe, int argument)
{
	/* dev, op, node, name, size */
	if (probe->kind == LRW_DEVRES)
		return argument < 2 || argument == 3;
	return argument < LRW_ARGUMENTS && probe->args[argument].value >= LRW_STRING;
}

static void take_call(const struct lrw_call *record)
{
	const char *at = record->values, *end = (const char *)record + record->record.size;
	const struct event *event = event_numbered(record->probe);
	struct bytes row;

	begin_row(&row, &record->record, LRW_CALL);
	add(&row, record->probe);
	add(&row, record->arguments);
	for (int i = 0; i < record->arguments; i++) {
		if (event && is_text(&event->probe, i)) {
			size_t length = strnlen(at, end - at);

			add(&row, 1);
			add(&row, string(at, length));
			at += (length + 8) & ~7ul;
		} else {
			uint64_t number = 0;

			if (end - at >= 8)
				memcpy(&number, at, 8);
			add(&row, 0);
			add(&row, number);
			at += 8;
		}
		if (at > end)
			at = end;
	}
	happens(&row, &record->record);
}

static void take_text(const struct lrw_text *record)
{
	size_t size = strnlen(record->text, record->record.size - sizeof(*record));
	struct bytes row;
	uint32_t by;

	if (record->record.type == LRW_LOG) {
		by = comm(&record->record);
		emit(4);
		emit(record->record.cpu);
		emit(record->record.task);
		emit(by);
		emit(since_last(&record->record));
		emit(size);
		emit_bytes(record->text, size);
		return;
	}
	begin_row(&row, &record->record, LRW_MARK);
	add(&row, string(record->text, size));
	happens(&row, &record->record);
}

static size_t least(int type)
{
	switch (type) {
	case LRW_OBJECT: return sizeof(struct lrw_object);
	case LRW_CHAIN: return sizeof(struct lrw_chain);
	case LRW_GET:
	case LRW_PUT: return sizeof(struct lrw_reference);
	case LRW_CALL: return sizeof(struct lrw_call);
	default: return sizeof(struct lrw_text);
	}
}

/* Of what is not to be kept, only what later records rely on is. */
void records_take(const uint8_t *records, size_t size, bool keep)
{
	const struct lrw_record *record;

	for (; size >= sizeof(*record); size -= record->size, records += record->size) {
		record = (const void *)records;
		if (record->size < least(record->type) || record->size > size || record->size > LRW_RECORD ||
		    record->size % 8) {
			unknown++;
			return;
		}
		if (keep)
			make_room();
		if (record->type == LRW_OBJECT)
			take_object((const void *)record, keep);
		else if (record->type == LRW_CHAIN)
			take_chain((const void *)record);
		else if (record->type == LRW_GET || record->type == LRW_PUT)
			take_reference((const void *)record, keep);
		else if (keep && record->type == LRW_CALL)
			take_call((const void *)record);
		else if (keep && (record->type == LRW_LOG || record->type == LRW_MARK))
			take_text((const void *)record);
	}
}

bool records_crowded(void)
{
	return frames_used > FRAMES_TEXT / 4 * 3;
}

void records_forget(void)
{
	memset(told, 0, sizeof(told));
	frames_used = 0;
	frames_full = false;
}

void records_reset(void)
{
	empty_tables();
	records_forget();
	object_count = 0;
	memset(object_slots, 0, sizeof(object_slots));
	out_size = 0;
}

void records_begin(uint64_t micros)
{
	cycle++;
	object_next = 0;
	objects_out = 0;
	unknown = 0;
	now = micros;
	emit(5);
	emit(micros);
}

uint64_t records_device(const char *bus, const char *name)
{
	for (struct object *object = objects; object < objects + object_count; object++)
		if (!object->gone && object->kind == LRW_DEV && !strcmp(object->name, name) &&
		    !strcmp(object->bus, bus))
			return object->address;
	return 0;
}

int records_devices(struct device *devices, int most)
{
	uint32_t numbers[DEVICES];
	int count = 0;

	for (struct object *object = objects; object < objects + object_count && count < most; object++) {
		int at = count;

		if (object->gone || object->kind != LRW_DEV || object->born != cycle)
			continue;
		for (; at && numbers[at - 1] > object->number; at--) {
			numbers[at] = numbers[at - 1];
			devices[at] = devices[at - 1];
		}
		numbers[at] = object->number;
		strcpy(devices[at].name, object->name);
		strcpy(devices[at].bus, object->bus);
		count++;
	}
	return count;
}

unsigned int records_out(void)
{
	return objects_out;
}

unsigned int records_unknown(void)
{
	return unknown;
}
