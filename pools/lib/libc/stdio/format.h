/* SPDX-License-Identifier: BSD-3-Clause */
/* The formatter behind the whole printf family. Private to the C library. */
#ifndef LIBC_STDIO_FORMAT_H
#define LIBC_STDIO_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/** Where formatted bytes go. Embedded in what a `write` needs to know. */
struct format_sink {
	void (*write)(struct format_sink *sink, const char *s, size_t n);
	size_t total; /* bytes so far; may exceed INT_MAX, of which format() makes an error */
};

/** One conversion specification: %[flags][width][.precision]conversion. */
struct format_spec {
	bool left;	  /* '-' */
	bool plus;	  /* '+' */
	bool space;	  /* ' ' */
	bool alternative; /* '#' */
	bool zero;	  /* '0' */
	int width;	  /* least number of bytes, 0 if not given */
	int precision;	  /* -1 if not given */
	char conversion;
};

/** Writes n bytes, or n times the byte c. */
void format_write(struct format_sink *sink, const char *s, size_t n);
void format_pad(struct format_sink *sink, char c, size_t n);

/**
 * Writes prefix (a sign, "0x"), zeros, body, more zeros and suffix (an exponent), padded to the
 * width on the side that the flags ask for. A zero flag turns the padding into zeros before the
 * body.
 */
struct format_field {
	const char *prefix;
	size_t prefix_length;
	size_t zeros;
	const char *body;
	size_t body_length;
	size_t zeros_after;
	const char *suffix;
	size_t suffix_length;
};
void format_field(struct format_sink *sink, const struct format_spec *spec,
		  const struct format_field *field);

/** The sign to print before a number: "-", "+", " " or "". */
const char *format_sign(const struct format_spec *spec, bool negative);

/** Formats a double for f F e E g G. Linked with CONFIG_LIBC_PRINTF_FLOAT only. */
void format_double(struct format_sink *sink, const struct format_spec *spec, double value);

/**
 * Formats everything to the sink. Returns the number of bytes, or -1 with errno EINVAL (a
 * conversion that there is not, %n) or EOVERFLOW (more than INT_MAX bytes, width or precision).
 */
int format(struct format_sink *sink, const char *fmt, va_list args);

#endif /* LIBC_STDIO_FORMAT_H */
