/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "waiter.h"

static void append(struct uc_wait_queue *queue, struct uc_waiter *waiter)
{
	waiter->previous = queue->last;
	if (queue->last)
		queue->last->next = waiter;
	else
		queue->first = waiter;
	queue->last = waiter;
}

static void take_out(struct uc_wait_queue *queue, struct uc_waiter *waiter)
{
	if (waiter->previous)
		waiter->previous->next = waiter->next;
	else
		queue->first = waiter->next;
	if (waiter->next)
		waiter->next->previous = waiter->previous;
	else
		queue->last = waiter->previous;
}

int uc_wait(struct uc_wait_queue *queue, uint64_t deadline)
{
	struct uc_waiter waiter = { .thread = uc_thread_self() };

	append(queue, &waiter);
	/* A wake that was meant for something else does not end the wait. */
	while (!waiter.served) {
		if (uc_thread_block(deadline))
			continue;
		if (waiter.served)
			break;
		take_out(queue, &waiter);
		return -ETIMEDOUT;
	}
	return 0;
}

struct uc_thread *wait_serve(struct uc_wait_queue *queue)
{
	struct uc_waiter *waiter = queue->first;

	if (!waiter)
		return NULL;
	take_out(queue, waiter);
	waiter->served = true;
	uc_thread_wake(waiter->thread);
	return waiter->thread;
}

bool uc_wait_wake_one(struct uc_wait_queue *queue)
{
	return wait_serve(queue);
}

size_t uc_wait_wake_all(struct uc_wait_queue *queue)
{
	size_t count = 0;

	while (wait_serve(queue))
		count++;
	return count;
}
