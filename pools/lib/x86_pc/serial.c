/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Serial ports: 16550A (National Semiconductor, 1995), at 115,200 baud. The first is the console,
 * on the second a parked unikernel is claimed.
 */
#include <uc/arch/instructions.h>
#include <uc/console.h>
#include <uc/plat.h>
#include <uc/x86_pc.h>

#include "x86_pc.h"

/* Registers, from the port's base on. */
#define DATA		 0 /* with the divisor latch: its low half */
#define INTERRUPT_ENABLE 1 /* with the divisor latch: its high half */
#define FIFO_CONTROL	 2
#define LINE_CONTROL	 3
#define MODEM_CONTROL	 4
#define LINE_STATUS	 5
#define SCRATCH		 7

#define ENABLE_RECEIVED	  0x01
#define FIFO_ON_AND_CLEAR 0x07
#define EIGHT_BITS	  0x03
#define DIVISOR_LATCH	  0x80
#define READY_AND_OUT2	  0x0b /* DTR, RTS; OUT2 lets the interrupt through */
#define HAS_DATA	  0x01
#define CAN_TAKE	  0x20
#define IS_EMPTY	  0x40 /* with all that was taken sent */

/*
 * How often to ask a port that takes nothing; a second or so. Whoever reads it may be slow: QEMU's
 * device holds what its reader's socket has no room for.
 */
#define PATIENCE 10000000

#define ERROR_NODEV 19

struct port {
	uint16_t base;
	uint8_t line;
	bool exists;
	bool is_stuck; /* took nothing for too long: do not hang on it again */
	enum {
		UNREAD,
		READ,
		INTERRUPTS,
		POLLED
	} input;
};

static struct port console = { .base = 0x3f8, .line = 4 };
static struct port claims = { .base = 0x2f8, .line = 3 };

static void set(const struct port *port, unsigned int at, uint8_t value)
{
	out8((uint16_t)(port->base + at), value);
}

static uint8_t get(const struct port *port, unsigned int at)
{
	return in8((uint16_t)(port->base + at));
}

static void port_init(struct port *port)
{
	/* Where there is no device, reads give ones. */
	set(port, SCRATCH, 0x5a);
	port->exists = get(port, SCRATCH) == 0x5a;
	if (!port->exists)
		return;
	set(port, INTERRUPT_ENABLE, 0);
	set(port, LINE_CONTROL, DIVISOR_LATCH);
	set(port, DATA, 1);
	set(port, INTERRUPT_ENABLE, 0);
	set(port, LINE_CONTROL, EIGHT_BITS);
	set(port, FIFO_CONTROL, FIFO_ON_AND_CLEAR);
	set(port, MODEM_CONTROL, READY_AND_OUT2);
}

static bool wait_for(struct port *port, uint8_t status)
{
	for (unsigned int i = 0; !(get(port, LINE_STATUS) & status); i++) {
		if (port->is_stuck || i == PATIENCE) {
			port->is_stuck = true;
			return false;
		}
	}
	port->is_stuck = false;
	return true;
}

static void put(struct port *port, char c)
{
	if (wait_for(port, CAN_TAKE))
		set(port, DATA, (uint8_t)c);
}

static bool has_data(const struct port *port)
{
	return get(port, LINE_STATUS) & HAS_DATA;
}

static int port_read(struct port *port, char *s, size_t n)
{
	size_t i = 0;

	if (!port->exists)
		return -ERROR_NODEV;
	if (port->input == UNREAD)
		port->input = READ;
	while (i < n && i < INT32_MAX && has_data(port))
		s[i++] = (char)get(port, DATA);
	return (int)i;
}

/* The bytes stay in the device for a read; reading them ends the interrupt. */
static void on_console(void)
{
	set(&console, INTERRUPT_ENABLE, 0);
}

static void on_claim(void)
{
	set(&claims, INTERRUPT_ENABLE, 0);
}

static enum serial_wakes port_wakes(struct port *port, void (*on_input)(void))
{
	if (port->input == UNREAD)
		return SERIAL_IGNORED;
	if (port->input == READ)
		port->input = pic_enable(port->line, on_input) ? INTERRUPTS : POLLED;
	if (port->input == POLLED)
		return SERIAL_POLLED;
	set(port, INTERRUPT_ENABLE, ENABLE_RECEIVED);
	return SERIAL_INTERRUPTS;
}

void uc_pc_console_init(void)
{
#ifdef CONFIG_LIBX86_PC_SCREEN
	screen_init();
#endif
	port_init(&console);
}

void uc_plat_console_write(const char *s, size_t n)
{
#ifdef CONFIG_LIBX86_PC_SCREEN
	screen_write(s, n);
#endif
	if (!console.exists)
		return;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n')
			put(&console, '\r');
		put(&console, s[i]);
	}
}

void uc_pc_console_drain(void)
{
	if (console.exists)
		wait_for(&console, IS_EMPTY);
	if (claims.exists)
		wait_for(&claims, IS_EMPTY);
}

int uc_plat_console_read(char *s, size_t n)
{
	return port_read(&console, s, n);
}

enum serial_wakes serial_wakes(void)
{
	enum serial_wakes by_console = port_wakes(&console, on_console);
	enum serial_wakes by_claims = port_wakes(&claims, on_claim);

	return by_console > by_claims ? by_console : by_claims;
}

bool serial_has_input(void)
{
	return (console.input != UNREAD && has_data(&console)) ||
	       (claims.input != UNREAD && has_data(&claims));
}

/* The line that a daemon waits for: see plat/README.md. */
void uc_plat_parked(void)
{
	port_init(&claims);
	uc_console_print("uc: parked\n");
}

static struct port *claim_port(void)
{
	return claims.exists ? &claims : &console;
}

/* One byte at a time: what comes after the line is the application's. */
int uc_plat_claim_read(char *s, size_t n)
{
	return port_read(claim_port(), s, n > 0);
}

void uc_plat_claimed(void)
{
	struct port *port = claim_port();

	set(port, INTERRUPT_ENABLE, 0);
	port->input = UNREAD;
	if (port == &console)
		return;
	/* Who claimed it hears of it at once, whatever the console's way is. */
	for (const char *c = "uc: ready\n"; *c; c++)
		put(port, *c);
}
