// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "process_table.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An instance's environment is four variables; what is longer is not one. */
#define ENVIRONMENT_BYTES 1024
#define PARK_OPTION	  "uc.park"

void uuid_format(const uint8_t *id, char text[37])
{
	char *at = text;
	int i;

	for (i = 0; i < ID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		at += snprintf(at, 3, "%02x", id[i]);
	}
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_parse(const char *text, uint8_t *id)
{
	int i;

	for (i = 0; i < ID_BYTES; i++, text += 2) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return false;
		if (digit(text[0]) < 0 || digit(text[1]) < 0)
			return false;
		id[i] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
	}
	return *text == 0;
}

/* Reads a file of /proc/<pid> and terminates it. Returns the bytes read or a negative errno. */
static ssize_t read_file(pid_t pid, const char *name, char *to, size_t size)
{
	char path[64];
	ssize_t count;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	count = read(fd, to, size - 1);
	if (count < 0)
		count = -errno;
	else
		to[count] = 0;
	close(fd);
	return count;
}

/* The value of a variable in a block of NUL-terminated `name=value`, or NULL. */
static const char *variable(const char *block, size_t size, const char *name)
{
	size_t length = strlen(name);
	const char *at = block;

	while (at < block + size && *at) {
		if (!strncmp(at, name, length) && at[length] == '=')
			return at + length + 1;
		at += strlen(at) + 1;
	}
	return NULL;
}

/* The guest may have changed what its argv[0] says: what is no name is replaced by the id. */
static void take_name(struct marked_process *process)
{
	char line[NAME_MAX_LEN + 1 + sizeof(PARK_OPTION) + 1];
	ssize_t count = read_file(process->pid, "cmdline", line, sizeof(line));
	size_t length = count > 0 ? strlen(line) : 0;
	char text[37];

	process->parks = count > (ssize_t)length + 1 && strcmp(line + length + 1, PARK_OPTION) == 0;

	if (length && length <= NAME_MAX_LEN &&
	    strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789-") == length) {
		memcpy(process->name, line, length + 1);
		return;
	}
	uuid_format(process->id, text);
	memcpy(process->name, text, sizeof(text));
}

/*
 * proc(5): "pid (comm) state ppid pgrp session ...", the start time is field 22. comm may hold
 * anything, so the last parenthesis counts.
 */
static bool read_stat(pid_t pid, char *state, int *session, uint64_t *start_time)
{
	char stat[512];
	const char *after;

	if (read_file(pid, "stat", stat, sizeof(stat)) <= 0)
		return false;
	after = strrchr(stat, ')');
	return after &&
	       sscanf(after,
		      ") %c %*d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
		      "%" SCNu64,
		      state, session, start_time) == 3 &&
	       *state != 'Z' && *state != 'X';
}

uint64_t process_start_time(pid_t pid)
{
	uint64_t start_time;
	int session;
	char state;

	return read_stat(pid, &state, &session, &start_time) ? start_time : 0;
}

static bool take_state(struct marked_process *process)
{
	int session;
	char state;

	if (!read_stat(process->pid, &state, &session, &process->start_time))
		return false;
	process->stopped = state == 'T';
	return session == process->pid;
}

bool process_read(pid_t pid, struct marked_process *process)
{
	char block[ENVIRONMENT_BYTES];
	ssize_t count = read_file(pid, "environ", block, sizeof(block));
	const char *id, *owner;
	char path[32];
	struct stat status;

	if (count <= 0)
		return false;
	id = variable(block, (size_t)count, "UNICORE_INSTANCE");
	owner = variable(block, (size_t)count, "UNICORE_OWNER");
	if (!id || !owner || !uuid_parse(id, process->id) || strlen(owner) > OWNER_MAX_LEN)
		return false;
	memcpy(process->owner, owner, strlen(owner) + 1);
	snprintf(path, sizeof(path), "/proc/%d", pid);
	process->pid = pid;
	if (stat(path, &status) < 0 || !take_state(process))
		return false;
	process->uid = status.st_uid;
	take_name(process);
	return true;
}

int processes_visit(bool (*skip)(pid_t pid),
		    bool (*visit)(const struct marked_process *process, void *argument),
		    void *argument)
{
	struct marked_process process;
	struct dirent *entry;
	pid_t pid;
	DIR *directory = opendir("/proc");

	if (!directory)
		return -errno;
	while ((entry = readdir(directory))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		pid = (pid_t)atoi(entry->d_name);
		if (!skip(pid) && process_read(pid, &process) && !visit(&process, argument))
			break;
	}
	closedir(directory);
	return 0;
}

int process_usage(pid_t pid, uint64_t *cpu_ns, uint64_t *memory_bytes)
{
	uint64_t resident;
	char line[128];
	ssize_t count = read_file(pid, "schedstat", line, sizeof(line));

	if (count < 0)
		return (int)count;
	if (sscanf(line, "%" SCNu64, cpu_ns) != 1)
		return -EIO;
	count = read_file(pid, "statm", line, sizeof(line));
	if (count < 0)
		return (int)count;
	if (sscanf(line, "%*u %" SCNu64, &resident) != 1)
		return -EIO;
	*memory_bytes = resident * (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}
