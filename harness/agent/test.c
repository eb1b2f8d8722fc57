// SPDX-License-Identifier: Apache-2.0
/* Tests of the agent on any machine: a watcher that is made up, and a tree of files in a folder. */
#include "agent.h"

#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The watcher that is made up: what it has to tell, and what it was told. */
static uint8_t ring[4 << 20];
static size_t ring_size, ring_read;
static struct lrw_hits hits;
static struct lrw_stats stats;
static bool opened;
static char calls[4096];
static uint64_t clock_nanos;
static int load_error;

static void *record(int type, size_t size)
{
	struct lrw_record *record = (void *)(ring + ring_size);

	size = (size + 7) & ~7ul;
	assert(ring_size + size <= sizeof(ring) && size <= LRW_RECORD);
	memset(record, 0, size);
	record->size = size;
	record->type = type;
	record->cpu = 1;
	record->task = 42;
	record->nanos = clock_nanos += 3000;
	strcpy(record->comm, "agent");
	ring_size += size;
	return record;
}

static void text_record(int type, const char *text)
{
	struct lrw_text *made = record(type, sizeof(*made) + strlen(text) + 1);

	strcpy(made->text, text);
}

static void object_record(uint64_t object, uint64_t node, int kind, const char *name, const char *bus,
			  const char *path)
{
	struct lrw_object *made = record(LRW_OBJECT, sizeof(*made) + strlen(name) + strlen(bus) + strlen(path) + 3);

	made->object = object;
	made->node = node;
	made->kind = kind;
	sprintf(made->text, "%s%c%s%c%s", name, 0, bus, 0, path);
}

static void chain_record(int number, const char *function, const char *caller)
{
	struct lrw_chain *made = record(LRW_CHAIN, sizeof(*made) + strlen(function) + strlen(caller) + 2);

	made->chain = number;
	made->frames = 2;
	sprintf(made->text, "%s%c%s", function, 0, caller);
}

static void reference_record(int type, uint64_t object, int count, int chain)
{
	struct lrw_reference *made = record(type, sizeof(*made));

	made->object = object;
	made->count = count;
	made->chain = chain;
}

int watcher_open(const char *parameters, char *why, size_t size)
{
	if (!strcmp(parameters, "ring_kb=0"))
		return snprintf(why, size, "no ring"), -ENOMEM;
	opened = true;
	return 0;
}

bool watcher_is_open(void)
{
	return opened;
}

static bool no_kprobes;

int watcher_call(unsigned long request, void *argument)
{
	static int probes;

	switch (request) {
	case LRW_RESET: return probes = 0;
	case LRW_PROBE: return no_kprobes ? -EOPNOTSUPP : probes++;
	case LRW_HITS: memcpy(argument, &hits, sizeof(hits)); return 0;
	case LRW_STATS: memcpy(argument, &stats, sizeof(stats)); return 0;
	case LRW_BASE: strcat(calls, ((struct lrw_node *)argument)->path); return 0;
	case LRW_FORGET: strcat(calls, "forget "); return 0;
	default: return 0;
	}
}

ssize_t watcher_read(void *records, size_t size)
{
	size_t whole = 0;

	while (ring_read + whole < ring_size) {
		size_t next = ((struct lrw_record *)(ring + ring_read + whole))->size;

		if (whole + next > size)
			break;
		whole += next;
	}
	memcpy(records, ring + ring_read, whole);
	ring_read += whole;
	if (ring_read == ring_size)
		ring_read = ring_size = 0;
	return whole;
}

int watcher_mark(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_record(LRW_MARK, text);
	if (!strncmp(text, "left ", 5) || !strncmp(text, "gone ", 5) || !strncmp(text, "open ", 5) ||
	    !strncmp(text, "asleep ", 7) || !strncmp(text, "holds ", 6))
		sprintf(calls + strlen(calls), "%s;", text);
	return 0;
}

int load_module(const char *name, const char *parameters)
{
	sprintf(calls + strlen(calls), "load %s(%s) ", name, parameters);
	return load_error;
}

int unload_module(const char *name)
{
	(void)name;
	return -EAGAIN;
}

/* What was replied. */
static uint8_t data[4 << 20];
static size_t data_size;
static char cycles[8192], final[8192];
static int replies;

static bool take_reply(char kind, const void *payload, size_t length)
{
	if (kind == 'D') {
		assert(data_size + length <= sizeof(data));
		memcpy(data + data_size, payload, length);
		data_size += length;
	} else if (kind == 'C') {
		strncat(cycles, payload, length);
		strcat(cycles, "--\n");
	} else {
		replies++;
		for (size_t i = 0; i < length; i++)
			final[i] = ((const char *)payload)[i] ? ((const char *)payload)[i] : '|';
		final[length] = 0;
	}
	return true;
}

/* Words with blanks between them, each to end with a NUL. */
static size_t words_of(const char *text, char *words)
{
	size_t length = strlen(text) + 1;

	for (size_t i = 0; i < length; i++)
		words[i] = text[i] == ' ' ? 0 : text[i];
	return length;
}

