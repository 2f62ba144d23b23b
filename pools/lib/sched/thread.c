/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <uc/alloc.h>
#include <uc/panic.h>
#include <uc/sched.h>

#define STACK_MIN ((size_t)4096)
#define STACK_MAX ((size_t)1 << 30)

/* Fills the lowest bytes of a stack. A thread that went there changed it, most probably. */
#define CANARY	     UINT64_C(0x9e6c63d0876a9a99)
#define CANARY_WORDS 4

static const struct uc_sched *sched;

void uc_sched_register(const struct uc_sched *implementation)
{
	sched = implementation;
}

static void set_canary(struct uc_thread *thread)
{
	uint64_t *word = thread->stack;

	for (unsigned int i = 0; i < CANARY_WORDS; i++)
		word[i] = CANARY;
}

void uc_thread_check_stack(const struct uc_thread *thread)
{
	const uint64_t *word = thread->stack;

	for (unsigned int i = 0; word && i < CANARY_WORDS; i++) {
		if (word[i] != CANARY)
			uc_panic("thread %s needs more than its %zu bytes of stack", thread->name,
				 thread->stack_size);
	}
}

int uc_thread_create(struct uc_thread **out, const char *name, void (*function)(void *),
		     void *argument, size_t stack_size)
{
	if (stack_size == 0)
		stack_size = CONFIG_LIBSCHED_STACK_SIZE;
	if (stack_size < STACK_MIN || stack_size > STACK_MAX)
		return -EINVAL;

	struct uc_thread *thread = uc_calloc(1, sizeof(*thread));
	void *stack = uc_malloc(stack_size);

	if (!thread || !stack) {
		uc_free(thread);
		uc_free(stack);
		return -ENOMEM;
	}
	strlcpy(thread->name, name, sizeof(thread->name));
	thread->stack = stack;
	thread->stack_size = stack_size;
	thread->function = function;
	thread->argument = argument;
	set_canary(thread);
	*out = thread;
	sched->start(thread);
	return 0;
}

void uc_thread_free(struct uc_thread *thread)
{
	uc_free(thread->stack);
	uc_free(thread);
}

struct uc_thread *uc_thread_self(void)
{
	return sched->self();
}

void uc_thread_exit(void)
{
	struct uc_thread *self = uc_thread_self();

	if (!self->stack)
		uc_panic("the thread that booted must return from main");
	self->state = UC_THREAD_EXITED;
	uc_wait_wake_all(&self->joiners);
	sched->leave();
}

int uc_thread_join(struct uc_thread *thread, uint64_t deadline)
{
	if (thread == uc_thread_self())
		return -EDEADLK;
	if (thread->detached)
		return -EINVAL;

	int error = UC_WAIT_FOR(&thread->joiners, thread->state == UC_THREAD_EXITED, deadline);

	if (!error)
		uc_thread_free(thread);
	return error;
}

void uc_thread_detach(struct uc_thread *thread)
{
	if (thread->state == UC_THREAD_EXITED)
		uc_thread_free(thread);
	else
		thread->detached = true;
}

void uc_thread_yield(void)
{
	sched->yield();
}

bool uc_thread_block(uint64_t deadline)
{
	return sched->block(deadline);
}

void uc_thread_wake(struct uc_thread *thread)
{
	sched->wake(thread);
}

void uc_thread_sleep_until(uint64_t deadline)
{
	/* Even a deadline in the past lets the others run once. */
	do {
		uc_thread_block(deadline);
	} while (uc_time_monotonic() < deadline);
}
