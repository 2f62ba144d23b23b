/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/pvh.h>
#include <uc/arch/system.h>
#include <uc/boot.h>
#include <uc/x86_pc.h>

void uc_x86_start(uint32_t eax, uint32_t ebx)
{
	const struct uc_pvh_start_info *info = (const struct uc_pvh_start_info *)(uintptr_t)ebx;
	char *line;

	(void)eax;
	uc_pc_console_init();
	uc_x86_exceptions_init();
	uc_x86_page_tables_init();
	line = uc_boot_copy_line((const char *)info->command_line);
#ifdef CONFIG_KVM_ACPI
	uc_pc_acpi_init(info->rsdp);
#endif
	uc_x86_pvh_memory(info);
	uc_pc_clock_init(UC_PC_LAPIC_OF_NANOSECONDS);
	uc_boot_line(line);
}
