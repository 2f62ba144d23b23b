/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flattened device trees (Devicetree Specification 0.4, chapter 5): what firmware or a VMM tells of
 * the machine. A blob may come from anyone: nothing outside of it is read, whatever it says.
 *
 *	struct uc_devicetree_node node = { 0 };
 *
 *	while (uc_devicetree_next(&tree, &node) == 0)
 *		if (uc_devicetree_is_compatible(&tree, &node, "arm,pl011"))
 *			uc_devicetree_reg(&tree, &node, 0, &address, &size);
 *
 * Addresses are those of the node's parent; `ranges` are not applied. No memory is allocated.
 */
#ifndef UC_DEVICETREE_H
#define UC_DEVICETREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A tree, within a blob that must stay. */
struct uc_devicetree {
	const uint8_t *structure;
	const char *strings;
	uint32_t structure_size; /* bytes */
	uint32_t strings_size;
};

/** How deep nodes may lie; the root is at 0. */
#define UC_DEVICETREE_DEPTH_MAX 16

/** A place in a tree. Begins as zeros. */
struct uc_devicetree_node {
	const char *name; /* with its unit address, as in "pl011@9000000" */
	unsigned int depth;
	/* For the library. */
	uint32_t properties;
	uint32_t next;
	unsigned int open;
	struct {
		uint8_t address;
		uint8_t size;
	} cells[UC_DEVICETREE_DEPTH_MAX + 1];
};

/**
 * Opens a blob in memory of `limit` bytes. Returns 0; -EINVAL if it is none, or one that is damaged
 * or longer than the limit.
 */
int uc_devicetree_open(struct uc_devicetree *tree, const void *blob, size_t limit);

/**
 * Goes to the next node, in the order in which they are written: parents before their children.
 * Returns 0; -ENOENT after the last; -EINVAL if the tree is damaged or too deep.
 */
int uc_devicetree_next(const struct uc_devicetree *tree, struct uc_devicetree_node *node);

/**
 * The value of a property: its bytes, within the blob and not aligned. Returns NULL if the node has
 * none of this name. length may be NULL.
 */
const void *uc_devicetree_property(const struct uc_devicetree *tree,
				   const struct uc_devicetree_node *node, const char *name,
				   uint32_t *length);

/** As uc_devicetree_property, for a string. NULL also for a value that does not end with a zero. */
const char *uc_devicetree_text(const struct uc_devicetree *tree,
			       const struct uc_devicetree_node *node, const char *name);

/**
 * Numbers of 32 bits in a property: fills in at most n from the one numbered `first` on. Returns
 * how many; 0 if there is no such property.
 */
unsigned int uc_devicetree_cells(const struct uc_devicetree *tree,
				 const struct uc_devicetree_node *node, const char *name,
				 unsigned int first, uint32_t *out, unsigned int n);

/** Whether a node is a device of a kind: one of the names in its property `compatible`. */
bool uc_devicetree_is_compatible(const struct uc_devicetree *tree,
				 const struct uc_devicetree_node *node, const char *name);

/**
 * The range numbered `index` in a node's property `reg`: address and size in bytes. Returns 0;
 * -ENOENT after the last; -EINVAL if numbers have more than 64 bits.
 */
int uc_devicetree_reg(const struct uc_devicetree *tree, const struct uc_devicetree_node *node,
		      unsigned int index, uint64_t *address, uint64_t *size);

/** The first node of a path, as in "/chosen", without wildcards. 0, -ENOENT or -EINVAL. */
int uc_devicetree_find(const struct uc_devicetree *tree, const char *path,
		       struct uc_devicetree_node *out);

#ifdef __cplusplus
}
#endif

#endif /* UC_DEVICETREE_H */
