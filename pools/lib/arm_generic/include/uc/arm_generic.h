/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory and clock of an ARM machine, for its platforms. Provides uc_plat_memory,
 * uc_plat_monotonic_ns (from the entry on) and uc_plat_entry_ns. The linker script of the image
 * sets the symbols below.
 */
#ifndef UC_ARM_GENERIC_H
#define UC_ARM_GENERIC_H

#include <stdbool.h>
#include <stdint.h>
#include <uc/devicetree.h>

/** The image in memory. */
extern char uc_image_start[], uc_text_end[], uc_image_end[];

/**
 * Maps the GiB of the image where it is, but for the guard below the stack; code cannot be written,
 * and the rest not be executed. Switches caches on. To be called before anything that may access
 * memory unaligned.
 */
void uc_arm_page_tables_init(void);

/** Maps a device's registers. Returns false if they lie where none is expected. */
bool uc_arm_map_device(uint64_t address);

/** Maps the GiB of memory that an address lies in. Returns false if it cannot be. */
bool uc_arm_map_memory(uint64_t address);

/**
 * Maps a page of memory that a hypervisor shares with us, which may lie among the devices. Returns
 * false if it cannot be.
 */
bool uc_arm_map_shared(uint64_t address);

/** Takes over the ranges of memory that the tree lists, but for the image. */
void uc_arm_memory_init(const struct uc_devicetree *tree);

/** Starts the monotonic clock. */
void uc_arm_clock_init(void);

/** How many nanoseconds so many cycles of the counter (uc_arch_cycles) take. */
uint64_t uc_arm_cycles_to_ns(uint64_t cycles);

/** The counter's value when so many nanoseconds, at most 2^32, will have passed. */
uint64_t uc_arm_cycles_after(uint64_t ns);

#endif /* UC_ARM_GENERIC_H */
