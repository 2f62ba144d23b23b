/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "format.h"

/* A buffer that takes what fits, with room for the terminating zero. */
struct buffer_sink {
	struct format_sink sink;
	char *next;
	size_t room;
};

static void buffer_write(struct format_sink *sink, const char *s, size_t n)
{
	struct buffer_sink *buffer = (struct buffer_sink *)sink;

	if (n > buffer->room)
		n = buffer->room;
	memcpy(buffer->next, s, n);
	buffer->next += n;
	buffer->room -= n;
}

int vsnprintf(char *restrict dst, size_t size, const char *restrict fmt, va_list args)
{
	char none[1];
	struct buffer_sink buffer = { .sink = { .write = buffer_write } };

	/* With size 0, dst may be NULL. */
	buffer.next = size > 0 ? dst : none;
	buffer.room = size > 0 ? size - 1 : 0;

	int result = format(&buffer.sink, fmt, args);

	*buffer.next = '\0';
	return result;
}

int snprintf(char *restrict dst, size_t size, const char *restrict fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int result = vsnprintf(dst, size, fmt, args);

	va_end(args);
	return result;
}

int vsprintf(char *restrict dst, const char *restrict fmt, va_list args)
{
	/* As much as there is above dst: the caller vouches for the room. */
	return vsnprintf(dst, UINTPTR_MAX - (uintptr_t)dst, fmt, args);
}

int sprintf(char *restrict dst, const char *restrict fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int result = vsprintf(dst, fmt, args);

	va_end(args);
	return result;
}
