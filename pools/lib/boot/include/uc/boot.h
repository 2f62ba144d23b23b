/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way from the platform's entry to main, and back. A platform does its own setup, then calls
 * uc_boot, which runs the constructors, reports readiness, calls main, undoes and shuts down.
 */
#ifndef UC_BOOT_H
#define UC_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Boots with arguments that are words already. argv[argc] is NULL; both stay. Does not return. */
void uc_boot(int argc, char **argv) __attribute__((__noreturn__));

/**
 * Boots with a command line, which is cut into words in place and must stay. The first word of argv
 * is the application's name, as in a process. Does not return.
 */
void uc_boot_line(char *line) __attribute__((__noreturn__));

/**
 * Copies a command line to memory that stays, for uc_boot_line: the place where a boot loader or a
 * VMM has put it is free memory, sooner or later. NULL counts as an empty one. Panics if it is
 * longer than CONFIG_LIBBOOT_COMMAND_LINE.
 */
char *uc_boot_copy_line(const char *line);

/**
 * Ends the unikernel: runs the undos, then the platform's shutdown. code as in exit(): 0 is
 * success, only the low 8 bits reach the outside. Called from within an undo it ends at once.
 */
void uc_shutdown(int code) __attribute__((__noreturn__));

/**
 * Whether someone outside has asked the unikernel to end (SIGTERM on linuxu, the power button
 * elsewhere). An application that wants to end in its own way asks here when uc_plat_idle_until
 * returns, after having called uc_boot_handle_stop(true). If it has not, such a request shuts the
 * unikernel down with code 143 from the next idle.
 */
bool uc_stop_requested(void);

/** Whether the application handles requests to stop itself. */
void uc_boot_handle_stop(bool by_application);

/** What a platform calls, from its idle, when someone outside asks the unikernel to end. */
void uc_boot_stop(void);

/** The exit code of a unikernel that was asked to stop: as a shell reports SIGTERM. */
#define UC_EXIT_STOPPED 143

/** The exit code of a panic: as a shell reports SIGABRT. */
#define UC_EXIT_PANIC 134

/** Times of the monotonic clock. */
struct uc_boot_times {
	uint64_t platform;     /* the platform's own setup was done */
	uint64_t constructors; /* the constructors had run; readiness is reported next, then main */
};

/** When the unikernel got how far in its boot. Needs CONFIG_LIBBOOT_TIMES. */
const struct uc_boot_times *uc_boot_times(void);

/** The application. */
int main(int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif /* UC_BOOT_H */
