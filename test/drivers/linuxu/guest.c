// SPDX-License-Identifier: BSD-3-Clause
/*
 * Small guests for the driver tests, one behaviour each: compiled with -DGUEST=<function>, without
 * a C library. They keep the contract of native/launcher/PROTOCOL.md as the linuxu platform does.
 */
#include <asm/unistd.h>
#include <stddef.h>

#define MAP_ANONYMOUS_PRIVATE 0x22
#define PROT_READ_WRITE	      0x3

typedef int guest_main(int argc, char **argv);
guest_main GUEST;
void guest_start(long *stack);

static long call(long number, long a, long b, long c)
{
	register long r10 __asm__("r10") = MAP_ANONYMOUS_PRIVATE;
	register long r8 __asm__("r8") = -1;
	register long r9 __asm__("r9") = 0;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall guest_start\n");

static size_t length(const char *text)
{
	size_t count = 0;

	while (text[count])
		count++;
	return count;
}

static void print(const char *text)
{
	call(__NR_write, 1, (long)text, (long)length(text));
}

static void ready(void)
{
	call(__NR_write, 3, (long)"", 1);
	call(__NR_close, 3, 0, 0);
}

static void wait_for_ever(void)
{
	for (;;)
		call(__NR_pause, 0, 0, 0);
}

__attribute__((used)) void guest_start(long *stack)
{
	call(__NR_exit_group, GUEST((int)stack[0], (char **)(stack + 1)), 0, 0);
}

int hello(int argc, char **argv)
{
	(void)argc, (void)argv;
	ready();
	print("Hello from a unikernel\n");
	return 0;
}

int daemon(int argc, char **argv)
{
	(void)argc, (void)argv;
	print("daemon is up\n");
	ready();
	wait_for_ever();
	return 0;
}

int silent(int argc, char **argv)
{
	(void)argc, (void)argv;
	wait_for_ever();
	return 0;
}

int failing(int argc, char **argv)
{
	(void)argc, (void)argv;
	ready();
	return 42;
}

int crash(int argc, char **argv)
{
	(void)argc, (void)argv;
	ready();
	*(volatile int *)8 = 1;
	return 0;
}

int arguments(int argc, char **argv)
{
	ready();
	for (int i = 1; i < argc; i++) {
		print("<");
		print(argv[i]);
		print(">\n");
	}
	return 0;
}

/* Parks, and prints what it is claimed with. */
int parking(int argc, char **argv)
{
	static char line[4096];

	(void)argc, (void)argv;
	call(__NR_write, 3, (long)"P", 1);
	call(__NR_read, 0, (long)line, sizeof(line));
	ready();
	print(line);
	print("\n");
	return 0;
}

int echo(int argc, char **argv)
{
	char bytes[256];
	long count;

	(void)argc, (void)argv;
	ready();
	while ((count = call(__NR_read, 0, (long)bytes, sizeof(bytes))) > 0)
		call(__NR_write, 1, (long)bytes, count);
	return 0;
}

/* Prints what it was started with: environment and working directory. */
int surroundings(int argc, char **argv)
{
	char directory[256];

	ready();
	for (char **variable = argv + argc + 1; *variable; variable++) {
		print(*variable);
		print("\n");
	}
	call(__NR_getcwd, (long)directory, sizeof(directory), 0);
	print(directory);
	print("\n");
	return (int)call(__NR_getuid, 0, 0, 0) != 0 ? 0 : 1;
}

/* Wipes the ownership marker out of its memory when it gets console input. */
int forgetful(int argc, char **argv)
{
	char byte;

	ready();
	call(__NR_read, 0, (long)&byte, 1);
	for (char **variable = argv + argc + 1; *variable; variable++)
		for (size_t i = length(*variable); i > 0; i--)
			((volatile char *)*variable)[i - 1] = 'x';
	print("forgotten\n");
	wait_for_ever();
	return 0;
}

/* Prints for ever, as fast as it can. */
int flood(int argc, char **argv)
{
	static char line[4096];

	(void)argc, (void)argv;
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = i % 64 == 63 ? '\n' : 'x';
	ready();
	for (;;)
		call(__NR_write, 1, (long)line, sizeof(line));
}

/* Takes memory until it is refused; the exit code is what it got, in MiB. */
int hog(int argc, char **argv)
{
	int mebibytes = 0;

	(void)argc, (void)argv;
	ready();
	for (;;) {
		long at = call(__NR_mmap, 0, 1 << 20, PROT_READ_WRITE);

		if (at < 0 && at > -4096)
			return mebibytes;
		for (long i = 0; i < 1 << 20; i += 4096)
			((volatile char *)at)[i] = 1;
		mebibytes++;
	}
}

/* Exits with the number of the error that fork(2) gives, or with 0 if it works. */
int forking(int argc, char **argv)
{
	long result = call(__NR_fork, 0, 0, 0);

	(void)argc, (void)argv;
	ready();
	return result < 0 ? (int)-result : 0;
}
