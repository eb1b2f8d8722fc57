// SPDX-License-Identifier: Apache-2.0
/*
 * Requests and replies over a console, whose lines may be lost or garbled both
 * ways, and between which the kernel writes lines of its own:
 *
 *	>ID PIECE/PIECES BASE64 CRC	a piece of a request: kind and content
 *	?ID CRC				how does it stand?
 *	?ID NUMBER,NUMBER... CRC	these pieces of the reply again
 *	<ID NUMBER BASE64 CRC		a piece of the reply
 *	<ID . PIECES CRC-OF-ALL CRC	its end
 *	<ID ? STATE CRC			busy, or unknown, with what is missing
 *
 * Pieces are numbered from 0, and said as they become whole, so that the line
 * carries what one cycle brought while the next is done. One thread reads lines
 * and answers, another does what was requested.
 */
#include "agent.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 180		/* bytes of a request in a line, its kind with them */
#define REPLY_PIECE 240
#define REPLY_MOST (1 << 20)
#define END_MOST (16 << 10)	/* of it, what comes last: how it ended */
#define PIECES_MOST (CONTENT_MOST / (PIECE - 1))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int out = -1;
static char line[512];
static size_t line_size;

/* The request that comes; once it is whole, it is the last, and busy until it is done. */
static uint32_t coming, pieces, have;
static uint8_t (*piece)[PIECE], *sizes;
static uint32_t last;
static bool busy, over;

static uint8_t answer[REPLY_MOST];
static size_t answer_size;
static uint32_t said;		/* pieces of it, the first ones */
static bool too_long;

void lines_to(int fd)
{
	out = fd;
}

/* A line with its checksum, after a newline that ends what the kernel began. */
__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...)
{
	char text[512] = "\n<";
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = 2 + vsnprintf(text + 2, sizeof(text) - 16, format, arguments);
	va_end(arguments);
	length += sprintf(text + length, "%08x\n", crc32(0, text + 2, length - 2));
	for (int done = 0; done < length; ) {
		ssize_t part = write(out, text + done, length - done);

		if (part <= 0 && errno != EINTR)
			return;
		done += part > 0 ? part : 0;
	}
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode(const uint8_t *bytes, size_t size, char *to)
{
	for (size_t i = 0; i < size; i += 3) {
		uint32_t three = bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] << 8 : 0) |
				 (i + 2 < size ? bytes[i + 2] : 0);

		*to++ = digits[three >> 18];
		*to++ = digits[three >> 12 & 63];
		*to++ = i + 1 < size ? digits[three >> 6 & 63] : '=';
		*to++ = i + 2 < size ? digits[three & 63] : '=';
	}
	*to = 0;
}

/* The number of bytes, or -1. */
static int decode(const char *text, uint8_t *to, size_t most)
{
	uint32_t bits = 0;
	size_t size = 0;
	int count = 0;

	for (; *text && *text != '='; text++) {
		const char *digit = strchr(digits, *text);

		if (!digit)
			return -1;
		bits = bits << 6 | (uint32_t)(digit - digits);
		count += 6;
		if (count >= 8) {
			count -= 8;
			if (size == most)
				return -1;
			to[size++] = bits >> count;
		}
	}
	return size;
}

static void say_piece(uint32_t number)
{
	char text[REPLY_PIECE / 3 * 4 + 1];
	size_t at = (size_t)number * REPLY_PIECE;

	if (at >= answer_size)
		return;
	encode(answer + at, answer_size - at < REPLY_PIECE ? answer_size - at : REPLY_PIECE, text);
	say("%u %u %s ", last, number, text);
}

static void say_end(void)
{
	say("%u . %zu %08x ", last, (answer_size + REPLY_PIECE - 1) / REPLY_PIECE,
	    crc32(0, answer, answer_size));
}

/* Those not said yet, as far as there are so many bytes. */
static void say_until(size_t bytes)
{
	for (; (size_t)said * REPLY_PIECE < bytes; said++) {
		pthread_mutex_lock(&lock);
		say_piece(said);
		pthread_mutex_unlock(&lock);
	}
}

static void say_all(void)
{
	say_until(answer_size);
	pthread_mutex_lock(&lock);
	busy = false;
	say_end();
	pthread_mutex_unlock(&lock);
}

static bool lines_reply(char kind, const void *payload, size_t length)
{
	uint8_t header[5] = { kind };

	if (kind == 'R' && too_long) {
		payload = "error\0the reply is longer than 1 MiB: ask for fewer cycles at a time";
		length = strlen("error") + 1 + strlen((const char *)payload + strlen("error") + 1) + 1;
	} else if (answer_size + sizeof(header) + length > REPLY_MOST - (kind == 'R' ? 0 : END_MOST)) {
		too_long = true;
		return false;
	}
	set_u32(header + 1, length);
	memcpy(answer + answer_size, header, sizeof(header));
	memcpy(answer + answer_size + sizeof(header), payload, length);
	answer_size += sizeof(header) + length;
	say_until(answer_size - answer_size % REPLY_PIECE);
	return true;
}

