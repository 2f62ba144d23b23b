/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals: those of traps become panics; SIGTERM is a request to stop; SIGPIPE is not wanted. */
#include <uc/arch.h>
#include <uc/panic.h>

#include "linuxu.h"
#include "syscall.h"
#include "trap_context.h"

#define SIGILL	4
#define SIGTRAP 5
#define SIGBUS	7
#define SIGFPE	8
#define SIGSEGV 11
#define SIGPIPE 13
#define SIGTERM 15

#define SA_SIGINFO  0x00000004
#define SA_RESTORER 0x04000000
#define SA_ONSTACK  0x08000000
#define SIG_BLOCK   0

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

struct kernel_sigaction {
	void (*handler)(int signal, void *info, void *context);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* The first members of siginfo_t. */
struct kernel_siginfo {
	int32_t signal, error, code;
	uintptr_t address;
};

const uint64_t signals_idle_mask;
static volatile bool stop;

/* The kernel's frame takes about 4.5 KiB of it on arm64, 3.5 KiB with AVX-512 state. */
static char trap_stack[16384] __attribute__((__aligned__(16)));

void linuxu_sigreturn(void);

static const char *describe(int signal, enum access access)
{
	static const char *const accesses[] = {
		[ACCESS_UNKNOWN] = "invalid memory access",
		[ACCESS_READ] = "invalid memory access: read",
		[ACCESS_WRITE] = "invalid memory access: write",
		[ACCESS_JUMP] = "invalid memory access: jump",
	};

	switch (signal) {
	case SIGILL:
		return "invalid instruction";
	case SIGTRAP:
		return "breakpoint";
	case SIGBUS:
		return "bus error";
	case SIGFPE:
		return "arithmetic fault";
	default:
		return accesses[access];
	}
}

static void on_trap(int signal, void *info, void *context)
{
	const struct kernel_siginfo *si = info;
	enum access access = trap_access(context, si->address);
	struct uc_arch_registers registers;

	trap_registers(context, &registers);
	/* A push or a frame that does not fit hits just below the stack pointer, or just above. */
	if (signal == SIGSEGV && access != ACCESS_JUMP &&
	    si->address - trap_stack_pointer(&registers) + 65536 < 2 * 65536)
		uc_panic_trap(&registers, "stack overflow at %p", (void *)si->address);
	uc_panic_trap(&registers, "%s at %p", describe(signal, access), (void *)si->address);
}

static void on_stop(int signal, void *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	stop = true;
}

static void handle(int signal, void (*handler)(int, void *, void *))
{
	const struct kernel_sigaction action = {
		.handler = handler,
		.flags = SA_SIGINFO | SA_ONSTACK | SA_RESTORER,
		.restorer = linuxu_sigreturn,
	};

	syscall4(SYS_rt_sigaction, signal, (long)&action, 0, sizeof(action.mask));
}

void signals_init(void)
{
	static const int traps[] = { SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV };
	const struct kernel_stack stack = { .start = trap_stack, .size = sizeof(trap_stack) };
	const struct kernel_sigaction ignore = { .handler = (void (*)(int, void *, void *))1 };
	const uint64_t blocked = BIT(SIGTERM);

	syscall2(SYS_sigaltstack, (long)&stack, 0);
	for (unsigned int i = 0; i < sizeof(traps) / sizeof(traps[0]); i++)
		handle(traps[i], on_trap);
	handle(SIGTERM, on_stop);
	syscall4(SYS_rt_sigaction, SIGPIPE, (long)&ignore, 0, sizeof(ignore.mask));
	syscall4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&blocked, 0, sizeof(blocked));
}

bool signals_take_stop(void)
{
	bool taken = stop;

	stop = false;
	return taken;
}
