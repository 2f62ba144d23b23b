/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "format.h"

void format_write(struct format_sink *sink, const char *s, size_t n)
{
	if (n == 0)
		return;
	sink->write(sink, s, n);
	sink->total += n;
}

void format_pad(struct format_sink *sink, char c, size_t n)
{
	char chunk[16];

	if (n == 0)
		return;
	memset(chunk, c, sizeof(chunk));
	while (n > 0) {
		size_t part = n < sizeof(chunk) ? n : sizeof(chunk);

		format_write(sink, chunk, part);
		n -= part;
	}
}

void format_field(struct format_sink *sink, const struct format_spec *spec,
		  const struct format_field *field)
{
	size_t zeros = field->zeros;
	size_t length = field->prefix_length + zeros + field->body_length + field->zeros_after +
			field->suffix_length;
	size_t pad = (size_t)spec->width > length ? (size_t)spec->width - length : 0;

	if (!spec->left && spec->zero) {
		zeros += pad;
		pad = 0;
	}
	if (!spec->left)
		format_pad(sink, ' ', pad);
	format_write(sink, field->prefix, field->prefix_length);
	format_pad(sink, '0', zeros);
	format_write(sink, field->body, field->body_length);
	format_pad(sink, '0', field->zeros_after);
	format_write(sink, field->suffix, field->suffix_length);
	if (spec->left)
		format_pad(sink, ' ', pad);
}

const char *format_sign(const struct format_spec *spec, bool negative)
{
	if (negative)
		return "-";
	if (spec->plus)
		return "+";
	return spec->space ? " " : "";
}

/* Writes the digits of value so that they end before `end`. Returns the first; none for 0. */
static char *digits_before(char *end, uintmax_t value, char conversion)
{
	const char *digits = conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";

	if (conversion == 'o') {
		for (; value; value >>= 3)
			*--end = digits[value & 7];
	} else if (conversion == 'x' || conversion == 'X') {
		for (; value; value >>= 4)
			*--end = digits[value & 15];
	} else {
		for (; value; value /= 10)
			*--end = digits[value % 10];
	}
	return end;
}

/* The rules that all integers share: precision, prefix, and the zero flag that precision cancels.
 */
static void format_integer(struct format_sink *sink, struct format_spec *spec, uintmax_t value,
			   const char *prefix)
{
	char buffer[(sizeof(uintmax_t) * CHAR_BIT + 2) / 3];
	char *end = buffer + sizeof(buffer);
	char *first = digits_before(end, value, spec->conversion);
	size_t length = (size_t)(end - first);
	size_t least = spec->precision < 0 ? 1 : (size_t)spec->precision;

	if (spec->conversion == 'o' && spec->alternative && least <= length)
		least = length + 1;
	if (spec->precision >= 0)
		spec->zero = false;

	struct format_field field = {
		.prefix = prefix,
		.prefix_length = strlen(prefix),
		.zeros = least > length ? least - length : 0,
		.body = first,
		.body_length = length,
	};
	format_field(sink, spec, &field);
}

static void format_unsigned(struct format_sink *sink, struct format_spec *spec, uintmax_t value)
{
	const char *prefix = "";

	if (spec->alternative && value != 0 && spec->conversion == 'x')
		prefix = "0x";
	else if (spec->alternative && value != 0 && spec->conversion == 'X')
		prefix = "0X";
	format_integer(sink, spec, value, prefix);
}

static void format_signed(struct format_sink *sink, struct format_spec *spec, intmax_t value)
{
	uintmax_t magnitude = value < 0 ? -(uintmax_t)value : (uintmax_t)value;

	format_integer(sink, spec, magnitude, format_sign(spec, value < 0));
}

static void format_text(struct format_sink *sink, struct format_spec *spec, const char *s, size_t n)
{
	struct format_field field = { .prefix = "", .body = s, .body_length = n };

	spec->zero = false;
	format_field(sink, spec, &field);
}

static void format_string(struct format_sink *sink, struct format_spec *spec, const char *s)
{
	/* As glibc does it: NULL is "(null)", or nothing where that would be cut. */
	if (!s)
		s = spec->precision < 0 || spec->precision >= 6 ? "(null)" : "";
	format_text(sink, spec, s,
		    spec->precision < 0 ? strlen(s) : strnlen(s, (size_t)spec->precision));
}

static void format_pointer(struct format_sink *sink, struct format_spec *spec, const void *p)
{
	if (!p) {
		format_text(sink, spec, "(nil)", 5);
		return;
	}
	spec->conversion = 'x';
	format_integer(sink, spec, (uintptr_t)p, spec->plus ? "+0x" : spec->space ? " 0x" : "0x");
}

/* The bytes of an argument, as a length modifier tells them. */
enum length {
	LENGTH_INT,
	LENGTH_CHAR,
	LENGTH_SHORT,
	LENGTH_LONG,
	LENGTH_LONG_LONG,
	LENGTH_MAX,
	LENGTH_SIZE,
	LENGTH_PTRDIFF,
};

static enum length parse_length(const char **fmt)
{
	char c = **fmt;

