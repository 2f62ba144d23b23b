/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading and writing the frames of PROTOCOL.md. All functions stay within their bounds whatever
 * the bytes are. */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER_BYTES 12u
#define FRAME_PAYLOAD_MAX  262144u

struct frame_header {
	uint32_t length;
	uint16_t type;
	uint16_t status;
	uint32_t request;
};

/* Reads fields one after another; `bad` is set once and stays if a field reaches beyond the end. */
struct reader {
	const uint8_t *at;
	const uint8_t *end;
	bool bad;
};

void read_header(const uint8_t *bytes, struct frame_header *header);
uint8_t read_u8(struct reader *reader);
uint16_t read_u16(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);
/* The next `count` bytes in place, or NULL (and `bad`) if there are not as many. */
const uint8_t *read_bytes(struct reader *reader, size_t count);
/* A `str` without a NUL in it, in place (not terminated); its length goes to `*length`. NULL (and
 * `bad`) if there is none. */
const char *read_str(struct reader *reader, uint16_t *length);
/* Whether all was read and nothing was missing. */
bool read_done(const struct reader *reader);

/* Writes fields one after another; `full` is set once and stays if one does not fit. */
struct writer {
	uint8_t *start;
	uint8_t *at;
	uint8_t *end;
	bool full;
};

void write_u8(struct writer *writer, uint8_t value);
void write_u16(struct writer *writer, uint16_t value);
void write_u32(struct writer *writer, uint32_t value);
void write_u64(struct writer *writer, uint64_t value);
void write_bytes(struct writer *writer, const void *bytes, size_t count);
void write_str(struct writer *writer, const char *text);
/* Puts a header at the writer's start; the payload is what follows it up to `at`. */
void write_header(struct writer *writer, uint16_t type, uint16_t status, uint32_t request);

#endif
