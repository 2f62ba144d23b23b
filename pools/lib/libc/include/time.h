/* SPDX-License-Identifier: BSD-3-Clause */
/* Clocks and sleep, over uc/time.h. They link only where the configuration has LIBTIME. */
#ifndef _TIME_H
#define _TIME_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Numbered as in Linux. */
#define CLOCK_REALTIME	0
#define CLOCK_MONOTONIC 1

struct timespec {
	time_t tv_sec;
	long tv_nsec;
};

/** The time of a clock. 0, or -1 with EINVAL for a clock that there is not. */
int clock_gettime(clockid_t clock, struct timespec *time);
/**
 * Sleeps for at least a duration. With a scheduler other threads run meanwhile. Nothing interrupts
 * it, so *remaining is set to 0 if it is not NULL. 0, or -1 with EINVAL for a malformed duration.
 */
int nanosleep(const struct timespec *duration, struct timespec *remaining);
/** Seconds since 1970-01-01 00:00 UTC; stored to *out too unless it is NULL. */
time_t time(time_t *out);

#ifdef __cplusplus
}
#endif

#endif /* _TIME_H */