void lines_greet(void)
{
	size_t length;
	const char *words = hello(&length);

	lines_reply('R', words, length);
	say_all();
}

static void drop_request(void)
{
	free(piece);
	free(sizes);
	piece = NULL;
	sizes = NULL;
	coming = pieces = have = 0;
}

static void take_piece(const char *rest, uint32_t id)
{
	uint32_t number, of;
	uint8_t bytes[PIECE];
	int at = 0, size;

	if (sscanf(rest, "%u/%u %n", &number, &of, &at) < 2 || !at || number >= of || of > PIECES_MOST)
		return;
	size = decode(rest + at, bytes, sizeof(bytes));
	if (size < 1)
		return;
	if (id == last) {
		/* It was done, or is; the host did not see the end. */
		if (!busy && number == of - 1)
			say_end();
		return;
	}
	if (busy)
		return;
	if (id != coming || of != pieces) {
		drop_request();
		piece = calloc(of, PIECE);
		sizes = calloc(of, 1);
		if (!piece || !sizes) {
			drop_request();
			return;
		}
		coming = id;
		pieces = of;
	}
	if (!sizes[number])
		have++;
	memcpy(piece[number], bytes, size);
	sizes[number] = size;
	if (have == pieces) {
		last = coming;
		busy = true;
		pthread_cond_signal(&changed);
	}
}

static void say_state(uint32_t id)
{
	char missing[200] = "";
	size_t used = 0;

	if (id == last && !busy) {
		say_end();
		return;
	}
	if (id == last) {
		say("%u ? busy ", id);
		return;
	}
	/* The first ones; the host asks again. */
	for (uint32_t i = 0; id == coming && i < pieces && used < sizeof(missing) - 12; i++)
		if (!sizes[i])
			used += sprintf(missing + used, "%s%u", used ? "," : " missing ", i);
	say("%u ? unknown%s ", id, missing);
}

static void take_line(char *text)
{
	char *begin = NULL, *check, *end;
	uint32_t id;
	int at = 0;

	/* Whatever stands before the last beginning is the kernel's, or a line that was cut. */
	for (char *c = text; *c; c++)
		if (*c == '>' || *c == '?')
			begin = c;
	check = begin ? strrchr(begin, ' ') : NULL;
	if (!check || strlen(check + 1) != 8 ||
	    strtoul(check + 1, &end, 16) != crc32(0, begin + 1, check - begin) || *end)
		return;
	*check = 0;
	if (sscanf(begin + 1, "%u%n", &id, &at) < 1)
		return;
	end = begin + 1 + at;
	pthread_mutex_lock(&lock);
	if (*begin == '>' && *end == ' ')
		take_piece(end + 1, id);
	else if (*begin == '?' && !*end)
		say_state(id);
	else if (*begin == '?' && *end == ' ' && id == last && !busy)
		for (char *number = strtok(end + 1, ","); number; number = strtok(NULL, ","))
			say_piece(strtoul(number, NULL, 10));
	pthread_mutex_unlock(&lock);
}

void lines_take(const char *bytes, size_t size)
{
	for (; size--; bytes++) {
		if (*bytes == '\n' || *bytes == '\r') {
			line[line_size] = 0;
			take_line(line);
			line_size = 0;
		} else if (line_size < sizeof(line) - 1 && *bytes) {
			line[line_size++] = *bytes;
		} else {
			line_size = 0;	/* too long for one of ours */
		}
	}
}

/* The request is done, in whatever thread. */
static void end_request(void)
{
	pthread_mutex_lock(&lock);
	drop_request();
	pthread_mutex_unlock(&lock);
	say_all();
}

static void do_request(void)
{
	uint8_t *words = malloc((size_t)pieces * PIECE), *content = malloc((size_t)pieces * PIECE);
	size_t length = 0, size = 0;

	answer_size = said = 0;
	too_long = false;
	reply = lines_reply;
	replied = end_request;
	for (uint32_t i = 0; words && content && i < pieces; i++) {
		bool file = piece[i][0] == 'F';
		uint8_t *to = file ? content + size : words + length;

		memcpy(to, piece[i] + 1, sizes[i] - 1);
		*(file ? &size : &length) += sizes[i] - 1;
	}
	if (words && content)
		request((const char *)words, length, content, size);
	else
		reply('R', "error\0out of memory", 20);
	free(words);
	free(content);
}

bool lines_work(bool wait)
{
	bool work;

	pthread_mutex_lock(&lock);
	while (wait && !busy && !over)
		pthread_cond_wait(&changed, &lock);
	work = busy;
	pthread_mutex_unlock(&lock);
	if (!work)
		return false;
	/* While it is busy, nobody else touches the request or the answer. */
	do_request();
	end_request();
	return true;
}

void lines_end(void)
{
	pthread_mutex_lock(&lock);
	over = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}
