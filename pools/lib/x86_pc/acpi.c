/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Power-off and power button through ACPI (specification 6.4): the fixed description table names
 * the registers, and the object \_S5 of the definition block what to write. The block's byte code
 * is not interpreted: QEMU and all known firmware define \_S5 as a package of constants, which is
 * found by its name.
 */
#include <uc/arch/instructions.h>
#include <uc/x86_pc.h>

#include "x86_pc.h"

#define SIGNATURE(a, b, c, d) ((uint32_t)(a) | (b) << 8 | (c) << 16 | (uint32_t)(d) << 24)

/* Offsets in the tables. */
#define RSDP_REVISION	15
#define RSDP_RSDT	16
#define RSDP_XSDT	24
#define TABLE_LENGTH	4
#define TABLE_HEADER	36
#define FADT_DSDT	40
#define FADT_SCI	46
#define FADT_EVENT	56
#define FADT_PM1A	64
#define FADT_PM1B	68
#define FADT_EVENT_SIZE 88
#define FADT_FLAGS	112
#define FADT_SLEEP	244 /* a generic address: space, width, offset, size, address */

#define HARDWARE_REDUCED     (1u << 20)
#define POWER_BUTTON	     (1u << 8) /* in the PM1 event block: status, then enable */
#define SPACE_PORT	     1
#define SLEEP_ENABLE	     (1u << 13) /* in PM1 control; the type is in bits 10 to 12 */
#define SLEEP_ENABLE_REDUCED (1u << 5)	/* in the sleep control register; type in bits 2 to 4 */

static uint64_t root;

static uint16_t event_port;
static volatile bool pressed;

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

void uc_pc_acpi_init(uint64_t rsdp)
{
	root = rsdp;
}

static const uint8_t *find_fadt(void)
{
	if (!root)
		return NULL;

	const uint8_t *rsdp = (const uint8_t *)root;
	bool wide = rsdp[RSDP_REVISION] >= 2 && get64(rsdp + RSDP_XSDT);
	uintptr_t at = wide ? get64(rsdp + RSDP_XSDT) : get32(rsdp + RSDP_RSDT);
	const uint8_t *table = (const uint8_t *)at;
	uint32_t length = get32(table + TABLE_LENGTH);
	uint32_t step = wide ? 8 : 4;

	for (uint32_t i = TABLE_HEADER; i + step <= length; i += step) {
		const uint8_t *entry =
			(const uint8_t *)(uintptr_t)(wide ? get64(table + i) : get32(table + i));

		if (get32(entry) == SIGNATURE('F', 'A', 'C', 'P'))
			return entry;
	}
	return NULL;
}

/* The first element of \_S5: Name (08) "_S5_" Package (12) length count, then a constant. */
static unsigned int sleep_type(const uint8_t *dsdt)
{
	uint32_t length = get32(dsdt + TABLE_LENGTH);

	for (uint32_t i = TABLE_HEADER; i + 9 < length; i++) {
		const uint8_t *p = dsdt + i;

		if (get32(p) != SIGNATURE('_', 'S', '5', '_') || p[4] != 0x12)
			continue;
		/* The top bits of the length tell how many bytes it has more; then the count. */
		p += 6 + (p[5] >> 6) + 1;
		return *p == 0x0a ? p[1] & 7 : *p & 7; /* 0a: a byte follows; 00, 01: zero, one */
	}
	return 0;
}

void uc_pc_acpi_power_off(void)
{
	const uint8_t *fadt = find_fadt();
	unsigned int type;
	uintptr_t sleep;

	if (!fadt)
		return;
	type = sleep_type((const uint8_t *)(uintptr_t)get32(fadt + FADT_DSDT));
	if (!(get32(fadt + FADT_FLAGS) & HARDWARE_REDUCED)) {
		out16((uint16_t)get32(fadt + FADT_PM1A), (uint16_t)(SLEEP_ENABLE | type << 10));
		if (get32(fadt + FADT_PM1B))
			out16((uint16_t)get32(fadt + FADT_PM1B),
			      (uint16_t)(SLEEP_ENABLE | type << 10));
		return;
	}
	sleep = get64(fadt + FADT_SLEEP + 4);
	if (fadt[FADT_SLEEP] == SPACE_PORT)
		out8((uint16_t)sleep, (uint8_t)(SLEEP_ENABLE_REDUCED | type << 2));
	else
		*(volatile uint8_t *)sleep = (uint8_t)(SLEEP_ENABLE_REDUCED | type << 2);
}

static void on_event(void)
{
	if (!(in16(event_port) & POWER_BUTTON))
		return;
	/* A one clears it. */
	out16(event_port, POWER_BUTTON);
	pressed = true;
}

void acpi_watch_button(void)
{
	const uint8_t *fadt = find_fadt();

	if (!fadt || get32(fadt + FADT_FLAGS) & HARDWARE_REDUCED)
		return;
	event_port = (uint16_t)get32(fadt + FADT_EVENT);
	if (!event_port || !pic_enable(fadt[FADT_SCI], on_event))
		return;
	out16(event_port, POWER_BUTTON);
	out16((uint16_t)(event_port + fadt[FADT_EVENT_SIZE] / 2), POWER_BUTTON);
}

bool acpi_button_pressed(void)
{
	bool was = pressed;

	pressed = false;
	return was;
}