static const char *ask(const char *text, const void *content, size_t size)
{
	char words[8192];

	reply = take_reply;
	data_size = 0;
	*cycles = 0;
	request(words, words_of(text, words), content, size);
	return final;
}

/* A decoder: what happened, a line each, without times. */
static struct { uint32_t count; char *texts[16384]; } strings, rows, chains;
static size_t decoded;
static char story[1 << 20], *story_end;
static int resets, deltas;

static uint64_t number(const uint8_t *bytes, size_t *at)
{
	uint64_t value = 0;

	for (int shift = 0;; shift += 7) {
		uint8_t byte = bytes[(*at)++];

		value |= (uint64_t)(byte & 127) << shift;
		if (!(byte & 128))
			return value;
	}
}

static const char *string(const uint8_t *bytes, size_t *at)
{
	uint64_t index = number(bytes, at);

	assert(index < strings.count);
	return strings.texts[index];
}

static char *row(const uint8_t *bytes, size_t *at)
{
	char text[4096], *to = text;
	uint64_t type = number(bytes, at), n;

	to += sprintf(to, "%d/", (int)number(bytes, at));
	to += sprintf(to, "%d/", (int)number(bytes, at));
	to += sprintf(to, "%s ", string(bytes, at));
	if (type == LRW_GET || type == LRW_PUT) {
		to += sprintf(to, "%s %d", type == LRW_GET ? "get" : "put", (int)number(bytes, at));
		to += sprintf(to, " %d", (int)number(bytes, at));
		n = number(bytes, at);
		assert(n < chains.count);
		to += sprintf(to, " %s", chains.texts[n]);
		to += sprintf(to, " %d", (int)number(bytes, at));
	} else if (type == LRW_OBJECT) {
		to += sprintf(to, "object %d", (int)number(bytes, at));
		to += sprintf(to, " %d", (int)number(bytes, at));
		to += sprintf(to, " %d", (int)number(bytes, at));
		for (int i = 0; i < 3; i++)
			to += sprintf(to, " '%s'", string(bytes, at));
	} else if (type == LRW_CALL) {
		to += sprintf(to, "call %d", (int)number(bytes, at));
		for (n = number(bytes, at); n; n--)
			if (number(bytes, at))
				to += sprintf(to, " '%s'", string(bytes, at));
			else
				to += sprintf(to, " %lld", (long long)number(bytes, at));
	} else {
		assert(type == LRW_MARK);
		to += sprintf(to, "mark %s", string(bytes, at));
	}
	return strdup(text);
}

static const char *decode(void)
{
	size_t at = 0;

	*story = 0;
	story_end = story;
	deltas = 0;
	while (at < data_size) {
		uint64_t code = number(data, &at), size;

		if (!code) {
			strings.count = rows.count = chains.count = 0;
			resets++;
		} else if (code == 1) {
			size = number(data, &at);
			strings.texts[strings.count++] = strndup((char *)data + at, size);
			at += size;
		} else if (code == 3) {
			char text[2048] = "";

			assert(number(data, &at) == chains.count);
			for (size = number(data, &at); size; size--)
				strcat(strcat(text, *text ? "<" : ""), string(data, &at));
			chains.texts[chains.count++] = strdup(text);
		} else if (code == 4) {
			number(data, &at);
			number(data, &at);
			string(data, &at);
			deltas += number(data, &at);
			size = number(data, &at);
			story_end += sprintf(story_end, "log %.*s\n", (int)size, data + at);
			at += size;
		} else if (code == 5) {
			number(data, &at);
			story_end += sprintf(story_end, "cycle\n");
		} else {
			if (code == 2)
				rows.texts[rows.count++] = row(data, &at);
			assert(code == 2 || code - 6 < rows.count);
			story_end += sprintf(story_end, "%s\n", rows.texts[code == 2 ? rows.count - 1 : code - 6]);
			deltas += number(data, &at);
			/* An object's address. */
			if (strstr(rows.texts[code == 2 ? rows.count - 1 : code - 6], " object "))
				number(data, &at);
		}
		assert(at <= data_size);
	}
	decoded += data_size;
	data_size = 0;
	return story;
}

static void same(const char *is, const char *should)
{
	if (strcmp(is, should)) {
		fprintf(stderr, "is:\n%s\nshould be:\n%s\n", is, should);
		abort();
	}
}

/* Two probes by which releases are counted, and one with arguments. */
static void arm(const char *words)
{
	struct event events[4] = { { "lastref/link_release", { .symbol = "a" } }, { "work_end", { .symbol = "b" } },
		{ "lastref/called", { .symbol = "c", .arguments = 2 } }, { "plain", { .symbol = "d" } } };

	events[2].probe.args[0].value = LRW_STRING;
	events[2].probe.args[1].value = LRW_S32;
	ring_size = ring_read = 0;
	stats = (struct lrw_stats){ .version = LRW_VERSION, .exact = 1, .ring = 1 << 20 };
	memset(&hits, 0, sizeof(hits));
	strings.count = rows.count = chains.count = 0;
	same(ask(words, events, sizeof(events)), "ok|kprobes|exact|");
}

