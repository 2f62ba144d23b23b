/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <uc/alloc.h>
#include <uc/sched.h>
#include <uc/test.h>

#define THREADS 5

static struct uc_thread *threads[THREADS];
static unsigned int order[4 * THREADS];
static unsigned int count;

static void start_all(void (*function)(void *))
{
	count = 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		UC_EXPECT_EQ(uc_thread_create(&threads[i], "worker", function, (void *)i, 0), 0);
}

static void join_all(void)
{
	for (unsigned int i = 0; i < THREADS; i++)
		UC_EXPECT_EQ(uc_thread_join(threads[i], UC_TIME_NEVER), 0);
}

static struct uc_mutex mutex;
static unsigned int inside;

static void use_mutex(void *argument)
{
	for (unsigned int i = 0; i < 3; i++) {
		UC_EXPECT_EQ(uc_mutex_lock(&mutex, UC_TIME_NEVER), 0);
		UC_EXPECT_EQ(inside++, 0);
		order[count++] = (unsigned int)(uintptr_t)argument;
		uc_thread_yield();
		uc_thread_sleep_until(uc_time_after(1000));
		UC_EXPECT_EQ(--inside, 0);
		uc_mutex_unlock(&mutex);
	}
}

UC_TEST(mutex_has_one_owner_and_is_fair)
{
	start_all(use_mutex);
	join_all();
	UC_EXPECT_EQ(count, 3 * THREADS);
	for (unsigned int i = 0; i < 3 * THREADS; i++)
		UC_EXPECT_EQ(order[i], i % THREADS);
	UC_EXPECT(!mutex.owner && !mutex.waiters.first);
}

UC_TEST(mutex_refuses_its_owner_and_times_out)
{
	UC_EXPECT(uc_mutex_try(&mutex));
	UC_EXPECT(!uc_mutex_try(&mutex));
	UC_EXPECT_EQ(uc_mutex_lock(&mutex, UC_TIME_NEVER), -EDEADLK);
	uc_mutex_unlock(&mutex);
}

static void wait_for_mutex(void *argument)
{
	*(int *)argument = uc_mutex_lock(&mutex, uc_time_after(UC_NSEC_PER_MSEC));
}

UC_TEST(mutex_forgets_those_that_gave_up)
{
	struct uc_thread *thread;
	int result = 1;

	UC_EXPECT(uc_mutex_try(&mutex));
	UC_EXPECT_EQ(uc_thread_create(&thread, "waiter", wait_for_mutex, &result, 0), 0);
	UC_EXPECT_EQ(uc_thread_join(thread, UC_TIME_NEVER), 0);
	UC_EXPECT_EQ(result, -ETIMEDOUT);
	uc_mutex_unlock(&mutex);
	UC_EXPECT(!mutex.owner && !mutex.waiters.first && !mutex.waiters.last);
}

static struct uc_semaphore items, room = { .count = 2 };
static unsigned int buffer[2], produced, consumed;

static void produce(void *argument)
{
	(void)argument;
	for (unsigned int i = 1; i <= 100; i++) {
		UC_EXPECT_EQ(uc_semaphore_down(&room, UC_TIME_NEVER), 0);
		buffer[produced++ % 2] = i;
		uc_semaphore_up(&items);
		if (i % 7 == 0)
			uc_thread_yield();
	}
}

UC_TEST(semaphores_pass_items_in_order)
{
	struct uc_thread *producer;

	UC_EXPECT_EQ(uc_thread_create(&producer, "producer", produce, NULL, 0), 0);
	for (unsigned int i = 1; i <= 100; i++) {
		UC_EXPECT_EQ(uc_semaphore_down(&items, UC_TIME_NEVER), 0);
		UC_EXPECT_EQ(buffer[consumed++ % 2], i);
		uc_semaphore_up(&room);
	}
	UC_EXPECT_EQ(uc_thread_join(producer, UC_TIME_NEVER), 0);
	UC_EXPECT_EQ(uc_semaphore_down(&items, uc_time_after(1000)), -ETIMEDOUT);
	UC_EXPECT(!uc_semaphore_try(&items) && uc_semaphore_try(&room));
}

static struct uc_wait_queue queue;

static void wait_in_line(void *argument)
{
	UC_EXPECT_EQ(uc_wait(&queue, UC_TIME_NEVER), 0);
	order[count++] = (unsigned int)(uintptr_t)argument;
}

UC_TEST(queues_wake_in_the_order_of_arrival)
{
	start_all(wait_in_line);
	uc_thread_yield();
	/* A wake from elsewhere does not count: they go on waiting. */
	uc_thread_wake(threads[3]);
	uc_thread_yield();
	UC_EXPECT_EQ(count, 0);
	UC_EXPECT(uc_wait_wake_one(&queue));
	uc_thread_yield();
	UC_EXPECT_EQ(count, 1);
	UC_EXPECT_EQ(uc_wait_wake_all(&queue), THREADS - 1);
	join_all();
	for (unsigned int i = 0; i < THREADS; i++)
		UC_EXPECT_EQ(order[i], i);
	UC_EXPECT(!uc_wait_wake_one(&queue));
}

static bool ready;

static void make_ready_later(void *argument)
{
	(void)argument;
	uc_wait_wake_all(&queue);
	uc_thread_yield();
	ready = true;
	uc_wait_wake_all(&queue);
}

UC_TEST(waits_for_a_condition)
{
	struct uc_thread *thread;

	UC_EXPECT_EQ(UC_WAIT_FOR(&queue, ready, uc_time_after(1000)), -ETIMEDOUT);
	UC_EXPECT_EQ(uc_thread_create(&thread, "condition", make_ready_later, NULL, 0), 0);
	UC_EXPECT_EQ(UC_WAIT_FOR(&queue, ready, UC_TIME_NEVER), 0);
	UC_EXPECT_EQ(UC_WAIT_FOR(&queue, ready, 0), 0);
	UC_EXPECT_EQ(uc_thread_join(thread, UC_TIME_NEVER), 0);
}
