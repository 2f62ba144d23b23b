// SPDX-License-Identifier: BSD-3-Clause
/* The launcher's pieces that touch nothing of the system, against simple models and random bytes.
 */
#include "console.h"
#include "events.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			exit(1);                                                        \
		}                                                                       \
	} while (0)

#define MODEL_BYTES (1u << 20)

/* xorshift64 (Marsaglia, 2003): the same sequence each time. */
static uint64_t random_state = 88172645463325252u;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % limit;
}

/* Whatever was appended, a read gives the same bytes as the model, from a place that is still kept.
 */
static void check_read(const struct console *console, const uint8_t *model, uint64_t printed,
		       uint32_t most)
{
	static uint8_t bytes[8192];
	uint64_t asked = random_below((uint32_t)printed + 100);
	uint64_t offset = asked;
	uint32_t count = console_read(console, &offset, bytes, random_below(sizeof(bytes)));

	CHECK(console->end == printed);
	CHECK(console->end - console->start <= most);
	CHECK(offset >= console->start && offset + count <= printed);
	CHECK(offset == asked || asked < console->start || asked > printed);
	CHECK(!memcmp(bytes, model + offset, count));
}

static void test_console(uint32_t most, uint64_t total)
{
	static uint8_t model[MODEL_BYTES];
	struct console console = { 0 };
	uint64_t printed = 0;

	for (;;) {
		uint32_t count = random_below(random_below(8) ? 200 : 5000);
		uint32_t i;

		if (printed + count > sizeof(model))
			break;
		for (i = 0; i < count; i++)
			model[printed + i] = (uint8_t)random_below(256);
		console_append(&console, model + printed, count, most, total);
		printed += count;
		check_read(&console, model, printed, most);
		CHECK(console_memory() <= (total > 512 ? total : 512));
	}
	console_free(&console);
	CHECK(console_memory() == 0);
}

static void test_console_keeps_all_that_fits(void)
{
	struct console console = { 0 };
	uint8_t bytes[64] = { 0 };
	int i;

	for (i = 0; i < 1024; i++)
		console_append(&console, bytes, sizeof(bytes), 65536, 1 << 20);
	CHECK(console.start == 0 && console.end == 65536);
	console_append(&console, bytes, 1, 65536, 1 << 20);
	CHECK(console.start == 1 && console.end == 65537);
	console_free(&console);
}

static void test_wire_round_trip(void)
{
	uint8_t bytes[256];
	struct writer writer = { bytes, bytes, bytes + sizeof(bytes), false };
	struct reader reader = { bytes, NULL, false };
	uint16_t length;

	write_u8(&writer, 0xfe);
	write_u16(&writer, 0xfedc);
	write_u32(&writer, 0xfedcba98);
	write_u64(&writer, 0xfedcba9876543210);
	write_str(&writer, "text");
	reader.end = writer.at;
	CHECK(read_u8(&reader) == 0xfe);
	CHECK(read_u16(&reader) == 0xfedc);
	CHECK(read_u32(&reader) == 0xfedcba98);
	CHECK(read_u64(&reader) == 0xfedcba9876543210);
	CHECK(!memcmp(read_str(&reader, &length), "text", 4) && length == 4);
	CHECK(read_done(&reader));
	read_u8(&reader);
	CHECK(!read_done(&reader));
}

static void test_writer_stays_within(void)
{
	uint8_t bytes[10];
	struct writer writer = { bytes, bytes, bytes + 8, false };

	bytes[8] = 0x55;
	write_u32(&writer, 1);
	write_u64(&writer, 2);
	CHECK(writer.full && writer.at == bytes + 4 && bytes[8] == 0x55);
	write_u8(&writer, 1);
	CHECK(writer.full && writer.at == bytes + 4);
}

/* Random fields are read from random bytes in a buffer of exactly their size: the sanitizer sees
 * each step outside. */
static void fuzz_reader(void)
{
	uint32_t size = random_below(64), i;
	uint8_t *bytes = malloc(size ? size : 1);
	struct reader reader = { bytes, bytes + size, false };
	uint16_t length;
	const char *text;

	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)random_below(random_below(2) ? 4 : 256);
	while (!reader.bad) {
		switch (random_below(5)) {
		case 0:
			read_u8(&reader);
			break;
		case 1:
			read_u64(&reader);
			break;
		case 2:
			read_u32(&reader);
			break;
		case 3:
			read_bytes(&reader, random_below(100));
			break;
		default:
			text = read_str(&reader, &length);
			CHECK(!text || !memchr(text, 0, length));
		}
	}
	CHECK(reader.at <= reader.end && !read_done(&reader));
	free(bytes);
}

static void test_events(void)
{
	static struct instance instance = { .id = { 7 }, .code = 5, .boot_nanoseconds = 60000 };
	uint32_t i;

	CHECK(event_last() == 0 && !event_get(0) && !event_get(1));
	for (i = 0; i < EVENTS_KEPT + 10; i++)
		event_add(EVENT_READY, &instance);
	CHECK(event_last() == EVENTS_KEPT + 10);
	CHECK(!event_get(10) && event_get(11)->seq == 11);
	CHECK(event_get(event_last())->seq == event_last() && !event_get(event_last() + 1));
	CHECK(event_get(11)->id[0] == 7 && event_get(11)->kind == EVENT_READY);
	CHECK(event_get(11)->code == 60000);
	event_add(EVENT_ENDED, &instance);
	CHECK(event_get(event_last())->code == 5);
}

int main(void)
{
	int i;

	test_console(65536, 1 << 20);
	test_console(700, 1 << 20);
	test_console(65536, 3000);
	test_console(65536, 0);
	test_console_keeps_all_that_fits();
	test_wire_round_trip();
	test_writer_stays_within();
	for (i = 0; i < 100000; i++)
		fuzz_reader();
	test_events();
	puts("launcher pieces: ok");
	return 0;
}
