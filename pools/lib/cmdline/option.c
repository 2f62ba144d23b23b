/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <uc/cmdline.h>

static const struct uc_cmdline *current;

void uc_cmdline_set(const struct uc_cmdline *cmdline)
{
	current = cmdline;
}

const char *uc_option(const char *name)
{
	size_t length = strlen(name);

	for (int i = current ? current->option_count : 0; i-- > 0;) {
		const char *word = current->words[i] + strlen("uc.");

		if (strncmp(word, name, length) != 0)
			continue;
		if (word[length] == '=')
			return word + length + 1;
		if (word[length] == '\0')
			return word + length;
	}
	return NULL;
}

int uc_option_string(const char *name, const char **out)
{
	const char *value = uc_option(name);

	if (!value)
		return -ENOENT;
	*out = value;
	return 0;
}

static bool is_one_of(const char *value, const char *const *words)
{
	for (; *words; words++) {
		if (strcmp(value, *words) == 0)
			return true;
	}
	return false;
}

int uc_option_bool(const char *name, bool *out)
{
	static const char *const yes[] = { "", "1", "y", "yes", "on", "true", NULL };
	static const char *const no[] = { "0", "n", "no", "off", "false", NULL };
	const char *value = uc_option(name);

	if (!value)
		return -ENOENT;
	if (!is_one_of(value, yes) && !is_one_of(value, no))
		return -EINVAL;
	*out = is_one_of(value, yes);
	return 0;
}

static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10 : 16;
}

/*
 * Reads digits, with 0x for hexadecimal, and sets *end behind them. Stricter than strtoull: no
 * space, no sign, no octal. 0, -EINVAL where there is no digit, -ERANGE.
 */
static int parse_digits(const char *s, const char **end, uint64_t *out)
{
	unsigned int base = s[0] == '0' && (s[1] | 0x20) == 'x' ? 16 : 10;
	const char *first = base == 16 ? s + 2 : s;
	const char *p = first;
	bool overflow = false;

	for (*out = 0; digit_value(*p) < base; p++)
		overflow |= __builtin_mul_overflow(*out, (uint64_t)base, out) ||
			    __builtin_add_overflow(*out, (uint64_t)digit_value(*p), out);
	*end = p;
	if (p == first)
		return -EINVAL;
	return overflow ? -ERANGE : 0;
}

int uc_option_int(const char *name, int64_t min, int64_t max, int64_t *out)
{
	const char *value = uc_option(name);
	const char *end;
	uint64_t magnitude;

	if (!value)
		return -ENOENT;

	bool negative = *value == '-';
	int error = parse_digits(value + negative, &end, &magnitude);

	if (error == -EINVAL || *end)
		return -EINVAL;
	if (error || magnitude > (uint64_t)INT64_MAX + negative)
		return -ERANGE;

	int64_t number = (int64_t)(negative ? -magnitude : magnitude);

	if (number < min || number > max)
		return -ERANGE;
	*out = number;
	return 0;
}

/* The power of two that a suffix stands for; 64 if there is no such suffix. */
static unsigned int suffix_shift(const char *suffix)
{
	if (!*suffix)
		return 0;
	if (suffix[1])
		return 64;
	switch (*suffix | 0x20) {
	case 'k':
		return 10;
	case 'm':
		return 20;
	case 'g':
		return 30;
	case 't':
		return 40;
	default:
		return 64;
	}
}

int uc_option_size(const char *name, uint64_t *out)
{
	const char *value = uc_option(name);
	const char *suffix;
	uint64_t number;

	if (!value)
		return -ENOENT;

	int error = parse_digits(value, &suffix, &number);
	unsigned int shift = suffix_shift(suffix);

	if (error == -EINVAL || shift == 64)
		return -EINVAL;
	if (error || number > UINT64_MAX >> shift)
		return -ERANGE;
	*out = number << shift;
	return 0;
}
