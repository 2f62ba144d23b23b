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
	show("pc ", r->pc);
	show(" sp ", r->sp);
	show(" pstate ", r->pstate);
	for (unsigned int i = 0; i < 31; i++) {
		if (i % 4 == 0) {
			uc_console_print("\n");
			uc_console_print(prefix);
		}
		uc_console_print(i % 4 == 0 ? "x" : " x");
		uc_console_print_decimal(i);
		show(i < 10 ? "  " : " ", r->x[i]);
	}
	uc_console_print("\n");
}
