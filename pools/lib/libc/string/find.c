/* SPDX-License-Identifier: BSD-3-Clause */
#include <limits.h>
#include <string.h>

/* A set of byte values. */
struct byte_set {
	unsigned long bits[(UCHAR_MAX + 1) / (CHAR_BIT * sizeof(unsigned long))];
};

static inline unsigned long *word_of(struct byte_set *set, unsigned char c)
{
	return &set->bits[c / (CHAR_BIT * sizeof(unsigned long))];
}

static inline unsigned long bit_of(unsigned char c)
{
	return 1UL << (c % (CHAR_BIT * sizeof(unsigned long)));
}

static void fill_set(struct byte_set *set, const char *members)
{
	memset(set, 0, sizeof(*set));
	for (; *members; members++)
		*word_of(set, (unsigned char)*members) |= bit_of((unsigned char)*members);
}

static inline int in_set(struct byte_set *set, char c)
{
	return (*word_of(set, (unsigned char)c) & bit_of((unsigned char)c)) != 0;
}

char *strchrnul(const char *s, int c)
{
	while (*s && *s != (char)c)
		s++;
	return (char *)s;
}

char *strchr(const char *s, int c)
{
	char *p = strchrnul(s, c);

	return *p == (char)c ? p : NULL;
}

char *strrchr(const char *s, int c)
{
	return memrchr(s, c, strlen(s) + 1);
}

size_t strspn(const char *s, const char *accept)
{
	struct byte_set set;
	size_t n = 0;

	fill_set(&set, accept);
	while (in_set(&set, s[n]))
		n++;
	return n;
}

size_t strcspn(const char *s, const char *reject)
{
	struct byte_set set;
	size_t n = 0;

	fill_set(&set, reject);
	while (s[n] && !in_set(&set, s[n]))
		n++;
	return n;
}

char *strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s ? (char *)s : NULL;
}
