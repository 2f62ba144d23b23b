// SPDX-License-Identifier: BSD-3-Clause
/* What is done to an instance's process, and how its end is taken in. */
#define _GNU_SOURCE
#include "events.h"
#include "instance.h"
#include "output.h"
#include "process_table.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A descriptor of the process, owned by the caller, or a negative errno. A child's number stays its
 * own until we reap it; that of an adopted process may have gone to another by now, so its start
 * time is compared (the marker would not do: the guest can change it, as it is in its memory).
 */
static int open_process(const struct instance *instance)
{
	int fd = (int)syscall(SYS_pidfd_open, instance->pid, 0);

	if (fd < 0)
		return -errno;
	if (instance->adopted && process_start_time(instance->pid) != instance->start_time) {
		close(fd);
		return -ESRCH;
	}
	return fd;
}

int instance_signal(struct instance *instance, int signal)
{
	int fd, result;

	if (instance->state == STATE_ENDED)
		return -ESRCH;
	if (!instance->adopted)
		return kill(instance->pid, signal) < 0 ? -errno : 0;
	fd = open_process(instance);
	if (fd < 0)
		return fd;
	result = syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) < 0 ? -errno : 0;
	close(fd);
	return result;
}

int instance_pause(struct instance *instance)
{
	int result;

	if (instance->state == STATE_PAUSED)
		return 0;
	result = instance_signal(instance, SIGSTOP);
	if (!result) {
		instance->state = STATE_PAUSED;
		event_add(EVENT_PAUSED, instance);
	}
	return result;
}

int instance_resume(struct instance *instance)
{
	int result;

	if (instance->state == STATE_RUNNING)
		return 0;
	result = instance_signal(instance, SIGCONT);
	if (!result) {
		instance->state = STATE_RUNNING;
		event_add(EVENT_RESUMED, instance);
	}
	return result;
}

int instance_shutdown(struct instance *instance)
{
	int result = instance_signal(instance, SIGTERM);

	if (!result)
		instance->shutdown_asked = true;
	return result;
}

int instance_destroy(struct instance *instance)
{
	int result;

	if (instance->state == STATE_ENDED) {
		event_add(EVENT_REMOVED, instance);
		instance_remove(instance);
		return 0;
	}
	result = instance_signal(instance, SIGKILL);
	/* ESRCH: it is a zombie already, and its end is about to be taken in. */
	if (result && result != -ESRCH)
		return result;
	instance->destroying = true;
	return 0;
}

/*
 * The guest's own descriptor 0, checked to be a pipe and opened anew for writing without blocking.
 * The guest may have put anything there; opening it by path with the launcher's rights would let it
 * choose a file to write to.
 */
static int open_input(const struct instance *instance)
{
	struct stat status;
	char path[32];
	int process = open_process(instance);
	int fd = -EPIPE;
	int guest;

	if (process < 0)
		return process;
	guest = (int)syscall(SYS_pidfd_getfd, process, 0, 0);
	if (guest < 0)
		fd = -errno;
	close(process);
	if (guest < 0)
		return fd;
	if (fstat(guest, &status) == 0 && S_ISFIFO(status.st_mode)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", guest);
		fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	close(guest);
	return fd;
}

int instance_write(struct instance *instance, const uint8_t *bytes, uint32_t count)
{
	ssize_t taken;
	int fd;

	if (instance->state == STATE_ENDED)
		return -ESRCH;
	fd = open_input(instance);
	if (fd < 0)
		return fd;
	taken = write(fd, bytes, count);
	if (taken < 0)
		taken = errno == EAGAIN ? 0 : -errno;
	close(fd);
	return (int)taken;
}

int instance_claim(struct instance *instance, const uint8_t *bytes, uint32_t count)
{
	int taken;

	if (!instance->parked)
		return -EALREADY;
	/* An empty pipe takes that much at once or nothing (pipe(7)). */
	if (count > PIPE_BUF)
		return -E2BIG;
	taken = instance_write(instance, bytes, count);
	if (taken < 0)
		return taken;
	if ((uint32_t)taken != count)
		return -EAGAIN;
	instance->parked = false;
	return 0;
}

static void take_status(struct instance *instance, const siginfo_t *info)
{
	instance->code = info->si_status;
	if (info->si_code == CLD_EXITED)
		instance->reason = END_EXITED;
	else if (instance->shutdown_asked && info->si_status == SIGTERM)
		instance->reason = END_SHUT_DOWN;
	else
		instance->reason = END_SIGNALED;
	if (instance->destroying && info->si_code != CLD_EXITED && info->si_status == SIGKILL)
		instance->reason = END_DESTROYED;
}

/*
 * Reads the exit status. The rest of its process group is killed first, while the zombie still
 * keeps the group's number from being used again. Returns false if the process has not ended.
 */
static bool reap(struct instance *instance)
{
	siginfo_t info = { 0 };

	if (instance->adopted) {
		int fd = open_process(instance);

		if (fd >= 0)
			close(fd);
		instance->reason = instance->destroying ? END_DESTROYED : END_UNKNOWN;
		return fd < 0;
	}
	if (waitid(P_PID, (id_t)instance->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
		instance->reason = END_UNKNOWN;
		return true;
	}
	if (!info.si_pid)
		return false;
	kill(-instance->pid, SIGKILL);
	take_status(instance, &info);
	waitid(P_PID, (id_t)instance->pid, &info, WEXITED | WNOHANG);
	return true;
}

void instance_process_ended(struct instance *instance)
{
	if (instance->state == STATE_ENDED || !reap(instance))
		return;
	/* Its last words and its readiness come before its end. */
	if (instance->ready_fd >= 0)
		instance_ready_ready(instance);
	output_drain(instance);
	instance_note_end(instance);
	output_tell(instance);
	if (instance->destroying) {
		event_add(EVENT_REMOVED, instance);
		instance_remove(instance);
	}
}

void instance_output_closed(struct instance *instance)
{
	if (instance->state == STATE_ENDED || instance->pid_fd >= 0)
		return;
	instance->pid_fd = open_process(instance);
	if (instance->pid_fd >= 0 && watch(instance->pid_fd, SOURCE_PROCESS,
					   instance_slot(instance), instance->generation) == 0)
		return;
	instance_process_ended(instance);
}

void instances_sweep(void)
{
	siginfo_t info = { 0 };
	uint32_t slot;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
		return;
	for (slot = 0; slot < options.max_instances; slot++) {
		struct instance *instance = instance_at(slot);

		if (instance && instance->pid == info.si_pid && !instance->adopted &&
		    instance->state != STATE_ENDED) {
			instance_process_ended(instance);
			return;
		}
	}
}
