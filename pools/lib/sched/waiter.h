/* SPDX-License-Identifier: BSD-3-Clause */
/* A thread in a wait queue, with what it was given. Private to lib/sched. */
#ifndef SCHED_WAITER_H
#define SCHED_WAITER_H

#include <uc/sched.h>

/* Lies on the stack of the thread that waits. */
struct uc_waiter {
	struct uc_thread *thread;
	struct uc_waiter *next;
	struct uc_waiter *previous;
	bool served; /* taken out of the queue by a wake */
};

/** Takes the first out of the queue and wakes it. Returns its thread; NULL if there was none. */
struct uc_thread *wait_serve(struct uc_wait_queue *queue);

#endif /* SCHED_WAITER_H */
