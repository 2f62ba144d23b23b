// SPDX-License-Identifier: BSD-3-Clause
/*
 * unicore-launcher: starts, holds and reaps the linuxu instances of one state directory, so that
 * they outlive the daemon. PROTOCOL.md says what it speaks.
 */
#define _GNU_SOURCE
#include "connection.h"
#include "instance.h"
#include "output.h"
#include "process_table.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* sysexits.h: try again later (another launcher has the directory), wrong usage, the system
 * refused. */
#define EXIT_BUSY   75
#define EXIT_USAGE  64
#define EXIT_SYSTEM 71

#define EPOLL_BATCH 256
/* Descriptors that are nobody's: fixed ones, listener, connections, lock, epoll, and what a request
 * opens for a moment. */
#define SPARE_DESCRIPTORS 64
/* The output pipe; and until it is ready the readiness pipe. */
#define DESCRIPTORS_EACH 2
#define SWEEP_MS	 1000
/* An ended instance waits this long for a daemon that wants to know how, when nothing else keeps
 * the launcher. */
#define REMEMBER_SECONDS (24 * 3600)

struct options options = {
	.max_instances = 16384,
	.console_bytes = 64u << 10,
	.console_total = 256u << 20,
	.idle_seconds = 30,
	.uid_base = 0,
};

static int epoll_fd = -1;
static int state_fd = -1;
static uint64_t epoch;
static volatile sig_atomic_t asked_to_end;

uint64_t launcher_epoch(void)
{
	return epoch;
}

void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("unicore-launcher: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
}

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* 32 bits of generation, 24 of slot, 8 of source. */
static uint64_t pack(enum source source, uint32_t slot, uint32_t generation)
{
	return (uint64_t)generation << 32 | (uint64_t)slot << 8 | (uint64_t)source;
}

int watch(int fd, enum source source, uint32_t slot, uint32_t generation)
{
	struct epoll_event event = { EPOLLIN, { .u64 = pack(source, slot, generation) } };

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void watch_connection(int fd, uint32_t interest, uint32_t slot, uint32_t generation)
{
	struct epoll_event event = { interest,
				     { .u64 = pack(SOURCE_CONNECTION, slot, generation) } };

	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event);
}

void unwatch(int fd)
{
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void dispatch(uint64_t data)
{
	enum source source = data & 0xff;
	uint32_t slot = data >> 8 & 0xffffff;
	uint32_t generation = (uint32_t)(data >> 32);
	struct instance *instance;

	if (source == SOURCE_LISTENER) {
		connections_accept();
		return;
	}
	if (source == SOURCE_CONNECTION) {
		connection_ready(slot, generation);
		return;
	}
	instance = instance_at(slot);
	if (!instance || instance->generation != generation)
		return;
	if (source == SOURCE_PROCESS)
		instance_process_ended(instance);
	else if (source == SOURCE_OUTPUT)
		instance_output_ready(instance);
	else if (source == SOURCE_READY && instance->ready_fd >= 0)
		instance_ready_ready(instance);
}

/* Whether a daemon could still ask how an instance ended: not once the state directory was removed.
 */
static bool is_reachable(void)
{
	return faccessat(state_fd, "launcher.sock", F_OK, 0) == 0;
}

/* Whether nobody needs the launcher any more. */
static bool idle_for_too_long(void)
{
	static uint64_t idle_since;
	uint64_t limit;

	if (instances_alive() || connections_any()) {
		idle_since = 0;
		return false;
	}
	if (!idle_since)
		idle_since = now_ms();
	limit = instances_used() && is_reachable() ? REMEMBER_SECONDS : options.idle_seconds;
	return now_ms() - idle_since >= limit * 1000;
}

static int run(void)
{
	struct epoll_event events[EPOLL_BATCH];
	uint64_t last_sweep = now_ms();
	int count, i;

	while (!asked_to_end && !idle_for_too_long()) {
		int wait = output_throttled() ? OUTPUT_PERIOD_MS : 1000;

		count = epoll_wait(epoll_fd, events, EPOLL_BATCH, wait);
		if (count < 0 && errno != EINTR)
			return -errno;
		for (i = 0; i < count; i++)
			dispatch(events[i].data.u64);
		if (output_throttled())
			output_new_period_if_due();
		if (now_ms() - last_sweep >= SWEEP_MS) {
			last_sweep = now_ms();
			instances_sweep();
		}
		connections_flush();
	}
	return 0;
}

static void on_signal(int signal)
{
	(void)signal;
	asked_to_end = 1;
}

/* SIGPIPE is ignored by the instances too, as what is ignored stays so over execve. */
static void set_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

/* Raises the limit of open files as far as it goes, and lowers the number of instances to what it
 * allows. */
static void fit_descriptors(void)
{
	rlim_t wanted = (rlim_t)options.max_instances * DESCRIPTORS_EACH + SPARE_DESCRIPTORS;
	struct rlimit limit;
	rlim_t hard;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	hard = limit.rlim_max;
	limit.rlim_cur = wanted;
	limit.rlim_max = wanted > hard ? wanted : hard;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
		limit.rlim_cur = limit.rlim_max = hard;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			limit.rlim_cur = 1024;
		if (options.max_instances > limit.rlim_cur - SPARE_DESCRIPTORS)
			options.max_instances = (uint32_t)limit.rlim_cur - SPARE_DESCRIPTORS;
	}
	spawn_set_descriptor_limit((int)(limit.rlim_cur - SPARE_DESCRIPTORS / 2));
}

