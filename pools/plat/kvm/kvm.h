/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of the platform tell each other. */
#ifndef KVM_KVM_H
#define KVM_KVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Set by the linker script: the image in memory. */
extern char kvm_image_start[], kvm_text_end[], kvm_stack_guard[], kvm_image_end[];

/** The time-stamp counter at the first instruction. */
extern uint64_t kvm_entry_cycles;

/* Vectors of interrupts. The spurious one of a local APIC ends with four ones. */
#define VECTOR_PIC	32
#define VECTOR_TIMER	48
#define VECTOR_SPURIOUS 63
#define VECTOR_COUNT	64

/** Sets up exceptions and the table of interrupts, all of which stay masked. */
void interrupts_init(void);

/** Called when an interrupt's vector is raised, with interrupts masked. */
void interrupts_handle(unsigned int vector, void (*handler)(unsigned int vector));

/** Waits for an interrupt and takes it. */
void kvm_halt(void);

/* console.c */

/** Finds the serial port. */
void console_init(void);

/** How idle learns of input: not at all as long as nobody reads, by an interrupt, by looking.
 * In this order, so that what two ports need is the greater. */
enum console_wakes {
	CONSOLE_IGNORED,
	CONSOLE_INTERRUPTS,
	CONSOLE_POLLED
};

/** Tells how, and lets the port's next interrupt through. */
enum console_wakes console_wakes(void);

/** Whether somebody reads, and there is something to read. */
bool console_has_input(void);

/* paging.c */

/**
 * Maps the first 4 GiB where they are, but for the guard below the stack; code cannot be written,
 * and the rest not be executed.
 */
void paging_init(void);

/** Lets page 0 be no memory: for null pointers, once nothing there is needed. */
void paging_unmap_null(void);

/** Maps memory where it is, up to an address. Returns how far it could. */
uint64_t paging_extend(uint64_t end, void *(*take_page)(void));

/* memory.c */

struct hvm_start_info;

/** Takes over the memory map, before anything writes to free memory. */
void memory_init(const struct hvm_start_info *info);

/* clock.c */

void clock_init(void);

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

/** Interrupts once after a time, at most 54 ms. */
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

/** Where the tables begin; 0 if nobody said. */
void acpi_init(uint64_t rsdp);

/** Lets the power button interrupt, where the machine has one. */
void acpi_watch_button(void);

/** Whether it was pressed since this was last asked. */
bool acpi_button_pressed(void);

/** Powers off. Returns if that cannot be done. */
void acpi_power_off(void);

#endif /* KVM_KVM_H */