static void take(bool keep)
{
	reply = take_reply;
	records_take(ring, ring_size, keep);
	ring_size = 0;
	records_send();
}

static void test_records(void)
{
	struct lrw_call *call;
	size_t first;

	arm("arm own ring_kb=8");
	/* Known from before the cycle. */
	object_record(0x1000, 0, LRW_NODE, "lr-osc", "", "/lr-osc");
	chain_record(7, "of_node_get", "probe");
	take(false);
	assert(!data_size);
	clock_nanos = 5000000;
	records_begin(5000);
	for (int round = 0; round < 2; round++) {
		object_record(0x2000, 0x1000, LRW_DEV, "lr-osc", "platform", "");
		reference_record(LRW_GET, 0x1000, 1, 7);
		call = record(LRW_CALL, sizeof(*call) + 16);
		call->probe = 2;
		call->arguments = 2;
		strcpy(call->values, "name");
		memcpy(call->values + 8, &(int64_t){ -22 }, 8);
		text_record(LRW_LOG, "a line");
		text_record(LRW_MARK, "begin x");
		reference_record(LRW_PUT, 0x1000, 2, 7);
		take(true);
		if (!round) {
			first = data_size;
			same(decode(), "cycle\n"
			     "1/42/agent object 1 1 0 'lr-osc' '' '/lr-osc'\n"
			     "1/42/agent object 0 2 2 'lr-osc' 'platform' ''\n"
			     "1/42/agent get 1 1 of_node_get<probe 0\n"
			     "1/42/agent call 2 'name' -22\n"
			     "log a line\n"
			     "1/42/agent mark begin x\n"
			     "1/42/agent put 1 2 of_node_get<probe 0\n");
			assert(deltas == 18);
			records_begin(micros());
		}
	}
	/* The same again is small. */
	assert(data_size < first / 3);
	decode();
	assert(!records_unknown());
	printf("ok records\n");
}

static void test_objects(void)
{
	arm("arm");
	records_begin(0);
	object_record(0x1000, 0, LRW_NODE, "one", "", "/one");
	chain_record(0, "a", "b");
	reference_record(LRW_PUT, 0x1000, 1, 0);
	object_record(0x1000, 0, LRW_NODE, "two", "", "/two");	/* another at its place */
	object_record(0x3000, 0, LRW_DEV, "", "", "");
	object_record(0x3000, 0x1000, LRW_DEV, "later", "", "");	/* it has a name now */
	chain_record(0, "c", "d");	/* another chain of that number */
	reference_record(LRW_GET, 0x1000, 1, 0);
	take(true);
	same(decode(), "cycle\n"
	     "1/42/agent object 0 1 0 'one' '' '/one'\n"
	     "1/42/agent put 0 1 a<b 0\n"
	     "1/42/agent object 1 1 0 'two' '' '/two'\n"
	     "1/42/agent object 2 2 0 '' '' ''\n"
	     "1/42/agent object 2 2 2 'later' '' ''\n"
	     "1/42/agent get 1 1 c<d 0\n");
	assert(!records_unknown());
	reference_record(LRW_GET, 0x9000, 1, 9);
	take(true);
	assert(records_unknown() == 2);	/* neither object nor chain was described */
	printf("ok objects\n");
}

static void test_bounds(void)
{
	char name[LRW_WORD], caller[LRW_WORD];

	arm("arm");
	resets = 0;
	decoded = 0;
	records_begin(0);
	for (int i = 0; i < 12000; i++) {
		sprintf(name, "function_%d", i);
		sprintf(caller, "caller_%d", i);
		if (i < 5000)
			object_record(0x1000 + 64 * i, 0, LRW_NODE, name, "", name);
		chain_record(i, name, caller);
		reference_record(LRW_PUT, 0x1000 + 64 * (i % 4000), 1 + i / 5000, i);
		take(true);
		if (i % 3000 == 2999) {
			decode();
			/* The objects of before went, so that there is room again. */
			records_begin(0);
		}
	}
	decode();
	assert(resets >= 2 && decoded > 400000);
	assert(!records_crowded());
	/* One number again and again takes no room; many do. */
	for (int i = 0; i < 60000; i++) {
		if (i == 30000)
			records_begin(0);
		sprintf(name, "%.40s_%d", "a_function_with_a_name_that_is_rather_long", i);
		chain_record(i < 30000 ? 5 : i, name, name);
		reference_record(LRW_GET, 0x1000, 1, i < 30000 ? 5 : i);
		take(false);
	}
	assert(!records_unknown());
	assert(records_crowded());
	*calls = 0;
	same(ask("steps 1 lockdep=1 ", NULL, 0), "ok|1|");
	same(calls, "forget ");
	assert(!records_crowded());
	printf("ok bounds\n");
}

