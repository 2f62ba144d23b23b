/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a signal handler gets on arm64: struct ucontext with struct sigcontext, and behind it
 * records, of which one may have the syndrome register (arch/arm64/include/uapi/asm/sigcontext.h).
 */
#include "trap_context.h"

#include <uc/arch.h>

#include "linuxu.h"

struct kernel_context {
	struct kernel_context_head head;
	uint64_t mask[16];
	uint64_t fault_address __attribute__((__aligned__(16)));
	uint64_t x[31];
	uint64_t sp, pc, pstate;
	uint8_t records[4096] __attribute__((__aligned__(16)));
};

struct record {
	uint32_t magic;
	uint32_t size;
	uint64_t value;
};

#define RECORD_ESR 0x45535201

/* Syndromes: Arm Architecture Reference Manual, D17.2.37. */
#define CLASS(esr)	 ((esr) >> 26 & 63)
#define CLASS_DATA_ABORT 0x24 /* from a lower exception level */
#define WRITE		 (1u << 6)

void trap_registers(const struct kernel_context *c, struct uc_arch_registers *out)
{
	for (unsigned int i = 0; i < 31; i++)
		out->x[i] = c->x[i];
	out->sp = c->sp;
	out->pc = c->pc;
	out->pstate = c->pstate;
}

/* 0 where there is none, as in QEMU's user mode. */
static uint64_t syndrome(const struct kernel_context *c)
{
	for (size_t at = 0; at + sizeof(struct record) <= sizeof(c->records);) {
		const struct record *record = (const struct record *)(c->records + at);

		if (record->magic == RECORD_ESR)
			return record->value;
		if (record->magic == 0 || record->size < 16 || record->size % 16)
			break;
		at += record->size;
	}
	return 0;
}

enum access trap_access(const struct kernel_context *c, uintptr_t address)
{
	uint64_t esr = syndrome(c);

	if (address == c->pc)
		return ACCESS_JUMP;
	if (CLASS(esr) != CLASS_DATA_ABORT)
		return ACCESS_UNKNOWN;
	return esr & WRITE ? ACCESS_WRITE : ACCESS_READ;
}

uintptr_t trap_stack_pointer(const struct uc_arch_registers *registers)
{
	return registers->sp;
}
