/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads, and what they wait for. A scheduler is a struct of functions; threads, wait queues,
 * mutexes and semaphores are built on it and are the same with each.
 *
 * Deadlines are times of uc_time_monotonic; UC_TIME_NEVER waits for good. An interrupt handler may
 * wake (uc_thread_wake, uc_wait_wake_one, uc_wait_wake_all, uc_semaphore_up), because the platform
 * takes interrupts only while the vCPU halts, or where a thread yields; it may call nothing else.
 */
#ifndef UC_SCHED_H
#define UC_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uc/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The bytes of a thread's name, the final zero included; a longer one is cut. */
#define UC_THREAD_NAME_MAX 16

enum uc_thread_state {
	UC_THREAD_READY, /* runs, or waits for its turn */
	UC_THREAD_BLOCKED,
	UC_THREAD_EXITED,
};

struct uc_waiter;

/** A wait queue: first come, first woken. Begins zeroed. */
struct uc_wait_queue {
	struct uc_waiter *first;
	struct uc_waiter *last;
};

/** A thread. Its members are the scheduler's; others use the functions. */
struct uc_thread {
	char name[UC_THREAD_NAME_MAX];
	enum uc_thread_state state;
	bool woken;	/* a wake came while it was not blocked: the next block returns at once */
	bool timed_out; /* the last block ended by its deadline */
	bool detached;
	int error;   /* its errno, while another runs */
	void *stack; /* lowest address; NULL for the thread that booted */
	size_t stack_size;
	void *context; /* its stack pointer, while another runs */
	void (*function)(void *argument);
	void *argument;
	struct uc_thread *next; /* in the scheduler's queue */
	struct uc_timer timer;	/* for the deadline of a block */
	struct uc_wait_queue joiners;
};

/** A scheduler. */
struct uc_sched {
	const char *name;
	/** The thread that runs. */
	struct uc_thread *(*self)(void);
	/** Prepares a new thread and makes it ready. */
	void (*start)(struct uc_thread *thread);
	/** Lets the others that are ready run first. */
	void (*yield)(void);
	/**
	 * Blocks the running thread until it is woken: true; or the deadline comes: false. Returns
	 * at once where a wake came since its last block.
	 */
	bool (*block)(uint64_t deadline);
	/** Ends a thread's block, or its next one if it is not blocked now. */
	void (*wake)(struct uc_thread *thread);
	/** Leaves the running thread for good. It is marked UC_THREAD_EXITED before. */
	void (*leave)(void) __attribute__((__noreturn__));
};

/*
 * For schedulers.
 */

/** Makes a scheduler the one that all functions below use. Done once, before the first thread. */
void uc_sched_register(const struct uc_sched *sched);

/** Panics if a thread has run over the end of its stack. Called where another thread takes over. */
void uc_thread_check_stack(const struct uc_thread *thread);

/** Frees a thread that has exited, and that runs no more. */
void uc_thread_free(struct uc_thread *thread);

/*
 * Threads.
 */

/**
 * Creates a thread that calls function(argument) and exits when that returns. It runs when the
 * creator next waits. stack_size 0 means CONFIG_LIBSCHED_STACK_SIZE. The caller joins or detaches
 * it. 0, -EINVAL for a stack too small or too large, -ENOMEM.
 */
int uc_thread_create(struct uc_thread **out, const char *name, void (*function)(void *),
		     void *argument, size_t stack_size);

/** The thread that runs. */
struct uc_thread *uc_thread_self(void);

/** Ends the running thread. The thread that booted must return from main instead. */
void uc_thread_exit(void) __attribute__((__noreturn__));

/**
 * Waits until a thread has ended, and frees it. 0; -ETIMEDOUT: it lives on and can be joined again;
 * -EDEADLK for the caller itself; -EINVAL if it is detached.
 */
int uc_thread_join(struct uc_thread *thread, uint64_t deadline);

/** Lets a thread be freed when it ends, without a join. */
void uc_thread_detach(struct uc_thread *thread);

/** Lets the other ready threads run. Returns when it is the caller's turn again. */
void uc_thread_yield(void);

/**
 * Blocks the caller until uc_thread_wake or the deadline. Returns false for the latter. May return
 * for an earlier wake: callers check what they wait for in a loop.
 */
bool uc_thread_block(uint64_t deadline);

/** Ends a thread's uc_thread_block, or its next one. */
void uc_thread_wake(struct uc_thread *thread);

/** Waits until the clock has reached the deadline, whatever else wakes the caller. */
void uc_thread_sleep_until(uint64_t deadline);

/*
 * Wait queues.
 */

/** Waits until woken. 0 or -ETIMEDOUT. */
int uc_wait(struct uc_wait_queue *queue, uint64_t deadline);

/** Wakes the thread that has waited longest. Returns whether there was one. */
bool uc_wait_wake_one(struct uc_wait_queue *queue);

/** Wakes all threads that wait now. Returns their number. */
size_t uc_wait_wake_all(struct uc_wait_queue *queue);

/** Waits until condition is true: 0; or until the deadline while it is not: -ETIMEDOUT. */
#define UC_WAIT_FOR(queue, condition, deadline)                       \
	__extension__({                                               \
		int uc_wait_error = 0;                                \
		while (!(condition) && !uc_wait_error)                \
			uc_wait_error = uc_wait((queue), (deadline)); \
		(condition) ? 0 : uc_wait_error;                      \
	})

/*
 * Mutexes: one owner, handed over in the order of arrival. Begins zeroed.
 */
struct uc_mutex {
	struct uc_thread *owner;
	struct uc_wait_queue waiters;
};

/** Takes it. 0; -EDEADLK if the caller has it; -ETIMEDOUT. */
int uc_mutex_lock(struct uc_mutex *mutex, uint64_t deadline);
/** Takes it if it is free, and returns whether it was. */
bool uc_mutex_try(struct uc_mutex *mutex);
/** Gives it to the first that waits, if any. Panics if the caller does not have it. */
void uc_mutex_unlock(struct uc_mutex *mutex);

/*
 * Semaphores: a count, handed over in the order of arrival. Begins with the count wanted, else
 * zeroed.
 */
struct uc_semaphore {
	unsigned int count;
	struct uc_wait_queue waiters;
};

/** Takes one. 0 or -ETIMEDOUT. */
int uc_semaphore_down(struct uc_semaphore *semaphore, uint64_t deadline);
/** Takes one if there is one, and returns whether there was. */
bool uc_semaphore_try(struct uc_semaphore *semaphore);
/** Adds one, or hands it to the first that waits. */
void uc_semaphore_up(struct uc_semaphore *semaphore);

#ifdef __cplusplus
}
#endif

#endif /* UC_SCHED_H */
