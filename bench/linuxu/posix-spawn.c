// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the C library's fastest way to start a program costs: `posix-spawn one IMAGE N` starts N one
 * after another, each until its readiness byte, and prints nanoseconds; `posix-spawn bulk IMAGE N`
 * starts N that live, and prints the nanoseconds until all are ready.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Starts one, with its output thrown away; returns the read end of its readiness pipe. */
static int start(const char *image, pid_t *pid)
{
	char *const argv[] = { (char *)image, NULL };
	char *const envp[] = { "UC_READY_FD=3", NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) < 0)
		die("pipe2");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 3);
	error = posix_spawn(pid, image, &actions, NULL, argv, envp);
	if (error) {
		fprintf(stderr, "posix_spawn: %s\n", strerror(error));
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	return ends[0];
}

static void wait_ready(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		die("not ready");
	close(fd);
}

static void one_after_another(const char *image, int count)
{
	while (count--) {
		long long begin = now();
		pid_t pid;

		wait_ready(start(image, &pid));
		printf("%lld\n", now() - begin);
		waitpid(pid, NULL, 0);
	}
}

static void bulk(const char *image, int count)
{
	pid_t *pids = calloc((size_t)count, sizeof(*pids));
	int *fds = calloc((size_t)count, sizeof(*fds));
	struct rlimit files = { (rlim_t)count + 64, (rlim_t)count + 64 };
	long long begin;
	int i;

	if (!pids || !fds || setrlimit(RLIMIT_NOFILE, &files) < 0)
		die("setrlimit");
	begin = now();
	for (i = 0; i < count; i++)
		fds[i] = start(image, &pids[i]);
	for (i = 0; i < count; i++)
		wait_ready(fds[i]);
	printf("%lld\n", now() - begin);
	for (i = 0; i < count; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "one"))
		one_after_another(argv[2], atoi(argv[3]));
	else if (argc == 4 && !strcmp(argv[1], "bulk"))
		bulk(argv[2], atoi(argv[3]));
	else
		return 64;
	return 0;
}
