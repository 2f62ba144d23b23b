/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals: those of traps become panics; SIGTERM is a request to stop; SIGPIPE is not wanted. */
#include <uc/arch.h>
#include <uc/panic.h>

#include "linuxu.h"
#include "syscall.h"

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
	uint64_t flags;
	void (*restorer)(void);
	uint64_t mask;
};

struct kernel_stack {
	void *start;
	int flags;
	size_t size;
};

/* struct ucontext with struct sigcontext_64, as far as it is read. */
struct kernel_context {
	uint64_t flags;
	void *link;
	struct kernel_stack stack;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, trap;
};

/* The first members of siginfo_t. */
struct kernel_siginfo {
	int32_t signal, error, code, padding;
	uint64_t address;
};

const uint64_t signals_idle_mask;
static volatile bool stop;

/* The kernel's frame with AVX-512 state takes about 3.5 KiB of it. */
static char trap_stack[16384] __attribute__((__aligned__(16)));

void linuxu_sigreturn(void);

/* error is that of the CPU: for a page fault, bit 1 tells a write, bit 4 a jump. */
static const char *describe(int signal, uint64_t error)
{
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
		return error & 16  ? "invalid memory access: jump"
		       : error & 2 ? "invalid memory access: write"
				   : "invalid memory access: read";
	}
}

static void on_trap(int signal, void *info, void *context)
{
	const struct kernel_siginfo *si = info;
	const struct kernel_context *c = context;
	const struct uc_arch_registers registers = {
		.r15 = c->r15,
		.r14 = c->r14,
		.r13 = c->r13,
		.r12 = c->r12,
		.r11 = c->r11,
		.r10 = c->r10,
		.r9 = c->r9,
		.r8 = c->r8,
		.rbp = c->rbp,
		.rdi = c->rdi,
		.rsi = c->rsi,
		.rdx = c->rdx,
		.rcx = c->rcx,
		.rbx = c->rbx,
		.rax = c->rax,
		.vector = c->trap,
		.error = c->error,
		.rip = c->rip,
		.cs = c->cs,
		.rflags = c->rflags,
		.rsp = c->rsp,
		.ss = c->ss,
	};

	/* A push or a frame that does not fit hits just below the stack pointer, or just above. */
	if (signal == SIGSEGV && si->address - c->rsp + 65536 < 2 * 65536 &&
	    (si->address >> 12) != (c->rip >> 12))
		uc_panic_trap(&registers, "stack overflow at %p", (void *)si->address);
	uc_panic_trap(&registers, "%s at %p", describe(signal, c->error), (void *)si->address);
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
