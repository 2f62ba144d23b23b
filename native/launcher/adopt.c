// SPDX-License-Identifier: BSD-3-Clause
/* Taking over the instances of a launcher that died. */
#define _GNU_SOURCE
#include "instance.h"
#include "process_table.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The read end of the pipe that is the process's descriptor `number`: its own descriptor is taken,
 * checked to be a pipe, and opened anew. Returns a non-blocking descriptor or a negative errno
 * (-EBADF: the process has closed it).
 */
static int reopen_pipe(int pid_fd, int number)
{
	struct stat status;
	char path[32];
	int guest = (int)syscall(SYS_pidfd_getfd, pid_fd, number, 0);
	int fd = -EPIPE;

	if (guest < 0)
		return -errno;
	if (fstat(guest, &status) == 0 && S_ISFIFO(status.st_mode)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", guest);
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	close(guest);
	return fd;
}

/* A marker alone could be claimed by any user of the machine. */
static bool may_be_ours(const struct marked_process *process)
{
	if (strcmp(process->owner, options.owner) != 0 || instance_find(process->id))
		return false;
	if (process->uid == geteuid())
		return true;
	return options.uid_base && process->uid >= options.uid_base &&
	       process->uid - options.uid_base < options.max_instances;
}

/* Takes over the pipes, and with the output pipe the process descriptor is not needed to see the
 * end. */
static void adopt_pipes(struct instance *instance)
{
	int fd = reopen_pipe(instance->pid_fd, CHILD_READY_FD);

	instance->ready_fd = fd < 0 ? -1 : fd;
	/* The guest closes it when it has told. */
	instance->ready = fd == -EBADF;
	fd = reopen_pipe(instance->pid_fd, STDOUT_FILENO);
	if (fd < 0)
		return;
	instance->output_fd = fd;
	close(instance->pid_fd);
	instance->pid_fd = -1;
}

static bool adopt(const struct marked_process *process, void *argument)
{
	uint32_t *adopted = argument;
	uint32_t slot = options.uid_base ? process->uid - options.uid_base : NO_SLOT;
	struct marked_process again;
	struct instance *instance;
	int pid_fd;

	if (!may_be_ours(process))
		return true;
	pid_fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (pid_fd < 0)
		return true;
	/* Read again now that its number cannot be another's. */
	if (!process_read(process->pid, &again) || memcmp(again.id, process->id, ID_BYTES) != 0 ||
	    !(instance = instance_add(process->id, process->name, slot))) {
		close(pid_fd);
		return true;
	}
	instance->adopted = true;
	instance->pid = process->pid;
	instance->start_time = again.start_time;
	instance->pid_fd = pid_fd;
	instance->state = process->stopped ? STATE_PAUSED : STATE_RUNNING;
	adopt_pipes(instance);
	/* It told so to a launcher that is dead, or is about to; a line that comes early waits in
	 * the pipe. */
	instance->parked = again.parks && instance->ready_fd >= 0;
	if (instance_start(instance) < 0)
		instance_remove(instance);
	else
		(*adopted)++;
	return true;
}

uint32_t processes_adopt(void)
{
	uint32_t adopted = 0;

	processes_visit(instances_own, adopt, &adopted);
	return adopted;
}
