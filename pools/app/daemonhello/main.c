/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <uc/boot.h>
#include <uc/plat.h>
#include <uc/time.h>

int main(int argc, char **argv)
{
	bool tick = argc > 1 && strcmp(argv[1], "--tick") == 0;
	uint64_t start = uc_time_monotonic();
	uint64_t seconds = 0;

	uc_boot_handle_stop(true);
	puts("Hello, I am here to stay.");
	while (!uc_stop_requested()) {
		uint64_t next = start + (seconds + 1) * UC_NSEC_PER_SEC;

		uc_plat_idle_until(tick ? next : UC_TIME_NEVER);
		if (tick && uc_time_monotonic() >= next)
			printf("tick %llu\n", (unsigned long long)++seconds);
	}
	puts("Goodbye.");
	return 0;
}
