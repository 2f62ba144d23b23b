/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <uc/boot.h>
#include <uc/plat.h>

int main(int argc, char **argv)
{
	uint64_t now = uc_plat_monotonic_ns();
	uint64_t entry = uc_plat_entry_ns();
	const struct uc_boot_times *times = uc_boot_times();

	(void)argc;
	(void)argv;
	printf("platform %llu\n", (unsigned long long)(times->platform - entry));
	printf("constructors %llu\n", (unsigned long long)(times->constructors - entry));
	printf("main %llu\n", (unsigned long long)(now - entry));
	return 0;
}
