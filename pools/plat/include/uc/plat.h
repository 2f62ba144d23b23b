/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every platform provides to the libraries. One implementation is linked, that of the target.
 * All times are nanoseconds in 64 bits; see uc/time.h for what an application should use.
 */
#ifndef UC_PLAT_H
#define UC_PLAT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A deadline that never comes. */
#define UC_PLAT_NEVER UINT64_MAX

/** A range of memory that nobody uses: it belongs to whoever takes it first (an allocator). */
struct uc_plat_memory {
	void *start; /* aligned to pages */
	size_t size; /* bytes, whole pages */
};

/**
 * The free ranges of memory, in ascending order of address: fills in the one numbered `index`, from
 * 0. Returns 0, or -ENOENT after the last. All of it is mapped, can be read and written, and is
 * zero or not as the platform left it.
 */
int uc_plat_memory(unsigned int index, struct uc_plat_memory *out);

/** The monotonic clock: since the unikernel's entry (kvm) or the host's boot (linuxu). */
uint64_t uc_plat_monotonic_ns(void);

/** The monotonic clock as it stood at the platform's entry. */
uint64_t uc_plat_entry_ns(void);

/** The wall clock: since 1970-01-01 00:00 UTC. 0 where the platform does not know it. */
uint64_t uc_plat_wall_ns(void);

/**
 * Halts the vCPU until the monotonic clock has reached the deadline or an event arrived, whichever
 * comes first; may return early, too. UC_PLAT_NEVER waits for events only. Interrupts are taken
 * here, and nowhere else: what runs elsewhere needs no locks against them.
 */
void uc_plat_idle_until(uint64_t deadline);

/**
 * Masks interrupts, and returns the state before; uc_plat_irq_restore puts it back. For code that
 * shares data with an interrupt handler; nests.
 */
unsigned long uc_plat_irq_save(void);
void uc_plat_irq_restore(unsigned long state);

/** Tells the world outside that main is about to be called. Called once, by lib/boot. */
void uc_plat_ready(void);

/** Tells it that all is done but that, and that a line is awaited which claims the unikernel. */
void uc_plat_parked(void);
/**
 * Reads what has arrived of that line, as uc_plat_console_read, and nothing that comes after its
 * zero byte, which may be the application's. Where the platform has no channel for it, it comes on
 * the console.
 */
int uc_plat_claim_read(char *s, size_t n);
/** The line was taken, and main is next: what arrives there from now on wakes no idle. */
void uc_plat_claimed(void);

/** Ends the unikernel with the low 8 bits of an exit code. No undo runs: see uc_shutdown. */
void uc_plat_shutdown(int code) __attribute__((__noreturn__));

/** Ends the unikernel as crashed, after the last line of a panic. */
void uc_plat_crash(void) __attribute__((__noreturn__));

/** Console: see uc_console_write and uc_console_read in uc/console.h. */
void uc_plat_console_write(const char *s, size_t n);
int uc_plat_console_read(char *s, size_t n);

#ifdef __cplusplus
}
#endif

#endif /* UC_PLAT_H */
