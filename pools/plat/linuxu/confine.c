/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Confinement: a seccomp filter (seccomp(2), classic BPF) that lets a few system calls pass, and
 * kills the process for any other. Libraries name what else they need with UC_LINUXU_SYSCALL.
 */
#include <stddef.h>
#include <uc/linuxu.h>
#include <uc/panic.h>

#include "linuxu.h"
#include "syscall.h"

#define PR_SET_NO_NEW_PRIVS	38
#define SECCOMP_SET_MODE_FILTER 1

#define RET_KILL_PROCESS 0x80000000
#define RET_ALLOW	 0x7fff0000

/* Offsets in struct seccomp_data. */
#define DATA_NUMBER   0
#define DATA_ARCH     4
#define DATA_ARGUMENT 16

#define LOAD	   0x20 /* BPF_LD | BPF_W | BPF_ABS */
#define JUMP_EQUAL 0x15 /* BPF_JMP | BPF_JEQ | BPF_K */
#define RETURN	   0x06 /* BPF_RET | BPF_K */

struct instruction {
	uint16_t code;
	uint8_t if_true;
	uint8_t if_false;
	uint32_t k;
};

struct program {
	uint16_t length;
	const struct instruction *instructions;
};

#define LENGTH_MAX 256

static struct instruction code[LENGTH_MAX];
static unsigned int length;

extern const uint16_t __start_uc_linuxu_syscalls[] __attribute__((__weak__));
extern const uint16_t __stop_uc_linuxu_syscalls[] __attribute__((__weak__));

static void emit(uint16_t op, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	if (length == LENGTH_MAX)
		uc_panic("too many system calls for the filter");
	code[length++] = (struct instruction){
		.code = op, .if_true = if_true, .if_false = if_false, .k = k
	};
}

/* With the number loaded: lets a system call pass. */
static void allow(uint16_t number)
{
	emit(JUMP_EQUAL, number, 0, 1);
	emit(RETURN, RET_ALLOW, 0, 0);
}

/* Lets a system call pass if the low half of its first argument is this value. */
static void allow_on(uint16_t number, uint32_t argument)
{
	emit(JUMP_EQUAL, number, 0, 4);
	emit(LOAD, DATA_ARGUMENT, 0, 0);
	emit(JUMP_EQUAL, argument, 0, 1);
	emit(RETURN, RET_ALLOW, 0, 0);
	emit(RETURN, RET_KILL_PROCESS, 0, 0);
}

static void build(int ready_fd)
{
	static const uint16_t allowed[] = {
		SYS_clock_gettime, SYS_write,		SYS_ppoll,  SYS_read,
		SYS_rt_sigreturn,  SYS_restart_syscall, SYS_getpid, SYS_exit_group,
	};

	emit(LOAD, DATA_ARCH, 0, 0);
	emit(JUMP_EQUAL, LINUX_AUDIT_ARCH, 1, 0);
	emit(RETURN, RET_KILL_PROCESS, 0, 0);
	emit(LOAD, DATA_NUMBER, 0, 0);
	for (unsigned int i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		allow(allowed[i]);
	/* cppcheck-suppress comparePointers; the linker's symbols bound one section */
	for (const uint16_t *n = __start_uc_linuxu_syscalls; n < __stop_uc_linuxu_syscalls; n++)
		allow(*n);
	/* It may signal itself only: a crash ends with SIGABRT. */
	allow_on(SYS_kill, (uint32_t)syscall1(SYS_getpid, 0));
	if (ready_fd >= 0)
		allow_on(SYS_close, (uint32_t)ready_fd);
	emit(RETURN, RET_KILL_PROCESS, 0, 0);
}

/*
 * Whether to run where the kernel has no seccomp at all, as QEMU's user mode. A kernel that has it
 * confines the process whatever the environment says.
 */
static bool is_optional(void)
{
	static const char word[] = "optional";
	const char *text = environment("UC_SECCOMP");

	if (!text)
		return false;
	for (unsigned int i = 0; i < sizeof(word); i++)
		if (text[i] != word[i])
			return false;
	return true;
}

void confine(int ready_fd)
{
	struct program program;
	long error;

	build(ready_fd);
	program.length = (uint16_t)length;
	program.instructions = code;
	error = syscall5(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!error)
		error = syscall3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&program);
	if (error == -ERROR_NOSYS && is_optional())
		return;
	if (error == -ERROR_NOSYS)
		uc_panic("the kernel has no seccomp, and UC_SECCOMP is not \"optional\"");
	if (error)
		uc_panic("cannot confine the process: error %ld", -error);
}
