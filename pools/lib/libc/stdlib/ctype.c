/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>

/* One comparison for low <= c <= high: what lies below wraps to above. */
static inline int between(int c, int low, int high)
{
	return (unsigned int)c - (unsigned int)low <= (unsigned int)(high - low);
}

int isdigit(int c)
{
	return between(c, '0', '9');
}

int islower(int c)
{
	return between(c, 'a', 'z');
}

int isupper(int c)
{
	return between(c, 'A', 'Z');
}

int isalpha(int c)
{
	return islower(c | 0x20);
}

int isalnum(int c)
{
	return isalpha(c) || isdigit(c);
}

int isblank(int c)
{
	return c == ' ' || c == '\t';
}

int iscntrl(int c)
{
	return between(c, 0, 0x1f) || c == 0x7f;
}

int isprint(int c)
{
	return between(c, 0x20, 0x7e);
}

int isgraph(int c)
{
	return between(c, 0x21, 0x7e);
}

int ispunct(int c)
{
	return isgraph(c) && !isalnum(c);
}

int isspace(int c)
{
	return c == ' ' || between(c, '\t', '\r');
}

int isxdigit(int c)
{
	return isdigit(c) || between(c | 0x20, 'a', 'f');
}

int tolower(int c)
{
	return isupper(c) ? c + ('a' - 'A') : c;
}

int toupper(int c)
{
	return islower(c) ? c - ('a' - 'A') : c;
}
