/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch.h>
#include <uc/console.h>

static void show(const char *name, uint32_t value)
{
	uc_console_print(name);
	uc_console_print_hex(value, 8);
}

void uc_arch_print_registers(const struct uc_arch_registers *r, const char *prefix)
{
	uc_console_print(prefix);
	show("pc ", r->pc);
	show(" sp ", r->sp);
	show(" lr ", r->lr);
	show(" cpsr ", r->cpsr);
	for (unsigned int i = 0; i < 13; i++) {
		if (i % 4 == 0) {
			uc_console_print("\n");
			uc_console_print(prefix);
		}
		uc_console_print(i % 4 == 0 ? "r" : " r");
		uc_console_print_decimal(i);
		show(i < 10 ? "  " : " ", r->r[i]);
	}
	uc_console_print("\n");
}
