/* SPDX-License-Identifier: BSD-3-Clause */
/* Random starts, stops and expiries of timers, checked against a plain array of deadlines. */
#include <uc/time.h>

#include "host.h"

#define TIMERS 300
#define STEPS  400000

static struct uc_timer timers[TIMERS];
static uint64_t deadlines[TIMERS]; /* UC_TIME_NEVER if not pending */
static uint64_t last_deadline;
static uint64_t now;
static unsigned long expiries;

static void start(unsigned int i, uint64_t deadline)
{
	uc_timer_start(&timers[i], deadline);
	deadlines[i] = deadline;
}

/* Besides checking the order, it does what timers do: it starts itself and others, and stops some.
 */
static void expired(struct uc_timer *timer)
{
	unsigned int i = (unsigned int)(timer - timers);
	unsigned int other = random_below(TIMERS);

	CHECK(deadlines[i] <= now && deadlines[i] == timer->deadline, "timer %u", i);
	CHECK(deadlines[i] >= last_deadline, "timer %u before an earlier one", i);
	CHECK(!uc_timer_pending(timer), "timer %u", i);
	last_deadline = deadlines[i];
	deadlines[i] = UC_TIME_NEVER;
	expiries++;
	switch (random_below(4)) {
	case 0:
		start(i, now + random_below(50));
		break;
	case 1:
		start(other, now + 1 + random_below(50));
		break;
	case 2:
		CHECK(uc_timer_stop(&timers[other]) == (deadlines[other] != UC_TIME_NEVER), "%u",
		      other);
		deadlines[other] = UC_TIME_NEVER;
		break;
	default:
		break;
	}
}

static uint64_t earliest(void)
{
	uint64_t first = UC_TIME_NEVER;

	for (unsigned int i = 0; i < TIMERS; i++)
		first = deadlines[i] < first ? deadlines[i] : first;
	return first;
}

static void run(void)
{
	last_deadline = 0;
	uc_timer_run(now);
	/* One that started itself for this very moment waits for the next call. */
	for (unsigned int i = 0; i < TIMERS; i++)
		CHECK(deadlines[i] >= now, "timer %u was left behind", i);
}

int main(void)
{
	for (unsigned int i = 0; i < TIMERS; i++) {
		timers[i].expired = expired;
		deadlines[i] = UC_TIME_NEVER;
	}
	for (unsigned int step = 0; step < STEPS; step++) {
		unsigned int i = random_below(TIMERS);

		if (random_below(2)) {
			start(i, random_below(50) ? now + random_below(200) : UC_TIME_NEVER);
		} else if (random_below(3)) {
			CHECK(uc_timer_stop(&timers[i]) == (deadlines[i] != UC_TIME_NEVER), "%u",
			      i);
			deadlines[i] = UC_TIME_NEVER;
		} else {
			now += random_below(20);
			run();
		}
		if (step % 16 == 0)
			CHECK(uc_timer_next() == earliest(), "%u", step);
		CHECK(uc_timer_pending(&timers[i]) == (deadlines[i] != UC_TIME_NEVER), "%u", i);
	}
	printf("ok 1 - timers against a model: %u steps, %lu expiries\n1..1\n", STEPS, expiries);
	return 0;
}
