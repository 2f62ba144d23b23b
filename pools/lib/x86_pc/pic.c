/* SPDX-License-Identifier: BSD-3-Clause */
/* The legacy interrupt controllers: two Intel 8259A, the second on line 2 of the first. */
#include <uc/arch/instructions.h>
#include <uc/arch/system.h>

#include "x86_pc.h"

#define COMMAND_1 0x20
#define DATA_1	  0x21
#define COMMAND_2 0xa0
#define DATA_2	  0xa1

#define INIT	       0x11 /* four words follow: with cascade, edge triggered */
#define CASCADE_LINE   2
#define MODE_8086      0x01
#define END_OF_INT     0x20
#define LINES	       16
#define PER_CONTROLLER 8

static bool exists;
static uint16_t mask = 0xffff;
static void (*handlers[LINES])(void);

static void on_interrupt(unsigned int vector)
{
	unsigned int line = vector - UC_X86_VECTOR_PIC;

	handlers[line]();
	if (line >= PER_CONTROLLER)
		out8(COMMAND_2, END_OF_INT);
	out8(COMMAND_1, END_OF_INT);
}

static void set_mask(void)
{
	out8(DATA_1, (uint8_t)mask);
	out8(DATA_2, (uint8_t)(mask >> PER_CONTROLLER));
}

void pic_init(void)
{
	out8(COMMAND_1, INIT);
	out8(COMMAND_2, INIT);
	out8(DATA_1, UC_X86_VECTOR_PIC);
	out8(DATA_2, UC_X86_VECTOR_PIC + PER_CONTROLLER);
	out8(DATA_1, 1 << CASCADE_LINE);
	out8(DATA_2, CASCADE_LINE);
	out8(DATA_1, MODE_8086);
	out8(DATA_2, MODE_8086);
	/* Where there is no device, reads give ones. */
	out8(DATA_1, 0xa5);
	exists = in8(DATA_1) == 0xa5;
	set_mask();
}

bool pic_enable(unsigned int line, void (*handler)(void))
{
	if (!exists || line >= LINES)
		return false;
	handlers[line] = handler;
	uc_x86_interrupt_handle(UC_X86_VECTOR_PIC + line, on_interrupt);
	mask &= (uint16_t) ~(1u << line);
	if (line >= PER_CONTROLLER)
		mask &= (uint16_t) ~(1u << CASCADE_LINE);
	set_mask();
	return true;
}
