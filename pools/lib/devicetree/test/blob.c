/* SPDX-License-Identifier: BSD-3-Clause */
#include "blob.h"

#include <string.h>

#define HEADER 40

static void put32(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 24);
	to[1] = (uint8_t)(value >> 16);
	to[2] = (uint8_t)(value >> 8);
	to[3] = (uint8_t)value;
}

static void append(struct blob *blob, const void *bytes, size_t size)
{
	memcpy(blob->structure + blob->structure_size, bytes, size);
	blob->structure_size = (blob->structure_size + size + 3) & ~(size_t)3;
}

static void append32(struct blob *blob, uint32_t value)
{
	uint8_t bytes[4];

	put32(bytes, value);
	append(blob, bytes, sizeof(bytes));
}

void blob_begin_node(struct blob *blob, const char *name)
{
	append32(blob, 1);
	append(blob, name, strlen(name) + 1);
}

void blob_end_node(struct blob *blob)
{
	append32(blob, 2);
}

void blob_nop(struct blob *blob)
{
	append32(blob, 4);
}

void blob_property(struct blob *blob, const char *name, const void *value, size_t size)
{
	append32(blob, 3);
	append32(blob, (uint32_t)size);
	append32(blob, (uint32_t)blob->strings_size);
	append(blob, value, size);
	memcpy(blob->strings + blob->strings_size, name, strlen(name) + 1);
	blob->strings_size += strlen(name) + 1;
}

void blob_text(struct blob *blob, const char *name, const char *value)
{
	blob_property(blob, name, value, strlen(value) + 1);
}

void blob_cells(struct blob *blob, const char *name, const uint32_t *cells, size_t count)
{
	uint8_t bytes[64];

	for (size_t i = 0; i < count; i++)
		put32(bytes + i * 4, cells[i]);
	blob_property(blob, name, bytes, count * 4);
}

void blob_finish(struct blob *blob)
{
	append32(blob, 9);
	blob->size = HEADER + blob->structure_size + blob->strings_size;
	memset(blob->bytes, 0, HEADER);
	put32(blob->bytes, 0xd00dfeed);
	put32(blob->bytes + 4, (uint32_t)blob->size);
	put32(blob->bytes + 8, HEADER);
	put32(blob->bytes + 12, (uint32_t)(HEADER + blob->structure_size));
	put32(blob->bytes + 20, 17);
	put32(blob->bytes + 24, 16);
	put32(blob->bytes + 32, (uint32_t)blob->strings_size);
	put32(blob->bytes + 36, (uint32_t)blob->structure_size);
	memcpy(blob->bytes + HEADER, blob->structure, blob->structure_size);
	memcpy(blob->bytes + HEADER + blob->structure_size, blob->strings, blob->strings_size);
}

void blob_of_machine(struct blob *blob)
{
	static const uint32_t two = 2, one = 1;
	static const uint32_t memory[] = { 0, 0x40000000, 0, 0x8000000, 1, 0, 0, 0x1000 };
	static const uint32_t serial[] = { 0, 0x9000000, 0, 0x1000 };
	static const uint32_t child[] = { 7, 8 };

	memset(blob, 0, sizeof(*blob));
	blob_begin_node(blob, "");
	blob_cells(blob, "#address-cells", &two, 1);
	blob_cells(blob, "#size-cells", &two, 1);
	blob_begin_node(blob, "memory@40000000");
	blob_text(blob, "device_type", "memory");
	blob_cells(blob, "reg", memory, 8);
	blob_end_node(blob);
	blob_nop(blob);
	blob_begin_node(blob, "pl011@9000000");
	blob_property(blob, "compatible", "arm,pl011\0arm,primecell", 24);
	blob_cells(blob, "reg", serial, 4);
	blob_begin_node(blob, "child");
	blob_cells(blob, "reg", child, 2);
	blob_end_node(blob);
	blob_end_node(blob);
	blob_begin_node(blob, "bus");
	blob_cells(blob, "#address-cells", &one, 1);
	blob_cells(blob, "#size-cells", &one, 1);
	blob_begin_node(blob, "device");
	blob_cells(blob, "reg", child, 2);
	blob_end_node(blob);
	blob_end_node(blob);
	blob_begin_node(blob, "chosen");
	blob_text(blob, "bootargs", "one 'two three'");
	blob_end_node(blob);
	blob_end_node(blob);
	blob_finish(blob);
}
