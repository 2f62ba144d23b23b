/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What platforms share that have an x86-64 CPU for themselves, or nearly so: the entry, exceptions,
 * interrupts, page tables, the map of memory. Needs CONFIG_ARCH_X86_64_SYSTEM. Libraries and
 * applications use uc/arch.h and uc/plat.h instead.
 */
#ifndef UC_ARCH_SYSTEM_H
#define UC_ARCH_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UC_X86_PAGE 4096ul

/**
 * The image, as image.lds lays it out. It begins with headers and code, and a page that belongs to
 * code does not belong to anything else. The guard below the stack is a page.
 */
extern char uc_image_start[], uc_text_end[], uc_stack_guard[], uc_image_end[];

/** The end of the stack that main runs on. */
extern char uc_x86_stack_top[];

/** The time-stamp counter at the first instruction of _start. */
extern uint64_t uc_x86_entry_cycles;

/**
 * Provided by the platform: goes on after the entry, on the stack that main will run on, with the
 * image alone mapped. eax and ebx are the registers at _start, by which a boot loader tells what it
 * has done.
 */
void uc_x86_start(uint32_t eax, uint32_t ebx) __attribute__((__noreturn__));

/* Vectors of interrupts. The spurious one of a local APIC ends with four ones. */
#define UC_X86_VECTOR_PIC      32
#define UC_X86_VECTOR_TIMER    48
#define UC_X86_VECTOR_SPURIOUS 63

/** Lets exceptions end in a panic that shows them. Interrupts stay masked. */
void uc_x86_exceptions_init(void);

/**
 * Where exceptions of each number are taken, UC_X86_TRAP_ENTRY_SIZE bytes apart: for who does not
 * use uc_x86_exceptions_init. The stack is as the CPU leaves it.
 */
extern const char uc_x86_trap_entries[];
#define UC_X86_TRAP_ENTRY_SIZE 16
#define UC_X86_EXCEPTIONS      32

/** Sets who is called when an interrupt's vector is raised. Interrupts are masked meanwhile. */
void uc_x86_interrupt_handle(unsigned int vector, void (*handler)(unsigned int vector));

/** Waits for an interrupt and takes it. */
void uc_x86_halt(void);

/** Resets the machine by a fault that cannot be delivered. */
void uc_x86_reset(void) __attribute__((__noreturn__));

/**
 * Maps the first 4 GiB where they are, but for the guard below the stack; code cannot be written,
 * and the rest not be executed.
 */
void uc_x86_page_tables_init(void);

/** What may be done with a page. */
enum uc_x86_access {
	UC_X86_NOTHING,
	UC_X86_EXECUTE /* and read */
};

/** Changes it, for a page within the first 2 MiB. */
void uc_x86_page_access(const void *page, enum uc_x86_access access);

/** Gives memory that is mapped to uc_plat_memory, but for page 0 and the image. */
void uc_x86_memory_add(uint64_t start, uint64_t end);

/** As uc_x86_memory_add, for memory that may lie above 4 GiB: maps it first. */
void uc_x86_memory_map(uint64_t start, uint64_t end);

#ifdef __cplusplus
}
#endif

#endif /* UC_ARCH_SYSTEM_H */
