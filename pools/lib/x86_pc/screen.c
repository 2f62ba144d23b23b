/* SPDX-License-Identifier: BSD-3-Clause */
/* The text screen of the VGA (IBM, 1987): 80 by 25 cells of a character and its colours. */
#include <uc/arch/instructions.h>

#include "x86_pc.h"

#define COLUMNS 80
#define ROWS	25
#define BLANK	0x0720 /* a space, light grey on black */

/* The cursor's place is in two registers of the controller of the screen. */
#define INDEX	    0x3d4
#define VALUE	    0x3d5
#define CURSOR_HIGH 0x0e
#define CURSOR_LOW  0x0f

static volatile uint16_t *const cells = (volatile uint16_t *)0xb8000;
static unsigned int at;

static void scroll(void)
{
	for (unsigned int i = 0; i < COLUMNS * (ROWS - 1); i++)
		cells[i] = cells[i + COLUMNS];
	for (unsigned int i = COLUMNS * (ROWS - 1); i < COLUMNS * ROWS; i++)
		cells[i] = BLANK;
	at -= COLUMNS;
}

void screen_init(void)
{
	for (unsigned int i = 0; i < COLUMNS * ROWS; i++)
		cells[i] = BLANK;
}

void screen_write(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n')
			at += COLUMNS - at % COLUMNS;
		else if (s[i] == '\r')
			at -= at % COLUMNS;
		else
			cells[at++] = (uint16_t)((BLANK & 0xff00) | (uint8_t)s[i]);
		if (at == COLUMNS * ROWS)
			scroll();
	}
	out8(INDEX, CURSOR_HIGH);
	out8(VALUE, (uint8_t)(at >> 8));
	out8(INDEX, CURSOR_LOW);
	out8(VALUE, (uint8_t)at);
}
