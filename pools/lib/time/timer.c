/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <uc/time.h>

static struct uc_timer *root;

static void set(struct uc_timer **link, struct uc_timer *timer)
{
	*link = timer;
	if (timer)
		timer->link = link;
}

/* Joins two heaps: the later of the roots becomes a child of the earlier. */
static struct uc_timer *meld(struct uc_timer *a, struct uc_timer *b)
{
	if (!a || !b)
		return a ? a : b;
	if (b->deadline < a->deadline) {
		struct uc_timer *earlier = b;

		b = a;
		a = earlier;
	}
	set(&b->next, a->child);
	set(&a->child, b);
	a->next = NULL;
	return a;
}

/* Makes one heap of siblings: melds pairs from the left, then their results from the right. */
static struct uc_timer *meld_siblings(struct uc_timer *first)
{
	struct uc_timer *pairs = NULL;
	struct uc_timer *heap = NULL;

	while (first) {
		struct uc_timer *second = first->next;
		struct uc_timer *rest = second ? second->next : NULL;
		struct uc_timer *pair = meld(first, second);

		pair->next = pairs;
		pairs = pair;
		first = rest;
	}
	while (pairs) {
		struct uc_timer *rest = pairs->next;

		pairs->next = NULL;
		heap = meld(heap, pairs);
		pairs = rest;
	}
	return heap;
}

/* Takes a timer out of the heap, or out of the list of those that are due. */
static void remove(struct uc_timer *timer)
{
	struct uc_timer *children = meld_siblings(timer->child);

	if (timer == root) {
		set(&root, children);
	} else {
		set(timer->link, timer->next);
		set(&root, meld(root, children));
	}
	timer->child = NULL;
	timer->next = NULL;
	timer->link = NULL;
}

bool uc_timer_stop(struct uc_timer *timer)
{
	if (!timer->link)
		return false;
	remove(timer);
	return true;
}

void uc_timer_start(struct uc_timer *timer, uint64_t deadline)
{
	uc_timer_stop(timer);
	if (deadline == UC_TIME_NEVER)
		return;
	timer->deadline = deadline;
	timer->child = NULL;
	timer->next = NULL;
	set(&root, meld(root, timer));
}

uint64_t uc_timer_next(void)
{
	return root ? root->deadline : UC_TIME_NEVER;
}

void uc_timer_run(uint64_t now)
{
	struct uc_timer *due = NULL;
	struct uc_timer **end = &due;

	/* First a list of all that are due: one that starts itself again cannot hold us here. */
	while (root && root->deadline <= now) {
		struct uc_timer *timer = root;

		remove(timer);
		set(end, timer);
		end = &timer->next;
	}
	while (due) {
		struct uc_timer *timer = due;

		remove(timer);
		timer->expired(timer);
	}
}
