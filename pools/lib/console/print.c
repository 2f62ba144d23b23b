/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/console.h>
#include <uc/plat.h>

void uc_console_print(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	uc_plat_console_write(s, n);
}

void uc_console_print_decimal(unsigned long long value)
{
	char digits[20]; /* 2^64 has 20 */
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	uc_plat_console_write(digits + at, sizeof(digits) - at);
}

void uc_console_print_hex(unsigned long long value, unsigned int digits)
{
	char text[18];
	size_t at = sizeof(text);

	while (at > 2 && (value > 0 || digits > 0)) {
		text[--at] = "0123456789abcdef"[value & 15];
		value >>= 4;
		if (digits > 0)
			digits--;
	}
	if (at == sizeof(text))
		text[--at] = '0';
	text[--at] = 'x';
	text[--at] = '0';
	uc_plat_console_write(text + at, sizeof(text) - at);
}
