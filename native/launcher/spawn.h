/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SPAWN_H
#define SPAWN_H

#include "launcher.h"

/* Descriptors below this are the launcher's fixed ones; a child starts with a copy of these and no
 * others. */
#define FIRST_FREE_FD 8

struct spawn_request {
	/* Path of the image; opened by the launcher, executed by descriptor. */
	const char *path;
	/* NULL-terminated; argv[0] is the instance's name. */
	char **argv;
	/* NULL-terminated. */
	char **envp;
	uint64_t memory_bytes;
	/* Own user and group id, or 0 to keep the launcher's. */
	uint32_t uid;
	bool paused;
};

struct spawned {
	pid_t pid;
	/* Non-blocking read ends of the console output and of the readiness pipe. Owned by the
	 * caller. */
	int output_fd;
	int ready_fd;
};

/* The readiness descriptor's number in the child. */
#define CHILD_READY_FD 3

/* Descriptors from this number on are left free for what a request opens for a moment. */
void spawn_set_descriptor_limit(int limit);
/* Reserves the fixed descriptors. To be called before any other descriptor is opened. Returns 0 or
 * a negative errno. */
int spawn_init(void);
/*
 * Starts a process and returns once its image is loaded (or could not be). Returns 0, or a negative
 * errno with
 * `*step` naming what was refused; nothing is left then.
 */
int spawn(const struct spawn_request *request, struct spawned *spawned, const char **step);

#endif
