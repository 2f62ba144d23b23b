/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of the library tell each other. */
#ifndef X86_PC_X86_PC_H
#define X86_PC_X86_PC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* serial.c */

/** How idle learns of input: not at all as long as nobody reads, by an interrupt, by looking.
 * In this order, so that what two ports need is the greater. */
enum serial_wakes {
	SERIAL_IGNORED,
	SERIAL_INTERRUPTS,
	SERIAL_POLLED
};

/** Tells how, and lets the port's next interrupt through. */
enum serial_wakes serial_wakes(void);

/** Whether somebody reads, and there is something to read. */
bool serial_has_input(void);

/* screen.c */

/** Clears the screen, whose first line is the next to be written. */
void screen_init(void);

/** Writes text, and scrolls. */
void screen_write(const char *s, size_t n);

/* clock.c */

/** Makes the rate of the clock better: it went from `cycles` on while `ns` nanoseconds passed. */
void clock_observe(uint64_t cycles, uint64_t ns);

/* timer: the local APIC, or the PIT */

/** Finds the local APIC and switches it on, with its timer stopped. Nothing if there is none. */
void lapic_init(void);
bool lapic_exists(void);

/** Starts to count, from 0. */
void lapic_count_start(void);

/** The nanoseconds since; at most 2^32 - 1. */
uint32_t lapic_count(void);

/** Interrupts after a time > 0. lapic_stop is to follow soon after. */
void lapic_arm(uint32_t ns);

/** Stops it. Returns how many nanoseconds passed since it was armed, or 0 if it does not know. */
uint32_t lapic_stop(uint32_t armed_ns, bool ended);
void lapic_end_of_interrupt(void);

/** Whether there is a programmable interval timer. */
bool pit_exists(void);

/** Interrupts once after a time, at most 50 ms; does nothing where there is none. */
void pit_arm(uint64_t ns);

/** Waits, and returns how many nanoseconds: about 1 ms. */
uint64_t pit_wait(void);

/**
 * Finds the legacy interrupt controllers, and masks all lines: firmware, or the lack of it, may
 * have left them such that they raise the vectors of exceptions.
 */
void pic_init(void);

/** Unmasks a line of the legacy interrupt controllers, 0 to 15. False if there are none. */
bool pic_enable(unsigned int line, void (*handler)(void));

/* acpi.c */

/** Lets the power button interrupt, where the machine has one. */
void acpi_watch_button(void);

/** Whether it was pressed since this was last asked. */
bool acpi_button_pressed(void);

#endif /* X86_PC_X86_PC_H */
