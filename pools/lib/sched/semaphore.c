/* SPDX-License-Identifier: BSD-3-Clause */
#include "waiter.h"

bool uc_semaphore_try(struct uc_semaphore *semaphore)
{
	if (semaphore->count == 0)
		return false;
	semaphore->count--;
	return true;
}

int uc_semaphore_down(struct uc_semaphore *semaphore, uint64_t deadline)
{
	return uc_semaphore_try(semaphore) ? 0 : uc_wait(&semaphore->waiters, deadline);
}

void uc_semaphore_up(struct uc_semaphore *semaphore)
{
	if (!wait_serve(&semaphore->waiters))
		semaphore->count++;
}
