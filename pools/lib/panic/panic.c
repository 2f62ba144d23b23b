/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdbool.h>
#include <uc/arch.h>
#include <uc/console.h>
#include <uc/panic.h>
#include <uc/plat.h>

#include "panic.h"

/* How many calls a backtrace shows. */
#define DEPTH 16

/* How far above the place of the panic the stack is read at most: no memory beyond it is safe. */
#define REACH 65536

static void show_place(unsigned int number, uintptr_t address)
{
	uc_console_print(PREFIX "#");
	uc_console_print_decimal(number);
	uc_console_print(" ");
	uc_console_print_hex(address, 2 * sizeof(address));
#ifdef CONFIG_LIBPANIC_SYMBOLS
	uintptr_t offset;
	const char *name = panic_symbol(address, &offset);

	if (name) {
		uc_console_print(" ");
		uc_console_print(name);
		uc_console_print("+");
		uc_console_print_hex(offset, 0);
	}
#endif
	uc_console_print("\n");
}

static void show_backtrace(unsigned int number, uintptr_t frame)
{
#ifdef CONFIG_FRAME_POINTERS
	uintptr_t places[DEPTH];
	unsigned int count = panic_backtrace(frame, REACH, places, DEPTH);

	/* A return address may be the start of the next function: the call lies before it. */
	for (unsigned int i = 0; i < count; i++)
		show_place(number + i, places[i] - 1);
#else
	(void)number;
	(void)frame;
#endif
}

/* Begins the panic: a second one must not come back here. */
static void begin(const char *format, va_list args)
{
	static bool panicking;

	if (panicking)
		uc_plat_crash();
	panicking = true;
	uc_console_print("\n" PREFIX);
	panic_format(format, args);
	uc_console_print("\n");
}

void uc_panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	begin(format, args);
	va_end(args);
	show_backtrace(0, (uintptr_t)__builtin_frame_address(0));
	uc_plat_crash();
}

void uc_panic_trap(const struct uc_arch_registers *registers, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	begin(format, args);
	va_end(args);
	uc_arch_print_registers(registers, PREFIX);
	show_place(0, uc_arch_registers_place(registers));
	show_backtrace(1, uc_arch_registers_frame(registers));
	uc_plat_crash();
}
