/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The wall clock: the real-time clock's time of day (a Motorola MC146818, in UTC as QEMU has it by
 * default), read once, and the monotonic clock from there on.
 */
#include <stdbool.h>
#include <uc/arch/instructions.h>
#include <uc/plat.h>

#define INDEX 0x70
#define VALUE 0x71

#define SECONDS	 0x00
#define MINUTES	 0x02
#define HOURS	 0x04
#define DAY	 0x07
#define MONTH	 0x08
#define YEAR	 0x09
#define STATUS_A 0x0a
#define STATUS_B 0x0b
#define CENTURY	 0x32 /* by custom of the PC */

#define UPDATING  0x80 /* in status A */
#define BINARY	  0x04 /* in status B; else decimal digits */
#define HOURS_24  0x02
#define AFTERNOON 0x80 /* in the hours */

/* Bounds the wait for a device that says it is updating: it takes 2 ms at most. */
#define PATIENCE 100000

#define NS_PER_SEC UINT64_C(1000000000)

static uint8_t get(uint8_t index)
{
	out8(INDEX, index);
	return in8(VALUE);
}

static unsigned int number(uint8_t value, bool binary)
{
	return binary ? value : (value >> 4) * 10u + (value & 15);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar: March is the first month of the year,
 * so that the leap day is its last. */
static uint64_t days(unsigned int year, unsigned int month, unsigned int day)
{
	unsigned int y = month > 2 ? year : year - 1;
	unsigned int m = month > 2 ? month - 3 : month + 9;

	return 365ull * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static uint64_t read_seconds(void)
{
	uint8_t status = get(STATUS_B);
	bool binary = status & BINARY;
	uint8_t hour = get(HOURS);
	unsigned int hours = number(hour & (uint8_t)~AFTERNOON, binary);
	unsigned int century = number(get(CENTURY), binary);
	unsigned int year = number(get(YEAR), binary) + (century >= 19 ? century * 100 : 2000);

	if (!(status & HOURS_24))
		hours = hours % 12 + (hour & AFTERNOON ? 12 : 0);
	return days(year, number(get(MONTH), binary), number(get(DAY), binary)) * 86400 +
	       hours * 3600 + number(get(MINUTES), binary) * 60 + number(get(SECONDS), binary);
}

/* 0 where there is no clock. */
static uint64_t read_stable(void)
{
	uint64_t before, after;

	/* Without a device, all reads give ones. */
	if (get(STATUS_A) == 0xff && get(STATUS_B) == 0xff)
		return 0;
	after = read_seconds();
	do {
		before = after;
		for (unsigned int i = 0; get(STATUS_A) & UPDATING && i < PATIENCE; i++)
			;
		after = read_seconds();
	} while (before != after);
	return after;
}

uint64_t uc_plat_wall_ns(void)
{
	static uint64_t offset;
	static bool known;
	uint64_t now = uc_plat_monotonic_ns();

	if (!known) {
		uint64_t seconds = read_stable();

		offset = seconds ? seconds * NS_PER_SEC - now : 0;
		known = true;
	}
	return offset ? offset + now : 0;
}
