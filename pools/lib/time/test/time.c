/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/test.h>
#include <uc/time.h>

UC_TEST(goes_on_and_never_back)
{
	uint64_t last = uc_time_monotonic();
	uint64_t begin = last;

	while (last < begin + 2 * UC_NSEC_PER_MSEC) {
		uint64_t now = uc_time_monotonic();

		UC_REQUIRE(now >= last);
		last = now;
	}
}

UC_TEST(knows_the_year_if_it_knows_the_wall_clock)
{
	uint64_t now = uc_time_wall();

	if (now == 0) {
		uc_test_skip("this platform has no wall clock");
		return;
	}
	/* 2020-01-01 to 2200-01-01, in seconds. */
	UC_EXPECT(now / UC_NSEC_PER_SEC > 1577836800 && now / UC_NSEC_PER_SEC < 7258118400);
}

UC_TEST(sleeps_at_least_as_long_as_asked)
{
	for (uint64_t duration = 1; duration < 20 * UC_NSEC_PER_MSEC; duration *= 10) {
		uint64_t begin = uc_time_monotonic();

		uc_sleep(duration);
		UC_EXPECT(uc_time_monotonic() - begin >= duration);
	}
	UC_EXPECT_EQ(uc_time_after(UC_TIME_NEVER), UC_TIME_NEVER);
}

static unsigned int order;

struct numbered {
	struct uc_timer timer;
	unsigned int came; /* the how manieth it was */
};

static void expired(struct uc_timer *timer)
{
	((struct numbered *)timer)->came = ++order;
}

UC_TEST(calls_timers_while_it_sleeps)
{
	struct numbered timers[4] = { 0 };
	uint64_t now = uc_time_monotonic();

	order = 0;
	for (unsigned int i = 0; i < 4; i++) {
		timers[i].timer.expired = expired;
		uc_timer_start(&timers[i].timer, now + (5 - i) * UC_NSEC_PER_MSEC);
	}
	UC_EXPECT_EQ(uc_timer_next(), now + 2 * UC_NSEC_PER_MSEC);
	UC_EXPECT(uc_timer_stop(&timers[1].timer));
	UC_EXPECT(!uc_timer_stop(&timers[1].timer));
	uc_sleep_until(now + 6 * UC_NSEC_PER_MSEC);
	UC_EXPECT_EQ(timers[3].came, 1);
	UC_EXPECT_EQ(timers[2].came, 2);
	UC_EXPECT_EQ(timers[1].came, 0);
	UC_EXPECT_EQ(timers[0].came, 3);
	UC_EXPECT_EQ(uc_timer_next(), UC_TIME_NEVER);
}
