/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The devices of a PC, for its platforms. Beside what is here, the library provides those functions
 * of uc/plat.h that use them: console, clocks, idle, readiness.
 */
#ifndef UC_X86_PC_H
#define UC_X86_PC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Finds the serial port, which is the console, and clears the screen if it is to be one, too. */
void uc_pc_console_init(void);

/**
 * Waits until all that was written has left the serial ports: what is still in them at power-off is
 * lost. Gives up on a port that nobody reads.
 */
void uc_pc_console_drain(void);

/** Where the clock's rate may come from, if nobody tells it. */
enum uc_pc_timer {
	/** The local APIC's timer, which counts nanoseconds in QEMU and KVM; or else the PIT. */
	UC_PC_LAPIC_OF_NANOSECONDS,
	/** The PIT: the local APIC's timer counts at a rate of its own. */
	UC_PC_PIT
};

/** Starts the monotonic clock, and finds the timers. */
void uc_pc_clock_init(enum uc_pc_timer timer);

/** Where the tables begin (the RSDP); 0 if nobody said. Needs CONFIG_LIBX86_PC_ACPI. */
void uc_pc_acpi_init(uint64_t rsdp);

/** Powers off. Returns if that cannot be done. */
void uc_pc_acpi_power_off(void);

#ifdef __cplusplus
}
#endif

#endif /* UC_X86_PC_H */
