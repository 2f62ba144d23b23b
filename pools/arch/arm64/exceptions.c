/* SPDX-License-Identifier: BSD-3-Clause */
/* Exceptions: each is the end. Arm Architecture Reference Manual, D17.2.37 (ESR_EL1). */
#include <uc/arch.h>
#include <uc/arch/system.h>
#include <uc/panic.h>

#define CLASS(esr)	   ((unsigned int)((esr) >> 26 & 63))
#define CLASS_UNKNOWN	   0x00
#define CLASS_ILLEGAL	   0x0e
#define CLASS_SYSTEM	   0x18
#define CLASS_JUMP	   0x21
#define CLASS_MISALIGNED   0x22
#define CLASS_ACCESS	   0x25
#define CLASS_STACK	   0x26
#define CLASS_FLOAT	   0x2c
#define CLASS_SYSTEM_ERROR 0x2f
#define CLASS_BREAKPOINT   0x3c

#define WRITE (1u << 6)

/* The rest of the vectors' numbers tells which stack was in use. */
#define VECTOR_KINDS 4
#define SYNCHRONOUS  0

/* Called by vectors.S. */
__attribute__((__noreturn__)) void uc_arm64_trap(unsigned int vector,
						 const struct uc_arch_registers *r, uint64_t esr,
						 uintptr_t address);

static const char *name_of(unsigned int class)
{
	switch (class) {
	case CLASS_UNKNOWN:
	case CLASS_ILLEGAL:
	case CLASS_SYSTEM:
		return "invalid instruction";
	case CLASS_MISALIGNED:
		return "jump to a misaligned address";
	case CLASS_STACK:
		return "misaligned stack pointer";
	case CLASS_FLOAT:
		return "floating-point error";
	case CLASS_SYSTEM_ERROR:
		return "system error";
	case CLASS_BREAKPOINT:
		return "breakpoint";
	default:
		return "exception";
	}
}

void uc_arm64_trap(unsigned int vector, const struct uc_arch_registers *r, uint64_t esr,
		   uintptr_t address)
{
	if (vector % VECTOR_KINDS != SYNCHRONOUS)
		uc_panic_trap(r, "unexpected interrupt, vector %u", vector);
	if (CLASS(esr) == CLASS_JUMP)
		uc_panic_trap(r, "invalid memory access: jump at %p", (void *)address);
	if (CLASS(esr) != CLASS_ACCESS)
		uc_panic_trap(r, "%s, syndrome 0x%lx", name_of(CLASS(esr)), (unsigned long)esr);
	if (address - (uintptr_t)uc_stack_guard < 4096)
		uc_panic_trap(r, "stack overflow at %p", (void *)address);
	uc_panic_trap(r, "invalid memory access: %s at %p", esr & WRITE ? "write" : "read",
		      (void *)address);
}
