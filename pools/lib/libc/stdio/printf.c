/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "file.h"
#include "format.h"

/* Collects bytes, so that a call costs few writes to the console: often one. */
struct file_sink {
	struct format_sink sink;
	FILE *file;
	size_t used;
	char buffer[BUFSIZ];
};

static void flush(struct file_sink *out)
{
	if (out->used > 0)
		file_write(out->file, out->buffer, out->used);
	out->used = 0;
}

static void sink_write(struct format_sink *sink, const char *s, size_t n)
{
	struct file_sink *out = (struct file_sink *)sink;

	if (n > sizeof(out->buffer) - out->used)
		flush(out);
	if (n > sizeof(out->buffer)) {
		file_write(out->file, s, n);
		return;
	}
	memcpy(out->buffer + out->used, s, n);
	out->used += n;
}

int vfprintf(FILE *restrict file, const char *restrict fmt, va_list args)
{
	struct file_sink out;

	out.sink.write = sink_write;
	out.sink.total = 0;
	out.file = file;
	out.used = 0;

	int result = format(&out.sink, fmt, args);

	flush(&out);
	return result;
}

int vprintf(const char *restrict fmt, va_list args)
{
	return vfprintf(stdout, fmt, args);
}

int fprintf(FILE *restrict file, const char *restrict fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int result = vfprintf(file, fmt, args);

	va_end(args);
	return result;
}

int printf(const char *restrict fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int result = vfprintf(stdout, fmt, args);

	va_end(args);
	return result;
}
