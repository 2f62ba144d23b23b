// SPDX-License-Identifier: BSD-3-Clause
#include "console.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 512u

static uint64_t held;

uint64_t console_memory(void)
{
	return held;
}

/* A byte's place is its offset modulo the ring's size, so that appending moves nothing. */
static void copy_in(uint8_t *data, uint32_t size, uint64_t offset, const uint8_t *bytes,
		    uint32_t count)
{
	uint32_t at = offset % size;
	uint32_t first = count < size - at ? count : size - at;

	memcpy(data + at, bytes, first);
	memcpy(data, bytes + first, count - first);
}

uint32_t console_read(const struct console *console, uint64_t *offset, uint8_t *to, uint32_t most)
{
	uint32_t at, first, count;

	if (*offset < console->start)
		*offset = console->start;
	if (*offset > console->end)
		*offset = console->end;
	count = console->end - *offset < most ? console->end - *offset : most;
	if (!count)
		return 0;
	at = *offset % console->size;
	first = count < console->size - at ? count : console->size - at;
	memcpy(to, console->data + at, first);
	memcpy(to + first, console->data, count - first);
	return count;
}

/* Makes the ring larger if it may be and is too small for `wanted` bytes. */
static void grow(struct console *console, uint64_t wanted, uint32_t most, uint64_t total)
{
	uint32_t size = console->size ? console->size : FIRST_SIZE;
	uint64_t offset = console->start;
	uint8_t *data;
	uint32_t count;

	while (size < wanted && size < most)
		size *= 2;
	if (size > most)
		size = most;
	if (size <= console->size || (console->size && held + size - console->size > total))
		return;
	data = malloc(size);
	if (!data)
		return;
	count = console->end - console->start;
	if (count) {
		uint32_t at = offset % console->size;
		uint32_t first = count < console->size - at ? count : console->size - at;

		copy_in(data, size, offset, console->data + at, first);
		copy_in(data, size, offset + first, console->data, count - first);
	}
	free(console->data);
	held += size - console->size;
	console->data = data;
	console->size = size;
}

void console_append(struct console *console, const uint8_t *bytes, uint32_t count, uint32_t most,
		    uint64_t total)
{
	uint64_t wanted = console->end - console->start + count;

	if (wanted > console->size)
		grow(console, wanted, most, total);
	if (count > console->size) {
		uint32_t lost = count - console->size;

		bytes += lost;
		count -= lost;
		console->end += lost;
		console->start = console->end;
	}
	if (count)
		copy_in(console->data, console->size, console->end, bytes, count);
	console->end += count;
	if (console->end - console->start > console->size)
		console->start = console->end - console->size;
}

void console_free(struct console *console)
{
	held -= console->size;
	free(console->data);
	*console = (struct console){ 0 };
}
