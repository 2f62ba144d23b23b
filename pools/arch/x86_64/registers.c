/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch.h>
#include <uc/console.h>

static void show(const char *name, uint64_t value)
{
	uc_console_print(name);
	uc_console_print_hex(value, 16);
}

void uc_arch_print_registers(const struct uc_arch_registers *r, const char *prefix)
{
	uc_console_print(prefix);
	show("rip ", r->rip);
	show(" rsp ", r->rsp);
	show(" rbp ", r->rbp);
	uc_console_print("\n");
	uc_console_print(prefix);
	show("rax ", r->rax);
	show(" rbx ", r->rbx);
	show(" rcx ", r->rcx);
	show(" rdx ", r->rdx);
	uc_console_print("\n");
	uc_console_print(prefix);
	show("rsi ", r->rsi);
	show(" rdi ", r->rdi);
	show(" r8  ", r->r8);
	show(" r9  ", r->r9);
	uc_console_print("\n");
	uc_console_print(prefix);
	show("r10 ", r->r10);
	show(" r11 ", r->r11);
	show(" r12 ", r->r12);
	show(" r13 ", r->r13);
	uc_console_print("\n");
	uc_console_print(prefix);
	show("r14 ", r->r14);
	show(" r15 ", r->r15);
	show(" rflags ", r->rflags);
	uc_console_print("\n");
}
