/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes flattened device trees for tests: what the library reads, from the other side. */
#ifndef DEVICETREE_TEST_BLOB_H
#define DEVICETREE_TEST_BLOB_H

#include <stddef.h>
#include <stdint.h>

#define BLOB_MAX 2048

struct blob {
	uint8_t structure[BLOB_MAX];
	size_t structure_size;
	char strings[BLOB_MAX];
	size_t strings_size;
	uint8_t bytes[2 * BLOB_MAX]; /* the whole, once blob_finish was called */
	size_t size;
};

void blob_begin_node(struct blob *blob, const char *name);
void blob_end_node(struct blob *blob);
void blob_nop(struct blob *blob);
void blob_property(struct blob *blob, const char *name, const void *value, size_t size);
void blob_text(struct blob *blob, const char *name, const char *value);
void blob_cells(struct blob *blob, const char *name, const uint32_t *cells, size_t count);
void blob_finish(struct blob *blob);

/** The tree that the tests read: memory, a device, a command line. */
void blob_of_machine(struct blob *blob);

#endif /* DEVICETREE_TEST_BLOB_H */