/* Takes the directory for this launcher alone, for as long as the process lives. Makes it the
 * working directory. */
static int lock_directory(void)
{
	int fd;

	state_fd = open(options.state_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (state_fd < 0 || fchdir(state_fd) < 0)
		return -errno;
	fd = open("launcher.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static uint64_t number(const char *text, uint64_t most)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || value > most) {
		note("'%s' is not a number from 0 to %" PRIu64, text, most);
		exit(EXIT_USAGE);
	}
	return value;
}

static void read_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "state", required_argument, NULL, 's' },
		{ "owner", required_argument, NULL, 'o' },
		{ "max-instances", required_argument, NULL, 'm' },
		{ "console-bytes", required_argument, NULL, 'c' },
		{ "idle-seconds", required_argument, NULL, 'i' },
		{ "uid-base", required_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 's')
			options.state_directory = optarg;
		else if (option == 'o')
			options.owner = optarg;
		else if (option == 'm')
			options.max_instances = (uint32_t)number(optarg, 1u << 20);
		else if (option == 'c')
			options.console_bytes = (uint32_t)number(optarg, 16u << 20);
		else if (option == 'i')
			options.idle_seconds = (uint32_t)number(optarg, 86400);
		else if (option == 'u')
			options.uid_base = (uint32_t)number(optarg, INT32_MAX);
		else
			exit(EXIT_USAGE);
	}
	if (!options.state_directory || !options.owner || !options.max_instances ||
	    optind != argc || strlen(options.owner) > OWNER_MAX_LEN) {
		fputs("usage: unicore-launcher --state DIRECTORY --owner ID [--max-instances N]\n"
		      "       [--console-bytes N] [--idle-seconds N] [--uid-base UID]\n",
		      stderr);
		exit(EXIT_USAGE);
	}
}

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	note("%s: %s", what, strerror(-result));
	exit(EXIT_SYSTEM);
}

/* Tells whoever started it that it listens, and lets go of the descriptor. */
static void announce(void)
{
	if (write(STDOUT_FILENO, "ready\n", 6) < 0) {
		/* Nobody waits for it. */
	}
	dup2(STDIN_FILENO, STDOUT_FILENO);
}

int main(int argc, char **argv)
{
	uint32_t adopted;
	int result;

	read_options(argc, argv);
	must(spawn_init(), "/dev/null");
	dup2(3, STDIN_FILENO);
	set_signals();
	result = lock_directory();
	if (result == -EWOULDBLOCK) {
		note("another launcher holds %s", options.state_directory);
		return EXIT_BUSY;
	}
	must(result, options.state_directory);
	fit_descriptors();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	must(epoll_fd < 0 ? -errno : 0, "epoll");
	must(getrandom(&epoch, sizeof(epoch), 0) < 0 ? -errno : 0, "random numbers");
	must(instances_init(), "the table of instances");
	adopted = processes_adopt();
	if (adopted)
		note("took over %u instances", adopted);
	must(connections_listen("launcher.sock"), "launcher.sock");
	/* The instances' working directory; and no file system is kept from being unmounted. */
	must(chdir("/") < 0 ? -errno : 0, "/");
	announce();
	must(run(), "epoll");
	/* The socket goes while the lock is still held: a new launcher's socket is not touched. */
	unlinkat(state_fd, "launcher.sock", 0);
	return 0;
}
