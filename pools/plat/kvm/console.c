/* SPDX-License-Identifier: BSD-3-Clause */
/* The first serial port: a 16550A (National Semiconductor, 1995), at 115,200 baud. */
#include <uc/plat.h>

#include "kvm.h"
#include "ports.h"

#define PORT 0x3f8
#define LINE 4

#define DATA		 (PORT + 0) /* with the divisor latch: its low half */
#define INTERRUPT_ENABLE (PORT + 1) /* with the divisor latch: its high half */
#define FIFO_CONTROL	 (PORT + 2)
#define LINE_CONTROL	 (PORT + 3)
#define MODEM_CONTROL	 (PORT + 4)
#define LINE_STATUS	 (PORT + 5)
#define SCRATCH		 (PORT + 7)

#define ENABLE_RECEIVED	  0x01
#define FIFO_ON_AND_CLEAR 0x07
#define EIGHT_BITS	  0x03
#define DIVISOR_LATCH	  0x80
#define READY_AND_OUT2	  0x0b /* DTR, RTS; OUT2 lets the interrupt through */
#define HAS_DATA	  0x01
#define CAN_TAKE	  0x20

/* A port that takes nothing for so long will not: do not hang on it. */
#define PATIENCE 1000000

#define ERROR_NODEV 19

static bool exists;
static enum {
	UNREAD,
	READ,
	INTERRUPTS,
	POLLED
} input;

void console_init(void)
{
	/* Where there is no device, reads give ones. */
	out8(SCRATCH, 0x5a);
	exists = in8(SCRATCH) == 0x5a;
	if (!exists)
		return;
	out8(INTERRUPT_ENABLE, 0);
	out8(LINE_CONTROL, DIVISOR_LATCH);
	out8(DATA, 1);
	out8(INTERRUPT_ENABLE, 0);
	out8(LINE_CONTROL, EIGHT_BITS);
	out8(FIFO_CONTROL, FIFO_ON_AND_CLEAR);
	out8(MODEM_CONTROL, READY_AND_OUT2);
}

static void put(char c)
{
	for (unsigned int i = 0; !(in8(LINE_STATUS) & CAN_TAKE); i++)
		if (i == PATIENCE)
			return;
	out8(DATA, (uint8_t)c);
}

void uc_plat_console_write(const char *s, size_t n)
{
	if (!exists)
		return;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n')
			put('\r');
		put(s[i]);
	}
}

int uc_plat_console_read(char *s, size_t n)
{
	size_t i = 0;

	if (!exists)
		return -ERROR_NODEV;
	if (input == UNREAD)
		input = READ;
	while (i < n && i < INT32_MAX && in8(LINE_STATUS) & HAS_DATA)
		s[i++] = (char)in8(DATA);
	return (int)i;
}

/* The bytes stay in the device for uc_plat_console_read; reading them ends the interrupt. */
static void on_input(void)
{
	out8(INTERRUPT_ENABLE, 0);
}

enum console_wakes console_wakes(void)
{
	if (input == UNREAD)
		return CONSOLE_IGNORED;
	if (input == READ)
		input = pic_enable(LINE, on_input) ? INTERRUPTS : POLLED;
	if (input == POLLED)
		return CONSOLE_POLLED;
	out8(INTERRUPT_ENABLE, ENABLE_RECEIVED);
	return CONSOLE_INTERRUPTS;
}

bool console_has_input(void)
{
	return input != UNREAD && in8(LINE_STATUS) & HAS_DATA;
}
