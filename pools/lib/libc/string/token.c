/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

char *strsep(char **restrict s, const char *restrict delimiters)
{
	char *token = *s;

	if (!token)
		return NULL;
	char *end = token + strcspn(token, delimiters);

	if (*end) {
		*end = '\0';
		*s = end + 1;
	} else {
		*s = NULL;
	}
	return token;
}

char *strtok_r(char *restrict s, const char *restrict delimiters, char **restrict state)
{
	if (!s)
		s = *state;
	s += strspn(s, delimiters);
	if (!*s) {
		*state = s;
		return NULL;
	}
	char *end = s + strcspn(s, delimiters);

	*state = *end ? end + 1 : end;
	*end = '\0';
	return s;
}

char *strtok(char *restrict s, const char *restrict delimiters)
{
	/* Empty at first, so that a first call with NULL finds no token instead of faulting. */
	static char nothing[1];
	static char *state = nothing;

	return strtok_r(s, delimiters, &state);
}
