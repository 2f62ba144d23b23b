/* SPDX-License-Identifier: BSD-3-Clause */
/* What /proc says of processes that carry the ownership marker in their environment. */
#ifndef PROCESS_TABLE_H
#define PROCESS_TABLE_H

#include "launcher.h"

struct marked_process {
	pid_t pid;
	uid_t uid;
	uint8_t id[ID_BYTES];
	char owner[OWNER_MAX_LEN + 1];
	char name[NAME_MAX_LEN + 1];
	bool stopped;
	/* Was told to park. */
	bool parks;
	/* When it started, in clock ticks since boot: with the number, what no other process
	 * shares. */
	uint64_t start_time;
};

/*
 * Calls `visit` for each session leader with a marker, until it returns false. Those that `skip`
 * names are not looked at. Processes whose environment cannot be read are passed over. Returns 0 or
 * a negative errno.
 */
int processes_visit(bool (*skip)(pid_t pid),
		    bool (*visit)(const struct marked_process *process, void *argument),
		    void *argument);
/* Reads a marked process anew. Returns whether it is there and has a marker. */
bool process_read(pid_t pid, struct marked_process *process);
/* When the process started, in clock ticks since boot; 0 if there is none or it is a zombie. */
uint64_t process_start_time(pid_t pid);
/* Processor time in nanoseconds and resident memory in bytes. Returns 0 or a negative errno. */
int process_usage(pid_t pid, uint64_t *cpu_ns, uint64_t *memory_bytes);
/* Makes instances of the processes that an earlier launcher of this owner left behind. Returns how
 * many. */
uint32_t processes_adopt(void);
/* Reads and writes a UUID in the usual form of 36 characters. uuid_parse() returns whether it is
 * one. */
bool uuid_parse(const char *text, uint8_t *id);
void uuid_format(const uint8_t *id, char text[37]);

#endif
