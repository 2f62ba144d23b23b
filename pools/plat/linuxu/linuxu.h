/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of the platform tell each other. */
#ifndef LINUXU_LINUXU_H
#define LINUXU_LINUXU_H

#include <stdbool.h>
#include <stdint.h>

/** The value of a variable of the process's environment; NULL if it is not set. */
const char *environment(const char *name);

/** A number in decimal, the whole of a string. 0, or -EINVAL for anything else. */
int parse_number(const char *s, uint64_t *out);

/** The clock, as of the first instruction. */
void clock_init(void);

/** Traps become panics, SIGTERM a request to stop. */
void signals_init(void);

struct uc_arch_registers;
struct kernel_context;

/** What a memory access that trapped wanted to do. */
enum access {
	ACCESS_UNKNOWN,
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_JUMP
};

/** The registers of the place that a signal hit. */
void trap_registers(const struct kernel_context *context, struct uc_arch_registers *out);

/** What the access that hit the address was. */
enum access trap_access(const struct kernel_context *context, uintptr_t address);

/** The stack pointer there. */
uintptr_t trap_stack_pointer(const struct uc_arch_registers *registers);

/** The signal mask in which events are taken: what ppoll waits with. */
extern const uint64_t signals_idle_mask;

/** Whether SIGTERM has arrived since this was last asked. */
bool signals_take_stop(void);

/** Whether the idle loop should wake for input on the console. */
bool console_is_read(void);

/** Gives up every system call but the few that are needed from here on. */
void confine(int ready_fd);

#endif /* LINUXU_LINUXU_H */
