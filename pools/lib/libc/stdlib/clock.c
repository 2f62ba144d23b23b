/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <time.h>
#include <uc/time.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
		errno = EINVAL;
		return -1;
	}

	uint64_t now = clock == CLOCK_REALTIME ? uc_time_wall() : uc_time_monotonic();

	time->tv_sec = (time_t)(now / UC_NSEC_PER_SEC);
	time->tv_nsec = (long)(now % UC_NSEC_PER_SEC);
	return 0;
}

int nanosleep(const struct timespec *duration, struct timespec *remaining)
{
	uint64_t ns;

	if (duration->tv_sec < 0 || duration->tv_nsec < 0 ||
	    duration->tv_nsec >= (long)UC_NSEC_PER_SEC) {
		errno = EINVAL;
		return -1;
	}
	/* What does not fit 64 bits of nanoseconds is longer than 584 years: for good. */
	if (__builtin_mul_overflow((uint64_t)duration->tv_sec, UC_NSEC_PER_SEC, &ns) ||
	    __builtin_add_overflow(ns, (uint64_t)duration->tv_nsec, &ns))
		ns = UC_TIME_NEVER;
	uc_sleep(ns);
	if (remaining)
		*remaining = (struct timespec){ 0 };
	return 0;
}

time_t time(time_t *out)
{
	time_t now = (time_t)(uc_time_wall() / UC_NSEC_PER_SEC);

	if (out)
		*out = now;
	return now;
}
