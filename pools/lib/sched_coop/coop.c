/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cooperative scheduler: threads run until they wait or yield, in the order in which they
 * became ready. When none is ready, the one that waits halts the vCPU on its own stack until the
 * next timer or event: there is no idle thread to switch to and back from.
 */
#include <errno.h>
#include <stddef.h>
#include <uc/arch.h>
#include <uc/init.h>
#include <uc/plat.h>
#include <uc/sched.h>

static struct uc_thread boot_thread = { .name = "main" };
static struct uc_thread *current = &boot_thread;

/* Those that are ready, without the one that runs. */
static struct uc_thread *first;
static struct uc_thread **end = &first;

/* A detached thread that has exited; freed as soon as another one's stack is in use. */
static struct uc_thread *exited;

static void enqueue(struct uc_thread *thread)
{
	thread->next = NULL;
	*end = thread;
	end = &thread->next;
}

static struct uc_thread *dequeue(void)
{
	struct uc_thread *thread = first;

	if (thread) {
		first = thread->next;
		if (!first)
			end = &first;
	}
	return thread;
}

/*
 * After how many yields in a row interrupts are let in: they are taken while the vCPU halts, and
 * threads that are always ready would never let it.
 */
#define YIELDS_PER_POLL 64

static unsigned int yields;

/* Calls the timers that are due. Reads the clock only if there is a timer. */
static void run_timers(void)
{
	if (uc_timer_next() == UC_TIME_NEVER)
		return;

	uint64_t now = uc_time_monotonic();

	if (uc_timer_next() <= now)
		uc_timer_run(now);
}

/* The next thread to run. Halts until there is one. */
static struct uc_thread *pick(void)
{
	for (;;) {
		run_timers();

		struct uc_thread *thread = dequeue();

		if (thread)
			return thread;
		uc_plat_idle_until(uc_timer_next());
	}
}

/* What a thread does first when it runs again. */
static void arrive(void)
{
	errno = current->error;
	if (exited) {
		uc_thread_free(exited);
		exited = NULL;
	}
}

static void switch_to(struct uc_thread *next)
{
	struct uc_thread *previous = current;

	uc_thread_check_stack(previous);
	if (next == previous)
		return;
	previous->error = errno;
	current = next;
	uc_arch_switch(&previous->context, next->context);
	arrive();
}

static void begin(void *argument)
{
	struct uc_thread *self = argument;

	arrive();
	self->function(self->argument);
	uc_thread_exit();
}

static void make_ready(struct uc_thread *thread)
{
	thread->state = UC_THREAD_READY;
	enqueue(thread);
}

static void deadline_came(struct uc_timer *timer)
{
	struct uc_thread *thread =
		(struct uc_thread *)((char *)timer - offsetof(struct uc_thread, timer));

	if (thread->state != UC_THREAD_BLOCKED)
		return;
	thread->timed_out = true;
	make_ready(thread);
}

static struct uc_thread *coop_self(void)
{
	return current;
}

static void coop_start(struct uc_thread *thread)
{
	thread->context =
		uc_arch_context_create((char *)thread->stack + thread->stack_size, begin, thread);
	make_ready(thread);
}

static void coop_yield(void)
{
	if (++yields == YIELDS_PER_POLL) {
		yields = 0;
		uc_plat_idle_until(0);
	}
	run_timers();
	if (!first)
		return;
	enqueue(current);
	switch_to(dequeue());
}

static bool coop_block(uint64_t deadline)
{
	struct uc_thread *self = current;

	if (self->woken) {
		self->woken = false;
		return true;
	}
	self->state = UC_THREAD_BLOCKED;
	self->timed_out = false;
	self->timer.expired = deadline_came;
	uc_timer_start(&self->timer, deadline);
	switch_to(pick());
	uc_timer_stop(&self->timer);
	return !self->timed_out;
}

static void coop_wake(struct uc_thread *thread)
{
	if (thread->state == UC_THREAD_BLOCKED)
		make_ready(thread);
	else
		thread->woken = true;
}

__attribute__((__noreturn__)) static void coop_leave(void)
{
	if (current->detached)
		exited = current;
	switch_to(pick());
	__builtin_unreachable();
}

static const struct uc_sched coop = {
	.name = "cooperative",
	.self = coop_self,
	.start = coop_start,
	.yield = coop_yield,
	.block = coop_block,
	.wake = coop_wake,
	.leave = coop_leave,
};

static int coop_init(void)
{
	uc_sched_register(&coop);
	uc_time_set_sleep(uc_thread_sleep_until);
	return 0;
}

UC_INIT(UC_INIT_CORE, coop_init);
