/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time: two clocks, sleep, and timers. All times are nanoseconds in 64 bits: the monotonic clock
 * never goes back, and counts from the boot of the unikernel or of its host; the wall clock counts
 * from 1970-01-01 00:00 UTC.
 */
#ifndef UC_TIME_H
#define UC_TIME_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UC_NSEC_PER_USEC UINT64_C(1000)
#define UC_NSEC_PER_MSEC UINT64_C(1000000)
#define UC_NSEC_PER_SEC	 UINT64_C(1000000000)

/** A deadline that never comes. */
#define UC_TIME_NEVER UINT64_MAX

/** The monotonic clock. */
uint64_t uc_time_monotonic(void);

/** The wall clock, as far as the platform knows it; 0 if it does not. */
uint64_t uc_time_wall(void);

/** The deadline that lies a duration ahead; UC_TIME_NEVER where that does not fit. */
uint64_t uc_time_after(uint64_t duration);

/**
 * Returns when the monotonic clock has reached the deadline. With a scheduler other threads run
 * meanwhile; without, timers run and the vCPU halts in between.
 */
void uc_sleep_until(uint64_t deadline);

/** The same for a duration. */
void uc_sleep(uint64_t duration);

/** Runs the sleep of a scheduler, once there are threads. NULL restores the halt. */
void uc_time_set_sleep(void (*sleep_until)(uint64_t deadline));

/**
 * A timer. The owner keeps it while it is pending and sets `expired`; it begins zeroed otherwise.
 * The other members belong to the timer queue: a pairing heap (Fredman et al., 1986), in which a
 * start is O(1), and a cancel or an expiry O(log n) amortized; nothing is allocated.
 */
struct uc_timer {
	/** Called once at or after the deadline. It may start the timer again, or free it. */
	void (*expired)(struct uc_timer *timer);
	uint64_t deadline;
	struct uc_timer *child;
	struct uc_timer *next;
	struct uc_timer **link; /* the pointer that points here; NULL if not pending */
};

/** Starts a timer, or moves the deadline of a pending one. UC_TIME_NEVER only stops it. */
void uc_timer_start(struct uc_timer *timer, uint64_t deadline);

/** Stops a timer. Returns whether it was pending. */
bool uc_timer_stop(struct uc_timer *timer);

/** Whether a timer is pending. */
static inline bool uc_timer_pending(const struct uc_timer *timer)
{
	return timer->link;
}

/** The earliest deadline of all; UC_TIME_NEVER if no timer is pending. */
uint64_t uc_timer_next(void);

/**
 * Calls the timers that were due at `now` when it was called, in the order of their deadlines. What
 * they start anew waits for the next call. The scheduler and uc_sleep_until do this.
 */
void uc_timer_run(uint64_t now);

#ifdef __cplusplus
}
#endif

#endif /* UC_TIME_H */
