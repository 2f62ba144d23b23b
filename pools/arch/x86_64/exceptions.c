/* SPDX-License-Identifier: BSD-3-Clause */
/* The interrupt descriptor table, exceptions, and who handles which interrupt. Intel SDM 3A, 6. */
#include <uc/arch.h>
#include <uc/arch/system.h>
#include <uc/panic.h>

#define CODE_SEGMENT	  8
#define TASK_SEGMENT	  24
#define INTERRUPT_GATE	  0x8e00
#define TASK_DESCRIPTOR	  (UINT64_C(0x89) << 40)
#define VECTOR_PAGE_FAULT 14

/* Interrupts are for those who have the devices that raise them. */
#ifdef CONFIG_LIBX86_PC
#define VECTOR_COUNT 64
#else
#define VECTOR_COUNT UC_X86_EXCEPTIONS
#endif

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

extern uint64_t uc_x86_gdt[];

static struct gate gates[VECTOR_COUNT] __attribute__((__aligned__(16)));
static struct task_state task = { .io_map = sizeof(task) };

/* Exceptions do not use the stack that they hit: it may be what is wrong. */
static char trap_stack[4096] __attribute__((__aligned__(16)));

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

void uc_x86_exceptions_init(void)
{
	const struct table_pointer pointer = { sizeof(gates) - 1, gates };
	uint64_t base = (uintptr_t)&task;

	for (unsigned int i = 0; i < VECTOR_COUNT; i++) {
		uintptr_t entry = (uintptr_t)uc_x86_trap_entries + i * UC_X86_TRAP_ENTRY_SIZE;

		gates[i].offset_low = (uint16_t)entry;
		gates[i].offset_middle = (uint16_t)(entry >> 16);
		gates[i].segment = CODE_SEGMENT;
		gates[i].flags = INTERRUPT_GATE | (i < UC_X86_EXCEPTIONS);
	}
	task.interrupt_stacks[0] = (uintptr_t)trap_stack + sizeof(trap_stack);
	uc_x86_gdt[TASK_SEGMENT / 8] = TASK_DESCRIPTOR | (sizeof(task) - 1) |
				       (base & 0xffffff) << 16 | (base & 0xff000000) << 32;
	uc_x86_gdt[TASK_SEGMENT / 8 + 1] = base >> 32;
	__asm__ volatile("lidt %0" : : "m"(pointer));
	__asm__ volatile("ltr %w0" : : "r"(TASK_SEGMENT));
}

#ifdef CONFIG_LIBX86_PC
static void (*handlers[VECTOR_COUNT])(unsigned int vector);

/* Called by the entries in trap_entries.S. */
void x86_interrupt(unsigned int vector);

void x86_interrupt(unsigned int vector)
{
	if (handlers[vector])
		handlers[vector](vector);
}

void uc_x86_interrupt_handle(unsigned int vector, void (*handler)(unsigned int vector))
{
	handlers[vector] = handler;
}
#endif

/* Called by the entries in trap_entries.S. */
__attribute__((__noreturn__)) void x86_trap(const struct uc_arch_registers *r, uintptr_t address);

void x86_trap(const struct uc_arch_registers *r, uintptr_t address)
{
	const char *name =
		r->vector < sizeof(names) / sizeof(names[0]) ? names[r->vector] : "exception";
	uintptr_t guard = (uintptr_t)uc_stack_guard;

	if (r->vector != VECTOR_PAGE_FAULT)
		uc_panic_trap(r, "%s, error code 0x%lx", name, (unsigned long)r->error);
	if (address - guard < UC_X86_PAGE)
		uc_panic_trap(r, "stack overflow at %p", (void *)address);
	uc_panic_trap(r, "invalid memory access: %s at %p",
		      r->error & 16  ? "jump"
		      : r->error & 2 ? "write"
				     : "read",
		      (void *)address);
}

void uc_x86_reset(void)
{
	static const struct table_pointer nothing;

	__asm__ volatile("lidt %0; ud2" : : "m"(nothing));
	__builtin_unreachable();
}
