/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <uc/alloc.h>
#include <uc/sched.h>
#include <uc/test.h>

#define THREADS 4

static char trace[64];

static void note(char c)
{
	size_t length = strlen(trace);

	UC_REQUIRE(length < sizeof(trace) - 1);
	trace[length] = c;
	trace[length + 1] = '\0';
}

static void take_turns(void *argument)
{
	for (unsigned int i = 0; i < 3; i++) {
		note(*(const char *)argument);
		uc_thread_yield();
	}
}

UC_TEST(threads_take_turns)
{
	static const char *const names[THREADS] = { "a", "b", "c", "d" };
	struct uc_thread *threads[THREADS];

	trace[0] = '\0';
	for (unsigned int i = 0; i < THREADS; i++)
		UC_EXPECT_EQ(
			uc_thread_create(&threads[i], names[i], take_turns, (void *)names[i], 0),
			0);
	UC_EXPECT_STR(threads[2]->name, "c");
	for (unsigned int i = 0; i < THREADS; i++)
		UC_EXPECT_EQ(uc_thread_join(threads[i], UC_TIME_NEVER), 0);
	UC_EXPECT_STR(trace, "abcdabcdabcd");
}

static void sleep_long(void *argument)
{
	uint64_t begin = *(uint64_t *)argument;

	uc_thread_sleep_until(begin + 3 * UC_NSEC_PER_MSEC);
	note('3');
}

static void sleep_short(void *argument)
{
	uint64_t begin = *(uint64_t *)argument;

	uc_sleep_until(begin + UC_NSEC_PER_MSEC);
	note('1');
	uc_sleep_until(begin + 5 * UC_NSEC_PER_MSEC);
	note('5');
}

UC_TEST(sleepers_wake_in_the_order_of_their_deadlines)
{
	struct uc_thread *first, *second;
	/* Late enough that both threads come to sleep before, on a busy host, too. */
	uint64_t begin = uc_time_monotonic() + 100 * UC_NSEC_PER_MSEC;

	trace[0] = '\0';
	UC_EXPECT_EQ(uc_thread_create(&first, "long", sleep_long, &begin, 0), 0);
	UC_EXPECT_EQ(uc_thread_create(&second, "short", sleep_short, &begin, 0), 0);
	UC_EXPECT_EQ(uc_thread_join(first, 0), -ETIMEDOUT);
	UC_EXPECT_EQ(uc_thread_join(second, UC_TIME_NEVER), 0);
	UC_EXPECT_EQ(uc_thread_join(first, UC_TIME_NEVER), 0);
	UC_EXPECT_STR(trace, "135");
	UC_EXPECT(uc_time_monotonic() >= begin + 5 * UC_NSEC_PER_MSEC);
	UC_EXPECT_EQ(uc_timer_next(), UC_TIME_NEVER);
}

UC_TEST(a_wake_before_the_block_is_not_lost)
{
	uc_thread_wake(uc_thread_self());
	UC_EXPECT(uc_thread_block(UC_TIME_NEVER));
	UC_EXPECT(!uc_thread_block(uc_time_after(1000)));
}

static void spin(void *argument)
{
	while (!*(volatile bool *)argument)
		uc_thread_yield();
}

UC_TEST(a_thread_that_always_yields_does_not_hold_up_timers)
{
	struct uc_thread *spinner;
	volatile bool stop = false;

	UC_EXPECT_EQ(uc_thread_create(&spinner, "spinner", spin, (void *)&stop, 0), 0);
	uc_sleep(2 * UC_NSEC_PER_MSEC);
	stop = true;
	UC_EXPECT_EQ(uc_thread_join(spinner, UC_TIME_NEVER), 0);
}

static void set_errno(void *argument)
{
	UC_EXPECT_EQ(errno, 0);
	errno = (int)(intptr_t)argument;
	uc_thread_yield();
	UC_EXPECT_EQ(errno, (int)(intptr_t)argument);
}

UC_TEST(each_thread_has_its_errno)
{
	struct uc_thread *first, *second;

	errno = 99;
	UC_EXPECT_EQ(uc_thread_create(&first, "first", set_errno, (void *)1, 0), 0);
	UC_EXPECT_EQ(uc_thread_create(&second, "second", set_errno, (void *)2, 0), 0);
	UC_EXPECT_EQ(uc_thread_join(second, UC_TIME_NEVER), 0);
	UC_EXPECT_EQ(errno, 99);
	UC_EXPECT_EQ(uc_thread_join(first, UC_TIME_NEVER), 0);
	errno = 0;
}

static unsigned int ended;

static void end(void *argument)
{
	if (argument)
		uc_thread_exit();
	ended++;
}

static size_t used(void)
{
	struct uc_alloc_stats stats;

	uc_alloc_default()->stats(uc_alloc_default(), &stats);
	return stats.used;
}

UC_TEST(threads_leave_no_memory_behind)
{
	size_t before = used();
	struct uc_thread *thread;

	for (unsigned int i = 0; i < 2000; i++) {
		UC_REQUIRE(uc_thread_create(&thread, "detached", end, NULL, 0) == 0);
		uc_thread_detach(thread);
		UC_REQUIRE(uc_thread_create(&thread, "joined", end, &thread, 4096) == 0);
		UC_EXPECT_EQ(uc_thread_join(thread, UC_TIME_NEVER), 0);
		UC_REQUIRE(uc_thread_create(&thread, "ended", end, NULL, 0) == 0);
		uc_thread_yield();
		uc_thread_detach(thread);
	}
	UC_EXPECT_EQ(ended, 4000);
	UC_EXPECT_EQ(used(), before);
}

UC_TEST(refuses_what_cannot_be)
{
	struct uc_thread *thread;

	UC_EXPECT_EQ(uc_thread_create(&thread, "small", end, NULL, 16), -EINVAL);
	UC_EXPECT_EQ(uc_thread_create(&thread, "large", end, NULL, (size_t)-1), -EINVAL);
	UC_EXPECT_EQ(uc_thread_create(&thread, "most", end, NULL, (size_t)1 << 30), -ENOMEM);
	UC_EXPECT_EQ(uc_thread_join(uc_thread_self(), UC_TIME_NEVER), -EDEADLK);
	UC_EXPECT_STR(uc_thread_self()->name, "main");
}
