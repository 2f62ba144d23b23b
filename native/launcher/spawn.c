// SPDX-License-Identifier: BSD-3-Clause
/*
 * Starting a process at a cost that does not grow with the number of descriptors or with the
 * launcher's memory: the child borrows both (CLONE_VM, CLONE_FILES, CLONE_VFORK), and
 * close_range(CLOSE_RANGE_UNSHARE) then gives it a descriptor table of its own that holds the first
 * eight only (close_range(2): the kernel copies just what is kept).
 */
#define _GNU_SOURCE
#include "spawn.h"

#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_STACK_BYTES 65536

/* Where the launcher puts the child's ends, so that they are among those that the child keeps. */
enum fixed_fd {
	FIXED_NULL = 3,
	FIXED_INPUT = 4,
	FIXED_OUTPUT = 5,
	FIXED_READY = 6,
	FIXED_IMAGE = 7,
};

static int descriptor_limit;

static uint8_t child_stack[CHILD_STACK_BYTES] __attribute__((aligned(64)));

/* What parent and child share while the child borrows the parent's memory. */
struct child_context {
	const struct spawn_request *request;
	uint64_t address_space;
	int error;
	const char *step;
};

void spawn_set_descriptor_limit(int limit)
{
	descriptor_limit = limit;
}

int spawn_init(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	if (fd < 0)
		return -errno;
	for (i = FIXED_NULL; i < FIRST_FREE_FD; i++)
		if (fd != i && dup3(fd, i, O_CLOEXEC) < 0)
			return -errno;
	if (fd >= FIRST_FREE_FD)
		close(fd);
	return 0;
}

static void release_fixed(void)
{
	int i;

	for (i = FIXED_INPUT; i <= FIXED_IMAGE; i++)
		dup3(FIXED_NULL, i, O_CLOEXEC);
}

static int arrange_descriptors(void)
{
	if (close_range(FIRST_FREE_FD, ~0u, CLOSE_RANGE_UNSHARE) < 0)
		return -errno;
	if (dup2(FIXED_INPUT, 0) < 0 || dup2(FIXED_OUTPUT, 1) < 0 || dup2(FIXED_OUTPUT, 2) < 0 ||
	    dup2(FIXED_READY, CHILD_READY_FD) < 0)
		return -errno;
	return 0;
}

/* Runs in the child, on its own stack and in the parent's memory: system calls only. */
__attribute__((no_sanitize("address", "undefined"))) static int child_main(void *argument)
{
	struct child_context *context = argument;
	const struct spawn_request *request = context->request;
	sigset_t none;

	context->step = "descriptors";
	context->error = arrange_descriptors();
	if (context->error)
		_exit(127);
	context->step = "session";
	if (setsid() < 0)
		goto refused;
	/* Before the confinement, which refuses it. */
	context->step = "stop before main";
	if (request->paused && ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		goto refused;
	context->step = "confinement";
	context->error = confine(request->uid, context->address_space);
	if (context->error)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	context->step = "execution of the image";
	syscall(SYS_execveat, FIXED_IMAGE, "", request->argv, request->envp, AT_EMPTY_PATH);
refused:
	context->error = -errno;
	_exit(127);
}

/* Moves `fd` to a fixed place. */
static int fix(int fd, enum fixed_fd place)
{
	int result = dup3(fd, place, O_CLOEXEC) < 0 ? -errno : 0;

	close(fd);
	return result;
}

static int open_image(const char *path, uint64_t *size)
{
	struct stat status;
	int fd = open(path, O_PATH | O_CLOEXEC);
	int result;

	if (fd < 0)
		return -errno;
	result = fstat(fd, &status) < 0 ? -errno : !S_ISREG(status.st_mode) ? -EACCES : 0;
	if (!result)
		*size = (uint64_t)status.st_size;
	if (result) {
		close(fd);
		return result;
	}
	return fix(fd, FIXED_IMAGE);
}

/*
 * The child holds both ends of its console input, so that it sees no end of file when the launcher
 * dies. The launcher keeps none: it takes one when there is something to write (console input is
 * rare, and descriptors are not free).
 */
static int make_input(void)
{
	char path[32];
	int ends[2], fd, result;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	fd = open(path, O_RDWR | O_CLOEXEC);
	result = fd < 0 ? -errno : fix(fd, FIXED_INPUT);
	close(ends[0]);
	close(ends[1]);
	return result;
}

/* A pipe whose write end is the child's; returns the non-blocking read end or a negative errno. */
static int make_output(enum fixed_fd place)
{
	int ends[2], result;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	result = fix(ends[1], place);
	/* The lowest free number is taken: one that high means that the table is full. */
	if (!result && ends[0] >= descriptor_limit)
		result = -EMFILE;
	if (!result && fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		result = -errno;
	if (result) {
		close(ends[0]);
		return result;
	}
	return ends[0];
}

/* Waits for the stop at the new image's first instruction, and leaves the process stopped there. */
static int leave_stopped(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFSTOPPED(status))
		return -ECHILD;
	return ptrace(PTRACE_DETACH, pid, NULL, SIGSTOP) < 0 ? -errno : 0;
}

static int clone_child(const struct spawn_request *request, uint64_t image_bytes,
		       struct spawned *spawned, const char **step)
{
	const int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD;
	struct child_context context = { request, request->memory_bytes + image_bytes, 0, "" };

	*step = "process";
	spawned->pid = clone(child_main, child_stack + CHILD_STACK_BYTES, flags, &context);
	if (spawned->pid < 0)
		return -errno;
	if (!context.error && request->paused) {
		context.step = "stop before main";
		context.error = leave_stopped(spawned->pid);
	}
	if (context.error) {
		*step = context.step;
		kill(spawned->pid, SIGKILL);
		waitpid(spawned->pid, NULL, __WALL);
	}
	return context.error;
}

int spawn(const struct spawn_request *request, struct spawned *spawned, const char **step)
{
	uint64_t image_bytes = 0;
	int result;

	spawned->output_fd = spawned->ready_fd = -1;
	*step = "opening the image";
	result = open_image(request->path, &image_bytes);
	if (result)
		goto out;
	*step = "console and readiness pipes";
	result = make_input();
	if (result)
		goto out;
	result = spawned->output_fd = make_output(FIXED_OUTPUT);
	if (result < 0)
		goto out;
	result = spawned->ready_fd = make_output(FIXED_READY);
	if (result < 0)
		goto out;
	result = clone_child(request, image_bytes, spawned, step);
out:
	release_fixed();
	if (result < 0) {
		if (spawned->output_fd >= 0)
			close(spawned->output_fd);
		if (spawned->ready_fd >= 0)
			close(spawned->ready_fd);
		return result;
	}
	return 0;
}
