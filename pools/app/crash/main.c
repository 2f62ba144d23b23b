/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <uc/panic.h>

/* What the compiler must not know: else it would see the fault, and leave the code out. */
static int *volatile nowhere;
static volatile int zero;
static volatile int ten = 10;

static void crash_null(void)
{
	printf("%d\n", *nowhere);
}

static void crash_invalid(void)
{
	__builtin_trap();
}

static void crash_divide(void)
{
	printf("%d\n", ten / zero);
}

static void fill_stack(volatile char *above);
static void (*volatile deeper)(volatile char *above) = fill_stack;

static void fill_stack(volatile char *above)
{
	volatile char frame[512];

	frame[0] = above ? above[0] : 0;
	deeper(frame);
	frame[1] = frame[0];
}

static void crash_stack(void)
{
	fill_stack(NULL);
}

static void crash_assert(void)
{
	assert(zero == 1);
}

static void crash_panic(void)
{
	uc_panic("this is the %s number %d", "panic", 1);
}

#ifdef CONFIG_PLAT_LINUXU
/* getuid: harmless, and of no use to a unikernel. */
static void crash_syscall(void)
{
	long result = 0;

#if defined(__x86_64__)
	__asm__ volatile("syscall" : "=a"(result) : "a"(102) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	__asm__ volatile("mov x8, #174\n\tsvc #0\n\tmov %0, x0"
			 : "=r"(result)
			 :
			 : "x0", "x8", "memory");
#elif defined(__arm__)
	__asm__ volatile("push {r7}\n\tmov r7, #199\n\tsvc #0\n\tpop {r7}\n\tmov %0, r0"
			 : "=r"(result)
			 :
			 : "r0", "memory");
#endif
	printf("the system call returned %ld\n", result);
}
#endif

static const struct {
	const char *name;
	void (*crash)(void);
} ways[] = {
	{ "null", crash_null },	      { "invalid", crash_invalid }, { "divide", crash_divide },
	{ "stack", crash_stack },     { "assert", crash_assert },   { "panic", crash_panic },
#ifdef CONFIG_PLAT_LINUXU
	{ "syscall", crash_syscall },
#endif
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(argv[1], ways[i].name) == 0) {
			ways[i].crash();
			printf("%s did not crash\n", argv[1]);
			return 1;
		}
	}
	printf("usage:");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		printf(" %s", ways[i].name);
	printf("\n");
	return 2;
}
