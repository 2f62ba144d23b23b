/* SPDX-License-Identifier: BSD-3-Clause */
/* The interrupt descriptor table, exceptions, and who handles which interrupt. Intel SDM 3A, 6. */
#include <uc/arch.h>
#include <uc/panic.h>
#include <uc/plat.h>

#include "kvm.h"

#define CODE_SEGMENT	  8
#define TASK_SEGMENT	  24
#define INTERRUPT_GATE	  0x8e00
#define TASK_DESCRIPTOR	  (UINT64_C(0x89) << 40)
#define FLAG_INTERRUPTS	  0x200
#define VECTOR_PAGE_FAULT 14
#define ENTRY_SIZE	  16

struct gate {
	uint16_t offset_low;
	uint16_t segment;
	uint16_t flags; /* low 3 bits: which stack of the task state to switch to */
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

struct task_state {
	uint32_t reserved0;
	uint64_t stacks[3];
	uint64_t reserved1;
	uint64_t interrupt_stacks[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} __attribute__((__packed__));

struct table_pointer {
	uint16_t limit;
	const void *table;
} __attribute__((__packed__));

extern const char kvm_trap_entries[];
extern uint64_t kvm_gdt[];

static struct gate gates[VECTOR_COUNT] __attribute__((__aligned__(16)));
static struct task_state task = { .io_map = sizeof(task) };

/* Exceptions do not use the stack that they hit: it may be what is wrong. */
static char trap_stack[4096] __attribute__((__aligned__(16)));

static void (*handlers[VECTOR_COUNT])(unsigned int vector);

static const char *const names[] = {
	"divide error",
	"debug exception",
	"non-maskable interrupt",
	"breakpoint",
	"overflow",
	"bound exceeded",
	"invalid instruction",
	"no floating-point unit",
	"double fault",
	"coprocessor overrun",
	"invalid task state",
	"segment not present",
	"stack segment fault",
	"general protection fault",
	"page fault",
	"reserved exception",
	"floating-point error",
	"misaligned access",
	"machine check",
	"SIMD floating-point error",
};

void interrupts_init(void)
{
	const struct table_pointer pointer = { sizeof(gates) - 1, gates };
	uint64_t base = (uintptr_t)&task;

	for (unsigned int i = 0; i < VECTOR_COUNT; i++) {
		uintptr_t entry = (uintptr_t)kvm_trap_entries + i * ENTRY_SIZE;

		gates[i].offset_low = (uint16_t)entry;
		gates[i].offset_middle = (uint16_t)(entry >> 16);
		gates[i].segment = CODE_SEGMENT;
		gates[i].flags = INTERRUPT_GATE | (i < VECTOR_PIC);
	}
	task.interrupt_stacks[0] = (uintptr_t)trap_stack + sizeof(trap_stack);
	kvm_gdt[TASK_SEGMENT / 8] = TASK_DESCRIPTOR | (sizeof(task) - 1) | (base & 0xffffff) << 16 |
				    (base & 0xff000000) << 32;
	kvm_gdt[TASK_SEGMENT / 8 + 1] = base >> 32;
	__asm__ volatile("lidt %0" : : "m"(pointer));
	__asm__ volatile("ltr %w0" : : "r"(TASK_SEGMENT));
}

void interrupts_handle(unsigned int vector, void (*handler)(unsigned int vector))
{
	handlers[vector] = handler;
}

/* Called by the entries in traps.S. */
void kvm_interrupt(unsigned int vector);
__attribute__((__noreturn__)) void kvm_trap(const struct uc_arch_registers *r, uintptr_t address);

void kvm_interrupt(unsigned int vector)
{
	if (handlers[vector])
		handlers[vector](vector);
}

void kvm_trap(const struct uc_arch_registers *r, uintptr_t address)
{
	const char *name =
		r->vector < sizeof(names) / sizeof(names[0]) ? names[r->vector] : "exception";
	uintptr_t guard = (uintptr_t)kvm_stack_guard;

	if (r->vector != VECTOR_PAGE_FAULT)
		uc_panic_trap(r, "%s, error code 0x%lx", name, (unsigned long)r->error);
	if (address - guard < 4096)
		uc_panic_trap(r, "stack overflow at %p", (void *)address);
	uc_panic_trap(r, "invalid memory access: %s at %p",
		      r->error & 16  ? "jump"
		      : r->error & 2 ? "write"
				     : "read",
		      (void *)address);
}

unsigned long uc_plat_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
	return flags & FLAG_INTERRUPTS;
}

void uc_plat_irq_restore(unsigned long state)
{
	if (state)
		__asm__ volatile("sti" : : : "memory");
}
