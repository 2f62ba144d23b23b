/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/boot.h>
#include <uc/console.h>
#include <uc/panic.h>
#include <uc/plat.h>

#include "kvm.h"
#include "start_info.h"

#ifdef CONFIG_LIBBOOT_ARGUMENTS
#define LINE_MAX CONFIG_KVM_COMMAND_LINE
#else
#define LINE_MAX 1
#endif

static char line[LINE_MAX];

/* The VMM's memory is free memory, sooner or later: what is needed of it is copied. */
static void copy_line(const char *from)
{
	unsigned int n = 0;

	if (!from || LINE_MAX == 1)
		return;
	while (n < LINE_MAX - 1 && from[n]) {
		line[n] = from[n];
		n++;
	}
	if (from[n])
		uc_panic("the command line has more than %d bytes", LINE_MAX - 1);
}

/* Called by entry.S, on the stack that main will run on. */
__attribute__((__noreturn__)) void kvm_start(const struct hvm_start_info *info);

void kvm_start(const struct hvm_start_info *info)
{
	console_init();
	interrupts_init();
	paging_init();
	if (info->magic != HVM_START_MAGIC)
		uc_panic("no PVH start information, but magic 0x%x", info->magic);
	copy_line((const char *)info->command_line);
#ifdef CONFIG_KVM_ACPI
	acpi_init(info->rsdp);
#endif
	/* The information may lie in page 0, where null pointers lead. */
	memory_init(info);
	paging_unmap_null();
	clock_init();
	uc_boot_line(line);
}

/* The line that a daemon waits for: see plat/README.md. */
void uc_plat_ready(void)
{
	uc_console_print("uc: ready ");
	uc_console_print_decimal(uc_plat_monotonic_ns());
	uc_console_print("\n");
}
