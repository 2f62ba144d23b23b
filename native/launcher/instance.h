/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of instances, and what happens to one of them. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "launcher.h"

/* Makes the table for `options.max_instances`. Returns 0 or a negative errno. */
int instances_init(void);
/* Slots in use (any state), and those of them that have not ended. */
uint32_t instances_used(void);
uint32_t instances_alive(void);
/* The instance in a slot, or NULL if the slot is free or beyond the table. */
struct instance *instance_at(uint32_t slot);
/* The instance of this id, or NULL. */
struct instance *instance_find(const uint8_t *id);
uint32_t instance_slot(const struct instance *instance);
/* Whether a running instance has this process number. */
bool instances_own(pid_t pid);
/* User id for a slot's process; 0 if instances keep the launcher's. */
uint32_t instance_uid(uint32_t slot);
/*
 * Takes a free slot for this id: `wanted` if it is free, else any. Returns NULL if all are in use.
 * The caller fills in the process and calls instance_start(), or gives it back by
 * instance_remove().
 */
struct instance *instance_add(const uint8_t *id, const char *name, uint32_t wanted);
/* Watches the process and its pipes, and tells that it started. Returns 0 or a negative errno. */
int instance_start(struct instance *instance);
/* Frees the slot and all that it holds. */
void instance_remove(struct instance *instance);

/* Closes what belongs to a process that has ended, and tells of the end (reason and code are set).
 */
void instance_note_end(struct instance *instance);

/* Sends a signal to an instance that runs. Returns 0 or a negative errno. */
int instance_signal(struct instance *instance, int signal);
int instance_pause(struct instance *instance);
int instance_resume(struct instance *instance);
int instance_shutdown(struct instance *instance);
/* Kills the process, or forgets it if it has ended; EVENT_REMOVED tells when nothing is left. */
int instance_destroy(struct instance *instance);
/*
 * Writes to the console input as much as the guest's pipe takes at once. Returns the number of
 * bytes or a negative errno.
 */
int instance_write(struct instance *instance, const uint8_t *bytes, uint32_t count);

/* Writes the line that a parked instance waits for, as a whole. Returns 0 or a negative errno;
 * -EALREADY if it is not parked, or was claimed. */
int instance_claim(struct instance *instance, const uint8_t *bytes, uint32_t count);

/* The process may have ended: if so, takes in how. */
void instance_process_ended(struct instance *instance);
/*
 * The output pipe has no writer any more, which is how the end of a process shows first. The
 * process is watched from now on, as it may live on without its output.
 */
void instance_output_closed(struct instance *instance);
/* Takes in one ended child whose pipe did not tell, because the guest gave it away. To be called
 * now and then. */
void instances_sweep(void);

#endif
