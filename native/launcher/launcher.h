/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared declarations of the launcher: a single-threaded process that holds all linuxu instances of
 * a state directory. */
#ifndef LAUNCHER_H
#define LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ID_BYTES      16
#define NAME_MAX_LEN  63
#define OWNER_MAX_LEN 64
#define NO_SLOT	      UINT32_MAX

enum instance_state {
	STATE_FREE = 0,
	STATE_RUNNING = 1,
	STATE_PAUSED = 2,
	STATE_ENDED = 3,
};

enum end_reason {
	END_NONE = 0,
	END_EXITED = 1,
	END_SIGNALED = 2,
	END_DESTROYED = 3,
	END_UNKNOWN = 4,
	END_SHUT_DOWN = 5,
};

/* Output of one instance: the newest bytes, in a ring that grows as it is needed. */
struct console {
	uint8_t *data;
	uint32_t size;
	/* Offsets in all that was printed: [start, end) is kept. */
	uint64_t start;
	uint64_t end;
};

struct instance {
	uint8_t id[ID_BYTES];
	char name[NAME_MAX_LEN + 1];
	/* Counts uses of the slot, so that a late epoll event of an earlier use is not taken for
	 * this one's. */
	uint32_t generation;
	uint32_t next_in_bucket;
	pid_t pid;
	/* Of an adopted process, to know it again: see struct marked_process. */
	uint64_t start_time;
	/* Of the process; -1 while its output pipe tells of its end as well (descriptors are what
	 * runs out first). */
	int pid_fd;
	int output_fd;
	int ready_fd;
	uint8_t state;
	uint8_t reason;
	int32_t code;
	bool ready;
	/* From entry to main; 0 if unknown. */
	int32_t boot_nanoseconds;
	/* Waits before main for the line that CLAIM brings. */
	bool parked;
	/* Found by its marker, not our child: its exit status is not ours to read. */
	bool adopted;
	bool destroying;
	bool shutdown_asked;
	/* A reader waits for more output. */
	bool output_wanted;
	/* Printed too much in this period: its pipe is left alone until the next. */
	bool throttled;
	uint32_t period_bytes;
	uint64_t period;
	struct console console;
};

/* Command line. */
struct options {
	const char *state_directory;
	const char *owner;
	uint32_t max_instances;
	uint32_t console_bytes;
	uint64_t console_total;
	uint32_t idle_seconds;
	/* First of the user ids for instances; 0: instances keep the launcher's own. */
	uint32_t uid_base;
};

extern struct options options;

/* A source of epoll events, packed into epoll_data.u64 with a slot and its generation. */
enum source {
	SOURCE_LISTENER = 1,
	SOURCE_SIGNAL = 2,
	SOURCE_CONNECTION = 3,
	SOURCE_PROCESS = 4,
	SOURCE_OUTPUT = 5,
	SOURCE_READY = 6,
};

/* Watches `fd` for input. Returns 0 or a negative errno. */
int watch(int fd, enum source source, uint32_t slot, uint32_t generation);
/* Milliseconds of a clock that never goes back. */
uint64_t now_ms(void);
/* Changes what epoll tells of a connection (EPOLLIN, EPOLLOUT). */
void watch_connection(int fd, uint32_t interest, uint32_t slot, uint32_t generation);
/* Stops watching. */
void unwatch(int fd);
/* Writes one line to standard error. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