	if (!c || !strchr("hljzt", c))
		return LENGTH_INT;
	++*fmt;
	if ((c == 'h' || c == 'l') && **fmt == c) {
		++*fmt;
		return c == 'h' ? LENGTH_CHAR : LENGTH_LONG_LONG;
	}
	switch (c) {
	case 'h':
		return LENGTH_SHORT;
	case 'l':
		return LENGTH_LONG;
	case 'j':
		return LENGTH_MAX;
	case 'z':
		return LENGTH_SIZE;
	default:
		return LENGTH_PTRDIFF;
	}
}

/* A va_list that functions can share by pointer: an array type would decay as a parameter. */
struct arguments {
	va_list list;
};

static intmax_t next_signed(struct arguments *args, enum length length)
{
	switch (length) {
	case LENGTH_CHAR:
		return (signed char)va_arg(args->list, int);
	case LENGTH_SHORT:
		return (short)va_arg(args->list, int);
	case LENGTH_LONG:
		return va_arg(args->list, long);
	case LENGTH_LONG_LONG:
		return va_arg(args->list, long long);
	case LENGTH_MAX:
		return va_arg(args->list, intmax_t);
	case LENGTH_SIZE:
	case LENGTH_PTRDIFF:
		return va_arg(args->list, ptrdiff_t);
	default:
		return va_arg(args->list, int);
	}
}

/* An unsigned argument: the signed one's bits, cut to its length again. */
static uintmax_t next_unsigned(struct arguments *args, enum length length)
{
	uintmax_t value = (uintmax_t)next_signed(args, length);

	switch (length) {
	case LENGTH_CHAR:
		return (unsigned char)value;
	case LENGTH_SHORT:
		return (unsigned short)value;
	case LENGTH_LONG:
		return (unsigned long)value;
	case LENGTH_LONG_LONG:
		return (unsigned long long)value;
	case LENGTH_MAX:
		return value;
	case LENGTH_SIZE:
	case LENGTH_PTRDIFF:
		return (size_t)value;
	default:
		return (unsigned int)value;
	}
}

static void parse_flags(const char **fmt, struct format_spec *spec)
{
	for (;; ++*fmt) {
		switch (**fmt) {
		case '-':
			spec->left = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '#':
			spec->alternative = true;
			break;
		case '0':
			spec->zero = true;
			break;
		default:
			return;
		}
	}
}

/* A decimal number, or the int argument for '*'. False if it does not fit an int. */
static bool parse_count(const char **fmt, struct arguments *args, int *out)
{
	if (**fmt == '*') {
		++*fmt;
		*out = va_arg(args->list, int);
		return true;
	}
	for (*out = 0; **fmt >= '0' && **fmt <= '9'; ++*fmt) {
		if (__builtin_mul_overflow(*out, 10, out) ||
		    __builtin_add_overflow(*out, **fmt - '0', out))
			return false;
	}
	return true;
}

/* Reads flags, width and precision. 0, or EOVERFLOW. */
static int parse_spec(const char **fmt, struct arguments *args, struct format_spec *spec)
{
	*spec = (struct format_spec){ .precision = -1 };
	parse_flags(fmt, spec);
	if (!parse_count(fmt, args, &spec->width) || spec->width == INT_MIN)
		return EOVERFLOW;
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	if (**fmt == '.') {
		++*fmt;
		if (!parse_count(fmt, args, &spec->precision))
			return EOVERFLOW;
	}
	return 0;
}

/* Handles one conversion; *fmt stands after its '%'. 0 or an error number. */
static int format_conversion(struct format_sink *sink, const char **fmt, struct arguments *args)
{
	struct format_spec spec;
	int error = parse_spec(fmt, args, &spec);

	if (error)
		return error;

	enum length length = parse_length(fmt);
	char c;

	spec.conversion = *(*fmt)++;
	switch (spec.conversion) {
	case 'd':
	case 'i':
		format_signed(sink, &spec, next_signed(args, length));
		return 0;
	case 'o':
	case 'u':
	case 'x':
	case 'X':
		format_unsigned(sink, &spec, next_unsigned(args, length));
		return 0;
	case 'p':
		format_pointer(sink, &spec, va_arg(args->list, void *));
		return 0;
	case 'c':
		if (length != LENGTH_INT)
			return EINVAL;
		c = (char)va_arg(args->list, int);
		format_text(sink, &spec, &c, 1);
		return 0;
	case 's':
		if (length != LENGTH_INT)
			return EINVAL;
		format_string(sink, &spec, va_arg(args->list, const char *));
		return 0;
	case '%':
		format_write(sink, "%", 1);
		return 0;
#ifdef CONFIG_LIBC_PRINTF_FLOAT
	case 'f':
	case 'F':
	case 'e':
	case 'E':
	case 'g':
	case 'G':
		format_double(sink, &spec, va_arg(args->list, double));
		return 0;
#endif
	default:
		return EINVAL;
	}
}

int format(struct format_sink *sink, const char *fmt, va_list list)
{
	struct arguments args;
	int error = 0;

	va_copy(args.list, list);
	while (*fmt && !error) {
		size_t plain = (size_t)(strchrnul(fmt, '%') - fmt);

		format_write(sink, fmt, plain);
		fmt += plain;
		if (*fmt == '%') {
			fmt++;
			error = format_conversion(sink, &fmt, &args);
		}
		if (!error && sink->total > INT_MAX)
			error = EOVERFLOW;
	}
	va_end(args.list);
	if (error) {
		errno = error;
		return -1;
	}
	return (int)sink->total;
}
