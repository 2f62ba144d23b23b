/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/plat.h>
#include <uc/time.h>

static void (*sleep_of_scheduler)(uint64_t deadline);

uint64_t uc_time_monotonic(void)
{
	return uc_plat_monotonic_ns();
}

uint64_t uc_time_wall(void)
{
	return uc_plat_wall_ns();
}

uint64_t uc_time_after(uint64_t duration)
{
	uint64_t deadline;

	if (__builtin_add_overflow(uc_time_monotonic(), duration, &deadline))
		return UC_TIME_NEVER;
	return deadline;
}

void uc_time_set_sleep(void (*sleep_until)(uint64_t deadline))
{
	sleep_of_scheduler = sleep_until;
}

void uc_sleep_until(uint64_t deadline)
{
	if (sleep_of_scheduler) {
		sleep_of_scheduler(deadline);
		return;
	}
	for (;;) {
		uint64_t now = uc_time_monotonic();

		uc_timer_run(now);
		if (now >= deadline)
			return;

		uint64_t timer = uc_timer_next();

		uc_plat_idle_until(timer < deadline ? timer : deadline);
	}
}

void uc_sleep(uint64_t duration)
{
	uc_sleep_until(uc_time_after(duration));
}
