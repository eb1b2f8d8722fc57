// SPDX-License-Identifier: Apache-2.0
/*
 * Frames over a stream of bytes, by which a request comes and its reply goes:
 *
 *	'L' 'R' kind 0 id length payload crc32
 *
 * numbers are of 32 bits, little-endian; the checksum is of all before it. A
 * request that comes again is not done again, its last reply is sent again.
 */
#include "agent.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER 12

static int out = -1;
static uint8_t buffer[HEADER + FRAME_MOST + 4];
static size_t have;
static uint8_t *content;
static size_t content_size;
static uint32_t content_id, current, last;
static bool answered, too_large;
static uint8_t answer[FRAME_MOST];
static size_t answer_size;

uint32_t crc32(uint32_t crc, const void *bytes, size_t size)
{
	static uint32_t table[256];
	const uint8_t *at = bytes;

	if (!table[1])
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t value = i;

			for (int bit = 0; bit < 8; bit++)
				value = value & 1 ? value >> 1 ^ 0xedb88320 : value >> 1;
			table[i] = value;
		}
	crc = ~crc;
	while (size--)
		crc = table[(crc ^ *at++) & 255] ^ crc >> 8;
	return ~crc;
}

void set_u32(uint8_t *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = number >> 8 * i;
}

static uint32_t get_u32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

void frames_to(int fd)
{
	out = fd;
}

/* Waits while the host is there and does not read. */
static bool write_all(const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(out, bytes, size);

		if (written < 0 && errno == EAGAIN) {
			struct pollfd ready = { .fd = out, .events = POLLOUT };

			if (poll(&ready, 1, -1) > 0 && ready.revents & (POLLHUP | POLLERR))
				return false;
		} else if (written > 0) {
			bytes += written;
			size -= written;
		} else if (!written || errno != EINTR) {
			return false;
		}
	}
	return true;
}

bool frames_send(char kind, uint32_t id, const void *payload, size_t length)
{
	static uint8_t frame[HEADER + FRAME_MOST + 4];

	if (length > FRAME_MOST)
		length = FRAME_MOST;
	memcpy(frame, "LR", 2);
	frame[2] = kind;
	frame[3] = 0;
	set_u32(frame + 4, id);
	set_u32(frame + 8, length);
	memcpy(frame + HEADER, payload, length);
	set_u32(frame + HEADER + length, crc32(0, frame, HEADER + length));
	return write_all(frame, HEADER + length + 4);
}

static bool frames_reply(char kind, const void *payload, size_t length)
{
	if (kind == 'R') {
		answer_size = length < FRAME_MOST ? length : FRAME_MOST;
		memcpy(answer, payload, answer_size);
		answered = true;
	}
	return frames_send(kind, current, payload, length);
}

static void drop_content(void)
{
	free(content);
	content = NULL;
	content_size = 0;
	too_large = false;
}

static void append_content(uint32_t id, const uint8_t *payload, size_t length)
{
	uint8_t *larger;

	if (id != content_id)
		drop_content();
	content_id = id;
	larger = content_size + length > CONTENT_MOST ? NULL : realloc(content, content_size + length + 1);
	if (!larger) {
		drop_content();
		too_large = true;
		return;
	}
	memcpy(larger + content_size, payload, length);
	content = larger;
	content_size += length;
}

static void take_frame(char kind, uint32_t id, const uint8_t *payload, size_t length)
{
	if (kind == 'F') {
		append_content(id, payload, length);
		return;
	}
	if (kind != 'Q')
		return;
	if (answered && id == last) {
		frames_send('R', id, answer, answer_size);
		return;
	}
	if (id != content_id)
		drop_content();
	reply = frames_reply;
	current = last = id;
	answered = false;
	if (too_large) {
		static const char error[] = "error\0the content is larger than 8 MiB, or than there is memory";

		reply('R', error, sizeof(error));
	} else {
		request((const char *)payload, length, content, content_size);
	}
	drop_content();
}

static void skip(size_t size)
{
	have -= size;
	memmove(buffer, buffer + size, have);
}

static void refuse(const char *why)
{
	frames_send('N', get_u32(buffer + 4), why, strlen(why) + 1);
	skip(2);
}

/* Takes what is in the buffer; true if that was something. */
static bool take_one(void)
{
	uint8_t *magic = memchr(buffer, 'L', have);
	uint32_t length;

	skip(magic ? (size_t)(magic - buffer) : have);
	if (have < HEADER) {
		if (have > 1 && buffer[1] != 'R') {
			skip(1);
			return true;
		}
		return false;
	}
	length = get_u32(buffer + 8);
	if (buffer[1] != 'R' || buffer[3] || length > FRAME_MOST) {
		skip(1);
		return true;
	}
	if (have < HEADER + length + 4)
		return false;
	if (get_u32(buffer + HEADER + length) != crc32(0, buffer, HEADER + length)) {
		refuse("the checksum is wrong");
		return true;
	}
	take_frame(buffer[2], get_u32(buffer + 4), buffer + HEADER, length);
	skip(HEADER + length + 4);
	return true;
}

void frames_take(const uint8_t *bytes, size_t size)
{
	while (size) {
		size_t part = sizeof(buffer) - have < size ? sizeof(buffer) - have : size;

		memcpy(buffer + have, bytes, part);
		have += part;
		bytes += part;
		size -= part;
		while (have && take_one())
			;
	}
}

bool frames_partial(void)
{
	return have;
}

void frames_cut(void)
{
	if (have >= HEADER)
		refuse("the frame was cut");
	else
		skip(1);
	while (have && take_one())
		;
}

void frames_lost(void)
{
	have = 0;
	drop_content();
}
