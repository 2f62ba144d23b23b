/* SPDX-License-Identifier: BSD-3-Clause */
/* The legacy interrupt controllers: two Intel 8259A. Only the first one's lines are used. */
#include "kvm.h"
#include "ports.h"

#define COMMAND_1 0x20
#define DATA_1	  0x21
#define COMMAND_2 0xa0
#define DATA_2	  0xa1

#define INIT	       0x11 /* four words follow: with cascade, edge triggered */
#define CASCADE_LINE   2
#define MODE_8086      0x01
#define END_OF_INT     0x20
#define LINES	       8

static bool exists;
static uint8_t mask = 0xff;
static void (*handlers[LINES])(void);

static void on_line(unsigned int line)
{
	handlers[line]();
	out8(COMMAND_1, END_OF_INT);
}

static void on_line_0(void)
{
	on_line(0);
}

static void on_line_4(void)
{
	on_line(4);
}

void pic_init(void)
{
	out8(COMMAND_1, INIT);
	out8(COMMAND_2, INIT);
	out8(DATA_1, VECTOR_PIC);
	out8(DATA_2, VECTOR_PIC + LINES);
	out8(DATA_1, 1 << CASCADE_LINE);
	out8(DATA_2, CASCADE_LINE);
	out8(DATA_1, MODE_8086);
	out8(DATA_2, MODE_8086);
	out8(DATA_2, 0xff);
	out8(DATA_1, 0xa5);
	exists = in8(DATA_1) == 0xa5;
	out8(DATA_1, mask);
}

bool pic_enable(unsigned int line, void (*handler)(void))
{
	if (!exists)
		return false;
	handlers[line] = handler;
	interrupts_handle(VECTOR_PIC + line, line == 0 ? on_line_0 : on_line_4);
	mask &= (uint8_t)~(1u << line);
	out8(DATA_1, mask);
	return true;
}
