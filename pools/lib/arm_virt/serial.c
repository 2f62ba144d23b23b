/* SPDX-License-Identifier: BSD-3-Clause */
/* The serial port: a PL011 (Arm DDI 0183). */
#include <uc/console.h>
#include <uc/plat.h>

#include "arm_virt.h"

#define DATA	       0x00
#define FLAGS	       0x18
#define LINE_CONTROL   0x2c
#define CONTROL	       0x30
#define INTERRUPT_MASK 0x38
#define INTERRUPT_END  0x44

#define RECEIVE_EMPTY 0x10 /* flags */
#define TRANSMIT_FULL 0x20
#define BYTES_FIFO    0x70  /* line control: 8 bits, FIFO */
#define ON	      0x301 /* control: the device, both directions */
#define RECEIVED      0x50  /* interrupts: bytes, or one byte for a while */

/* A port that takes nothing for so long will not: do not hang on it. */
#define PATIENCE 1000000

#define ERROR_NODEV 19

static uintptr_t serial;
static bool is_read;

void serial_init(uintptr_t device)
{
	serial = device;
	if (!serial)
		return;
	write_register(serial, INTERRUPT_MASK, 0);
	write_register(serial, LINE_CONTROL, BYTES_FIFO);
	write_register(serial, CONTROL, ON);
}

static void put(char c)
{
	for (unsigned int i = 0; read_register(serial, FLAGS) & TRANSMIT_FULL; i++)
		if (i == PATIENCE)
			return;
	write_register(serial, DATA, (uint8_t)c);
}

void uc_plat_console_write(const char *s, size_t n)
{
	if (!serial)
		return;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n')
			put('\r');
		put(s[i]);
	}
}

static bool has_byte(void)
{
	return !(read_register(serial, FLAGS) & RECEIVE_EMPTY);
}

int uc_plat_console_read(char *s, size_t n)
{
	size_t i = 0;

	if (!serial)
		return -ERROR_NODEV;
	is_read = true;
	while (i < n && i < INT32_MAX && has_byte())
		s[i++] = (char)read_register(serial, DATA);
	return (int)i;
}

bool serial_has_input(void)
{
	return is_read && has_byte();
}

void serial_wake(bool on)
{
	if (!is_read)
		return;
	write_register(serial, INTERRUPT_MASK, on ? RECEIVED : 0);
	if (!on)
		write_register(serial, INTERRUPT_END, RECEIVED);
}

/* There is one port: a claim is the first that is read from it. */
void uc_plat_parked(void)
{
	uc_console_print("uc: parked\n");
}

/* One byte at a time: what comes after the line is the application's. */
int uc_plat_claim_read(char *s, size_t n)
{
	return uc_plat_console_read(s, n > 0);
}

void uc_plat_claimed(void)
{
	is_read = false;
}