/* A file stands for the other side. */
static int side;

static size_t said(uint8_t *bytes, size_t size)
{
	off_t end = lseek(side, 0, SEEK_END);
	ssize_t length = pread(side, bytes, size, 0);

	assert(length == end && !ftruncate(side, 0));
	lseek(side, 0, SEEK_SET);
	return length;
}

static size_t frame(uint8_t *to, char kind, uint32_t id, const void *payload, size_t length)
{
	memcpy(to, "LR", 2);
	to[2] = kind;
	to[3] = 0;
	set_u32(to + 4, id);
	set_u32(to + 8, length);
	memcpy(to + 12, payload, length);
	set_u32(to + 12 + length, crc32(0, to, 12 + length));
	return length + 16;
}

static size_t file_holds(const char *name, char *text)
{
	char path[PATH_MOST];
	int fd = open(in(path, "%s", name), O_RDONLY);
	ssize_t size = fd < 0 ? 0 : read(fd, text, 8000);

	if (fd >= 0)
		close(fd);
	text[size] = 0;
	return size;
}

static void test_frames(void)
{
	static uint8_t bytes[200000], got[200000];
	char text[8192];
	size_t size, n;

	assert(crc32(0, "123456789", 9) == 0xcbf43926);
	frames_to(side);
	/* Rubbish before it, and a file in two parts, byte by byte. */
	memcpy(bytes, "rubbish LLR LR\0\0", 16);
	size = 16;
	size += frame(bytes + size, 'F', 5, "hel", 3);
	size += frame(bytes + size, 'F', 5, "lo", 2);
	size += frame(bytes + size, 'Q', 5, "file\0a\0", 7);
	for (size_t i = 0; i < size; i++)
		frames_take(bytes + i, 1);
	n = said(got, sizeof(got));
	assert(n >= 19 && got[n - 17] == 'R' && got[n - 15] == 5 && !memcmp(got + n - 7, "ok", 3));
	file_holds("/tmp/lastref/a", text);
	same(text, "hello");
	assert(!frames_partial());
	/* The same id is not done again; the answer comes again. */
	size = frame(bytes, 'F', 5, "other", 5);
	size += frame(bytes + size, 'Q', 5, "file\0a\0", 7);
	frames_take(bytes, size);
	assert(said(got, sizeof(got)) == 19 && got[4] == 5);
	file_holds("/tmp/lastref/a", text);
	same(text, "hello");
	/* What it brought is not part of the next. */
	size = frame(bytes, 'Q', 6, "file\0a\0", 7);
	frames_take(bytes, size);
	assert(said(got, sizeof(got)) == 19 && got[4] == 6 && !file_holds("/tmp/lastref/a", text));
	/* A wrong checksum is told, and what follows is done. */
	size = frame(bytes, 'Q', 7, "true\0", 5);
	bytes[13] ^= 1;
	size += frame(bytes + size, 'Q', 8, "true\0", 5);
	frames_take(bytes, size);
	n = said(got, sizeof(got));
	assert(got[2] == 'N' && got[4] == 7 && got[n - 19 + 2] == 'R' && got[n - 19 + 4] == 8);
	/* One that is cut swallows the next until it is known to be cut. */
	size = frame(bytes, 'Q', 9, got, 1000) - 500;
	size += frame(bytes + size, 'Q', 10, "true\0", 5);
	frames_take(bytes, size);
	assert(!said(got, sizeof(got)) && frames_partial());
	frames_cut();
	n = said(got, sizeof(got));
	assert(got[2] == 'N' && got[4] == 9 && got[n - 19 + 2] == 'R' && got[n - 19 + 4] == 10);
	assert(!frames_partial());
	/* The largest frame, and one that is larger. */
	size = frame(bytes, 'Q', 11, memset(got, 0, FRAME_MOST), FRAME_MOST);
	frames_take(bytes, size);
	n = said(got, sizeof(got));
	assert(n > 30 && got[4] == 11 && !memcmp(got + 12, "error", 6));
	set_u32(bytes + 8, FRAME_MOST + 1);
	frames_take(bytes, size);
	assert(!frames_partial() && !said(got, sizeof(got)));
	printf("ok frames\n");
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void line(char *to, const char *begin, const char *content, size_t size)
{
	char *at = to + sprintf(to, "%s", begin);

	for (size_t i = 0; i < size; i += 3) {
		uint32_t three = (uint8_t)content[i] << 16 | (i + 1 < size ? (uint8_t)content[i + 1] << 8 : 0) |
				 (i + 2 < size ? (uint8_t)content[i + 2] : 0);

		for (int k = 0; k < 4; k++)
			*at++ = i + k > size ? '=' : base64[three >> (18 - 6 * k) & 63];
	}
	if (size)
		*at++ = ' ';
	sprintf(at, "%08x\n", crc32(0, to + 1, at - to - 1));
}

static const char *tell(const char *text)
{
	static char got[2 << 20];
	size_t size;

	lines_take(text, strlen(text));
	lines_work(false);
	size = said((uint8_t *)got, sizeof(got) - 1);
	got[size] = 0;
	return got;
}

/* What the pieces of a reply hold, one after the other; whole ones have no padding. */
static size_t held(const char *pieces, char *to)
{
	char *from = to;

	for (; (pieces = strchr(pieces, '<')); pieces++) {
		uint32_t bits = 0;
		int count = 0;

		/* Behind the id and the number; the end has a dot for that. */
		const char *at = strchr(pieces, ' ') + 1;

		if (*at == '.')
			break;
		for (at = strchr(at, ' ') + 1; *at != ' ' && *at != '='; at++) {
			bits = bits << 6 | (uint32_t)(strchr(base64, *at) - base64);
			count += 6;
			if (count >= 8) {
				count -= 8;
				*to++ = bits >> count;
			}
		}
	}
	return to - from;
}

static void test_lines(void)
{
	static char whole[1 << 20];
	static const char error[] = "error\0the reply is longer than 1 MiB: ask for fewer cycles at a time";
	char one[512], two[512], ask_state[64], broken[1200], text[8192], first[2000];

	lines_to(side);
	lines_greet();
	assert(strstr(tell(""), "\n<0 0 "));
	line(one, ">1 0/2 ", "Ffirst", 6);
	line(two, ">1 1/2 ", "Qfile\0b", 8);
	line(ask_state, "?1 ", "", 0);
	same(tell(two), "");
	assert(strstr(tell(ask_state), "<1 ? unknown missing 0 "));
	/* A piece that is garbled is none; one that comes twice is one. */
	strcpy(broken, one);
	broken[9] ^= 1;
	same(tell(broken), "");
	same(tell(two), "");
	assert(strstr(tell(ask_state), "<1 ? unknown missing 0 "));
	/* The kernel wrote into the line before. */
	sprintf(broken, ">1 0/2 RmZ[   12.5] what > else\n[    1.0] half %s", one);
	strcpy(first, tell(broken));
	assert(strstr(first, "\n<1 0 Ug") && strstr(first, "\n<1 . 1 "));
	file_holds("/tmp/lastref/b", text);
	same(text, "first");
	/* It comes again with something else: nothing is done, the end is told. */
	line(one, ">1 0/2 ", "Fother", 6);
	same(tell(one), "");
	assert(!strncmp(tell(two), "\n<1 . 1 ", 8));
	file_holds("/tmp/lastref/b", text);
	same(text, "first");
	assert(!strncmp(tell(ask_state), "\n<1 . 1 ", 8));
	/* Pieces again, by number; some that never were. */
	line(one, "?1 0,7 ", "", 0);
	*strstr(first, "\n<1 . ") = 0;
	same(tell(one), first);
	line(one, "?2 ", "", 0);
	assert(strstr(tell(one), "<2 ? unknown "));
	/* A reply of more than 1 MiB ends with an error; one for fewer cycles does not. */
	arm("arm");
	memset(text, 'x', 150);
	memcpy(text, "Qsteps\00030000\0finish=", 20);
	memset(text + 150, 0, 2);
	line(one, ">3 0/1 ", text, 152);
	assert(!memcmp(whole + held(tell(one), whole) - sizeof(error), error, sizeof(error)));
	line(one, ">4 0/1 ", "Qsteps\0003\0lockdep=\0", 19);
	strcpy(first, strrchr(tell(one), '<'));
	assert(atoi(first + 5) > 1);
	printf("ok lines\n");
}

static void make(const char *path, const char *text)
{
	char whole[PATH_MOST], *slash;
	int fd;

	in(whole, "%s", path);
	for (slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		mkdir(whole, 0700);
		*slash = '/';
	}
	fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void step(const char *words, const char *result)
{
	char is[RESULT_MOST] = "";

	step_do(words, is);
	same(is, result);
}

/* Has a pause go on once it is there. */
static void *resume(void *unused)
{
	struct timespec moment = { .tv_nsec = 1000000 };
	char path[PATH_MOST];

	while (unlink(in(path, FOLDER "/here")))
		nanosleep(&moment, NULL);
	return unused;
}

static void test_steps(void)
{
	char path[PATH_MOST], text[8192];
	pthread_t resumes;
	uint64_t from;

	arm("arm");
	make(OVERLAYS "/x", "");
	make(FOLDER "/pair.dtbo", "blob");
	/* A folder of ours has no status; a second one is refused as the kernel would. */
	step("apply=pair", "refused No such file or directory");
	assert(file_holds(OVERLAYS "/pair/dtbo", text) == 4);
	step("apply=pair", "refused File exists");
	step("remove=pair", "refused Directory not empty");
	unlink(in(path, OVERLAYS "/pair/dtbo"));
	step("remove=pair", "removed");
	step("remove=pair", "refused No such file or directory");
	step("apply=none", "refused No such file or directory");
	make("/sys/bus/platform/devices/lr-osc/driver/unbind", "");
	make("/sys/bus/i2c/drivers/at24/bind", "");
	make("/sys/module/m/parameters/p", "");
	step("unbind=platform/lr-osc", "unbound");
	file_holds("/sys/bus/platform/devices/lr-osc/driver/unbind", text);
	same(text, "lr-osc\n");
	step("unbind=platform/lr-none", "refused No such file or directory");
	step("bind=i2c/at24/9-0050", "bound");
	file_holds("/sys/bus/i2c/drivers/at24/bind", text);
	same(text, "9-0050\n");
	step("set=m/p=1=2", "set");
	file_holds("/sys/module/m/parameters/p", text);
	same(text, "1=2\n");
	step("bound=lr-osc,platform/lr-osc", "bound");
	*calls = 0;
	step("load=lastref-slow,a=1,b=2", "loaded");
	load_error = -EEXIST;
	step("load=lastref-slow", "refused File exists");
	same(calls, "load lastref-slow(a=1 b=2) load lastref-slow() ");
	step("unload=lastref-slow", "refused Resource temporarily unavailable");
	make("/proc/lockdep_stats", " lock-classes: 5\n debug_locks:     1\n");
	step("lockdep=", "on");
	make("/proc/lockdep_stats", " debug_locks:     0\n");
	step("lockdep=", "off: it found something, and finds no more before a reboot");
	make("/proc/sys/kernel/random/uuid", "0-1-2\n");
	make("/sys/class/mdev_bus/p/mdev_supported_types/t/create", "");
	step("child=p/t", "created");
	file_holds("/sys/class/mdev_bus/p/mdev_supported_types/t/create", text);
	same(text, "0-1-2\n");
	step("start=unbind=platform/lr-osc", "started");
	step("finish=unbind=platform/lr-osc", "unbound");
	step("finish=bind=x", "running");
	step("listen=1", "listening");
	step("heard=0", "heard");
	step("ignore=1", "ignoring");
	step("nonsense=1", "refused: the agent has no step nonsense");
	/* What is not pending is settled at once, whatever was released. */
	from = micros();
	hits.hits[0] = hits.hits[1] = 3;
	step("settle=1", "settled");
	assert(micros() - from < 1000000);
	steps_begin();
	hits.hits[3]++;
	step("until=plain", "seen");
	assert(micros() - from < 1000000);
	assert(!pthread_create(&resumes, NULL, resume, NULL));
	step("pause=here", "resumed");
	pthread_join(resumes, NULL);
	step("pause=no/where", "refused No such file or directory");
	printf("ok steps\n");
}

static void test_requests(void)
{
	struct event event = { "work", { .symbol = "a" } };
	char path[PATH_MOST];

	arm("arm");
	same(ask("true", NULL, 0), "ok|");
	same(ask("nonsense", NULL, 0), "error|the agent does not know \"nonsense\"|");
	same(ask("file ../x", "", 0), "error|\"../x\" is no name of a file|");
	same(ask("arm ring_kb=0", "", 0), "error|no ring|");
	assert(!strncmp(ask("arm", "abc", 3), "error|3 bytes are no probes", 26));
	no_kprobes = true;
	same(ask("arm", &event, sizeof(event)), "error|this kernel has no kprobes, without which none can be "
	     "watched: set CONFIG_KPROBES=y in its configuration|");
	no_kprobes = false;
	*calls = 0;
	same(ask("watch /a /b", NULL, 0), "ok|");
	same(calls, "/a/b");
	make("/sys/module/device_link/parameters/release", "");
	make("/sys/module/device_link/parameters/fix", "");
	make("/sys/module/srcutree/parameters/exp_holdoff", "");
	same(ask("policy dedicated-wq wait 25000", NULL, 0), "ok|dedicated-wq wait 25000|");
	same(ask("grace 10000", NULL, 0), "ok|10000|");
	make("/proc/modules", "lastref_watch 1 0\nlastref_slow 2 0\nother 1 0\n");
	same(ask("idle", NULL, 0), "ok|x\nlastref_slow\n|");
	make("/sys/kernel/debug/devices_deferred", "lr-a\tplatform: wait for supplier\nlr-b\t\n");
	arm("arm");
	/* The second cycle is like the first; a result that is another ends it. */
	same(ask("steps 2 bound=lr-osc bound settle=1 ", NULL, 0), "ok|2|");
	same(cycles, "bound=lr-osc bound\nsettle=1 settled\n--\nbound=lr-osc bound\nsettle=1 settled\n--\n");
	decode();
	assert(strstr(story, "mark begin bound=lr-osc\n1/42/agent mark deferred lr-a platform: wait for supplier\n"
		      "1/42/agent mark deferred lr-b \n1/42/agent mark end bound=lr-osc bound\n"));
	same(ask("steps 9 bind=i2c/none/x bound settle=1 settled", NULL, 0), "ok|1|");
	same(cycles, "bind=i2c/none/x refused No such file or directory\nsettle=1 settled\n--\n");
	same(ask("steps 1 settle=1 ", NULL, 0), "ok|1|");
	same(ask("steps 1 apply=none applied pause=x resumed", NULL, 0), "ok|1|");
	same(cycles, "apply=none refused No such file or directory\npause=x refused: nothing was applied\n--\n");
	/* What cannot be unloaded is told with who keeps it: links in folders, but for a driver's own. */
	make("/sys/module/lastref_slow/refcnt", "2\n");
	make("/sys/module/lastref_slow/holders/file", "");
	make("/sys/module/lastref_slow/drivers/platform:slow/bind", "");
	assert(!symlink("x", in(path, "/sys/module/lastref_slow/holders/other")));
	assert(!symlink("x", in(path, "/sys/module/lastref_slow/drivers/platform:slow/module")));
	assert(!symlink("x", in(path, "/sys/module/lastref_slow/drivers/platform:slow/lr-a")));
	arm("arm");
	same(ask("steps 1 unload=lastref-slow ", NULL, 0), "ok|1|");
	decode();
	assert(strstr(story, "mark in-use module=lastref_slow references=2\n"
		      "1/42/agent mark in-use module=lastref_slow user=other\n"
		      "1/42/agent mark in-use module=lastref_slow device=platform/lr-a\n"
		      "1/42/agent mark end unload=lastref-slow refused "));
	printf("ok requests\n");
}

/* Only what is there longer than for a moment is left; what changes by itself is left out. */
static void test_state(void)
{
	char path[PATH_MOST];

	make("/proc/interrupts", "      CPU0 CPU1\n 45:  0  12  gpio 3 Level lr-keys\n");
	make("/sys/class/leds/lr-a", "");
	make("/sys/kernel/debug/tracing/x", "");
	arm("arm");
	state_begin();
	make("/proc/interrupts", "      CPU0 CPU1\n 46:  7  12  gpio 3 Level lr-keys\n");
	make("/proc/modules", "lastref_watch 1 0\nlastref_slow 2 1 - Live 0x0\nother 1 0\n");
	make("/sys/kernel/debug/tracing/y", "");
	make("/sys/kernel/debug/regmap/lr-b/range", "");
	make("/sys/kernel/debug/gpio", "gpiochip1: 8 lines:\n gpio-496 (lr-line|lr-c ) in  hi\n\ngpiochip2: (dangling chip)");
	make("/sys/bus/platform/devices/lr-d/x", "");
	make("/sys/kernel/slab/lr-cache/x", "");
	assert(!symlink("../../drivers/of-lr", in(path, "/sys/bus/platform/devices/lr-d/driver")));
	make("/sys/kernel/debug/clk/clk_summary", "  clock  count\n lr-osc   1    2    0  24000000\n");
	make("/sys/class/regulator/regulator.1/name", "lr-reg\n");
	make("/sys/class/regulator/regulator.1/num_users", "1\n");
	unlink(in(path, "/sys/class/leds/lr-a"));
	*calls = 0;
	state_end();
	same(calls, "left binding platform lr-d to of-lr;left class regulator/regulator.1;left clock lr-osc enabled=1 prepared=2;"
	     "left debugfs clk/clk_summary;left debugfs gpio;left debugfs regmap/lr-b;left device platform lr-d;"
	     "left line gpio-496 (lr-line|lr-c );left line gpiochip2: (dangling chip);left module lastref_slow 1;left slab lr-cache;"
	     "left supply lr-reg users=1;"
	     "gone class leds/lr-a;gone module lastref_slow 0;");
	*calls = 0;
	state_begin();
	state_end();
	same(calls, "");
	printf("ok state\n");
}

static void make_device(const char *name, uint64_t object, bool born)
{
	char path[PATH_MOST], target[64], line[64];

	object_record(object, 0, LRW_DEV, name, "platform", "");
	if (born)
		reference_record(LRW_GET, object, 1, 1);
	snprintf(target, sizeof(target), "drivers/of-%s", name);
	snprintf(line, sizeof(line), "/sys/bus/platform/devices/%s/x", name);
	make(line, "");
	assert(!symlink(target, in(path, "/sys/bus/platform/devices/%s/driver", name)));
	snprintf(line, sizeof(line), "/sys/bus/platform/drivers/of-%s/unbind", name);
	make(line, "");
	snprintf(line, sizeof(line), "/sys/bus/platform/drivers/of-%s/bind", name);
	make(line, "");
}

static void was_put(const char *file, const char *wanted)
{
	char path[PATH_MOST], line[64];

	get_line(in(path, "%s", file), line, sizeof(line));
	same(line, wanted);
	make(file, "");
}

/* All that came in this cycle, in their order, and no other one's. */
static void test_devices(void)
{
	char path[PATH_MOST];

	arm("arm");
	make_device("lr-old", 0x9000, true);
	drain(true);
	records_begin(1);
	chain_record(1, "get_device", "device_add");
	make_device("lr-first", 0x9100, true);
	make_device("lr-base", 0x9200, false);
	make_device("lr-second", 0x9300, true);
	make("/sys/bus/platform/devices/lr-second/consumer:platform:lr-first", "");
	same(unbind_all("last-first") ? "failed" : "unbound", "unbound");
	was_put("/sys/bus/platform/drivers/of-lr-first/unbind", "lr-first");
	was_put("/sys/bus/platform/drivers/of-lr-second/unbind", "lr-second");
	was_put("/sys/bus/platform/drivers/of-lr-old/unbind", "");
	was_put("/sys/bus/platform/drivers/of-lr-base/unbind", "");
	assert(unbind_all("anyhow") == -EINVAL);
	/* An order ends with the first that is refused. */
	assert(!unlink(in(path, "/sys/bus/platform/drivers/of-lr-second/unbind")));
	assert(unbind_all("last-first") == -ENOENT);
	was_put("/sys/bus/platform/drivers/of-lr-first/unbind", "");
	assert(unbind_all("suppliers-first") == -ENOENT);
	was_put("/sys/bus/platform/drivers/of-lr-first/unbind", "");
	assert(unbind_all("first-first") == -ENOENT);
	was_put("/sys/bus/platform/drivers/of-lr-first/unbind", "lr-first");
	/* Only what has no driver by then is bound again. */
	assert(!unlink(in(path, "/sys/bus/platform/devices/lr-first/driver")));
	assert(!bind_all());
	was_put("/sys/bus/platform/drivers/of-lr-first/bind", "lr-first");
	was_put("/sys/bus/platform/drivers/of-lr-second/bind", "");
	printf("ok devices\n");
}

static void see(const char *state, const char *stack)
{
	char path[PATH_MOST], text[64];
	int task = syscall(SYS_gettid);

	snprintf(text, sizeof(text), "%d (a) b) %s 1", task, state);
	snprintf(path, sizeof(path), "/proc/%d/stat", task);
	make(path, text);
	snprintf(path, sizeof(path), "/proc/%d/stack", task);
	make(path, stack);
}

static char stood[256];
static volatile bool it_stands;

static void take_standing(const char *step, pid_t task, const char *functions)
{
	assert(task);
	snprintf(stood, sizeof(stood), "%s %s", step, functions);
	it_stands = true;
}

/* What waits where it sleeps, or goes on, or is not long at it, does not stand. */
static void *stand(void *unused)
{
	see("D", "[<0>] msleep+0x1/0x2\n");
	stand_begin("remove=a", gettid(), take_standing);
	usleep(1000000);
	see("D", "[<0>] wait+0x1/0x2\n");
	usleep(1000000);
	see("R", "");
	usleep(500000);
	stand_end();
	assert(!it_stands);
	see("D", "[<0>] wait+0x1/0x2\n[<0>] remove+0x3/0x4 [module]\n");
	stand_begin("remove=b", gettid(), take_standing);
	for (int i = 0; i < 100 && !it_stands; i++)
		usleep(100000);
	stand_end();
	assert(!"a step that was told goes on");
	return unused;
}

static void test_stand(void)
{
	char path[PATH_MOST];
	pthread_t thread;

	assert(!pthread_create(&thread, NULL, stand, NULL));
	pthread_join(thread, NULL);
	same(stood, "remove=b wait,remove");
	/* Who has what open that is not there any more. */
	make("/proc/77/comm", "a reader\n");
	make("/proc/77/fd/x", "");
	assert(!symlink("/dev/i2c-3 (deleted)", in(path, "/proc/77/fd/3")));
	assert(!symlink("/dev/null", in(path, "/proc/77/fd/4")));
	assert(!symlink("/tmp/x (deleted)", in(path, "/proc/77/fd/5")));
	*calls = 0;
	stand_files();
	same(calls, "open pid=77 comm=a_reader file=/dev/i2c-3;");
	/* Who else waits; this kernel keeps no list of locks. */
	make("/proc/77/task/78/x", "");
	make("/proc/78/stat", "78 (a) D 1");
	make("/proc/78/stack", "[<0>] __mutex_lock+0x1/0x2\n[<0>] work+0x1/0x2\n");
	make("/proc/78/comm", "a worker\n");
	make("/proc/77/stat", "77 (a) S 1");
	*calls = 0;
	stand_others();
	same(calls, "asleep pid=78 comm=a_worker in=__mutex_lock,work;");
	printf("ok stand\n");
}

int main(void)
{
	static char folder[] = "/tmp/lastref-agent-XXXXXX";
	char path[PATH_MOST];

	setvbuf(stdout, NULL, _IOLBF, 0);
	assert(mkdtemp(folder));
	root = folder;
	make("/tmp/x", "");
	side = open(in(path, "/side"), O_RDWR | O_CREAT, 0600);
	assert(side >= 0);
	test_records();
	test_objects();
	test_bounds();
	test_frames();
	test_lines();
	test_steps();
	test_requests();
	test_state();
	test_devices();
	test_stand();
	sprintf(path, "rm -rf %s", folder);
	return system(path);
}
