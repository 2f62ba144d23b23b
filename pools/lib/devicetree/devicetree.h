/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading the structure block: each read is checked against its end. */
#ifndef DEVICETREE_DEVICETREE_H
#define DEVICETREE_DEVICETREE_H

#include <uc/devicetree.h>

/* Tokens of the structure block: the specification's 5.4.1. */
enum token {
	TOKEN_BEGIN_NODE = 1,
	TOKEN_END_NODE = 2,
	TOKEN_PROPERTY = 3,
	TOKEN_NOP = 4,
	TOKEN_END = 9,
	TOKEN_DAMAGED = 0
};

/** A property in the structure block. */
struct property {
	const char *name; /* ends with a zero, within the strings block */
	const uint8_t *value;
	uint32_t length;
};

static inline uint32_t big_endian(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/** Whether there is a zero among n bytes. */
static inline bool ends(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!s[i])
			return true;
	return false;
}

/** The token at an offset, past which it moves. Skips those without a meaning. */
enum token next_token(const struct uc_devicetree *tree, uint32_t *at);

/** Reads what follows TOKEN_PROPERTY at an offset, past which it moves. */
bool read_property(const struct uc_devicetree *tree, uint32_t *at, struct property *out);

#endif /* DEVICETREE_DEVICETREE_H */
