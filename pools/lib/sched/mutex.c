/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <uc/panic.h>

#include "waiter.h"

bool uc_mutex_try(struct uc_mutex *mutex)
{
	if (mutex->owner)
		return false;
	mutex->owner = uc_thread_self();
	return true;
}

int uc_mutex_lock(struct uc_mutex *mutex, uint64_t deadline)
{
	if (mutex->owner == uc_thread_self())
		return -EDEADLK;
	/* Whoever unlocks makes the waiter that it serves the owner. */
	return uc_mutex_try(mutex) ? 0 : uc_wait(&mutex->waiters, deadline);
}

void uc_mutex_unlock(struct uc_mutex *mutex)
{
	if (mutex->owner != uc_thread_self())
		uc_panic("thread %s unlocks a mutex that it does not have", uc_thread_self()->name);
	mutex->owner = wait_serve(&mutex->waiters);
}
