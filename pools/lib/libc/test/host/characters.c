/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <stdio.h>

#include "host.h"
#include "ours.h"

#define CLASSES(X) \
	X(isalnum) \
	X(isalpha) \
	X(isblank) \
	X(iscntrl) \
	X(isdigit) \
	X(isgraph) \
	X(islower) \
	X(isprint) \
	X(ispunct) \
	X(isspace) \
	X(isupper) \
	X(isxdigit)

#define DECLARE(name) OURS(name);
CLASSES(DECLARE)
OURS(tolower);
OURS(toupper);

unsigned long test_characters(void)
{
	unsigned long cases = 0;

	/* EOF and every unsigned char: for others, C leaves it open. */
	for (int c = EOF; c <= 255; c++) {
#define COMPARE(name) CHECK(!ours_##name(c) == !name(c), "%d", c);
		CLASSES(COMPARE)
		CHECK(ours_tolower(c) == tolower(c) && ours_toupper(c) == toupper(c), "%d", c);
		cases += 14;
	}
	return cases;
}
