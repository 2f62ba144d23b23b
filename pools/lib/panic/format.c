/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>
#include <stddef.h>
#include <uc/console.h>
#include <uc/plat.h>

#include "panic.h"

/* The longest number: 64 bits in octal, and a sign. Wider fields are cut to this. */
#define DIGITS 24

struct conversion {
	int longs; /* how many l; z and j count as two */
	unsigned int width;
	char pad;
};

static unsigned long long next_unsigned(va_list *args, int longs)
{
	if (longs >= 2)
		return va_arg(*args, unsigned long long);
	return longs == 1 ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int);
}

static long long next_signed(va_list *args, int longs)
{
	if (longs >= 2)
		return va_arg(*args, long long);
	return longs == 1 ? va_arg(*args, long) : va_arg(*args, int);
}

static void number(unsigned long long value, unsigned int base, bool negative,
		   const struct conversion *c)
{
	char text[DIGITS + 1];
	size_t at = sizeof(text);

	do {
		text[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value > 0);
	if (negative && c->pad == ' ')
		text[--at] = '-';
	while (at > 1 && sizeof(text) - at + (negative && c->pad == '0') < c->width)
		text[--at] = c->pad;
	if (negative && c->pad == '0')
		text[--at] = '-';
	uc_plat_console_write(text + at, sizeof(text) - at);
}

static void convert(char conversion, va_list *args, const struct conversion *c)
{
	long long value;
	const char *s;
	char character;

	switch (conversion) {
	case 'd':
	case 'i':
		value = next_signed(args, c->longs);
		number(value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value, 10,
		       value < 0, c);
		break;
	case 'u':
		number(next_unsigned(args, c->longs), 10, false, c);
		break;
	case 'x':
		number(next_unsigned(args, c->longs), 16, false, c);
		break;
	case 'p':
		uc_console_print_hex((uintptr_t)va_arg(*args, void *), 0);
		break;
	case 's':
		s = va_arg(*args, const char *);
		uc_console_print(s ? s : "(null)");
		break;
	case 'c':
		character = (char)va_arg(*args, int);
		uc_plat_console_write(&character, 1);
		break;
	default:
		uc_plat_console_write(&conversion, 1);
	}
}

void panic_format(const char *format, va_list list)
{
	va_list args;

	va_copy(args, list);
	while (*format) {
		const char *text = format;

		while (*format && *format != '%')
			format++;
		uc_plat_console_write(text, (size_t)(format - text));
		if (!*format)
			break;

		struct conversion c = { .pad = ' ' };

		for (format++; *format == '0' || *format == '-' || *format == '#'; format++)
			c.pad = *format == '0' ? '0' : c.pad;
		for (; *format >= '0' && *format <= '9'; format++)
			c.width = c.width * 10 + (unsigned int)(*format - '0');
		for (; *format == 'l' || *format == 'h' || *format == 'z' || *format == 'j';
		     format++)
			c.longs += *format == 'h' ? 0 : *format == 'l' ? 1 : 2;
		if (!*format)
			break;
		convert(*format++, &args, &c);
	}
	va_end(args);
}
