// SPDX-License-Identifier: BSD-3-Clause
#include "wire.h"

#include <string.h>

static uint64_t little(const uint8_t *bytes, size_t count)
{
	uint64_t value = 0;

	while (count--)
		value = value << 8 | bytes[count];
	return value;
}

void read_header(const uint8_t *bytes, struct frame_header *header)
{
	header->length = (uint32_t)little(bytes, 4);
	header->type = (uint16_t)little(bytes + 4, 2);
	header->status = (uint16_t)little(bytes + 6, 2);
	header->request = (uint32_t)little(bytes + 8, 4);
}

const uint8_t *read_bytes(struct reader *reader, size_t count)
{
	const uint8_t *bytes = reader->at;

	if (reader->bad || (size_t)(reader->end - reader->at) < count) {
		reader->bad = true;
		return NULL;
	}
	reader->at += count;
	return bytes;
}

static uint64_t read_integer(struct reader *reader, size_t count)
{
	const uint8_t *bytes = read_bytes(reader, count);

	return bytes ? little(bytes, count) : 0;
}

uint8_t read_u8(struct reader *reader)
{
	return (uint8_t)read_integer(reader, 1);
}

uint16_t read_u16(struct reader *reader)
{
	return (uint16_t)read_integer(reader, 2);
}

uint32_t read_u32(struct reader *reader)
{
	return (uint32_t)read_integer(reader, 4);
}

uint64_t read_u64(struct reader *reader)
{
	return read_integer(reader, 8);
}

const char *read_str(struct reader *reader, uint16_t *length)
{
	const uint8_t *bytes;

	*length = read_u16(reader);
	bytes = read_bytes(reader, *length);
	if (bytes && memchr(bytes, 0, *length)) {
		reader->bad = true;
		return NULL;
	}
	return (const char *)bytes;
}

bool read_done(const struct reader *reader)
{
	return !reader->bad && reader->at == reader->end;
}

void write_bytes(struct writer *writer, const void *bytes, size_t count)
{
	if (writer->full || (size_t)(writer->end - writer->at) < count) {
		writer->full = true;
		return;
	}
	if (count)
		memcpy(writer->at, bytes, count);
	writer->at += count;
}

static void write_integer(struct writer *writer, uint64_t value, size_t count)
{
	uint8_t bytes[8];
	size_t i;

	for (i = 0; i < count; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	write_bytes(writer, bytes, count);
}

void write_u8(struct writer *writer, uint8_t value)
{
	write_integer(writer, value, 1);
}

void write_u16(struct writer *writer, uint16_t value)
{
	write_integer(writer, value, 2);
}

void write_u32(struct writer *writer, uint32_t value)
{
	write_integer(writer, value, 4);
}

void write_u64(struct writer *writer, uint64_t value)
{
	write_integer(writer, value, 8);
}

void write_str(struct writer *writer, const char *text)
{
	size_t length = strlen(text);

	if (length > UINT16_MAX)
		length = UINT16_MAX;
	write_u16(writer, (uint16_t)length);
	write_bytes(writer, text, length);
}

void write_header(struct writer *writer, uint16_t type, uint16_t status, uint32_t request)
{
	struct writer header = { writer->start, writer->start, writer->start + FRAME_HEADER_BYTES,
				 false };

	write_u32(&header, (uint32_t)(writer->at - writer->start) - FRAME_HEADER_BYTES);
	write_u16(&header, type);
	write_u16(&header, status);
	write_u32(&header, request);
}
