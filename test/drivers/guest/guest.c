// SPDX-License-Identifier: BSD-3-Clause
/*
 * A PVH guest for the driver tests: it does on its serial port what a Unicore
 * image does, as its command line tells. The words after " -- ":
 *
 *   exit=N   print the exit line and turn the machine off
 *   panic    print a panic line and turn the machine off
 *   echo     print what comes in, until a line says "quit"; then exit 0
 *   flood=N  print N lines, then go on with the next word
 *   silent   no ready line
 *   hold     wait for ever
 *
 * Without a word that ends it or holds it, it ends with exit code 0.
 *
 * Entry: PVH (Xen's docs/misc/pvh.pandoc): 32-bit, paging off, ebx points to
 * struct hvm_start_info, whose cmdline_paddr is at offset 24.
 */
typedef unsigned char u8;
typedef unsigned int u32;

#define COM1	       0x3f8
#define COM2	       0x2f8
#define LSR_DATA_READY 0x01
#define LSR_THR_EMPTY  0x20

__asm__(".section .note.pvh, \"a\", @note\n"
	"	.long 4, 4, 18\n"
	"	.asciz \"Xen\"\n"
	"	.long _start\n"
	".text\n"
	".globl _start\n"
	"_start:\n"
	"	cld\n"
	"	movl $stack_end, %esp\n"
	"	pushl %ebx\n"
	"	call run\n"
	".bss\n"
	"	.lcomm stack, 4096\n"
	"	.set stack_end, stack + 4096\n"
	".text\n");

static void outb(unsigned short port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static u8 inb(unsigned short port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put(char c)
{
	while (!(inb(COM1 + 5) & LSR_THR_EMPTY))
		;
	outb(COM1, c);
}

static void print(const char *text)
{
	while (*text)
		put(*text++);
}

static void print_number(u32 n)
{
	if (n >= 10)
		print_number(n / 10);
	put('0' + n % 10);
}

static u32 number(const char *text)
{
	u32 n = 0;

	while (*text >= '0' && *text <= '9')
		n = n * 10 + (*text++ - '0');
	return n;
}

/* The keyboard controller's pulse on the reset line: the machine resets, and who runs it ends it.
 */
static void __attribute__((noreturn)) turn_off(void)
{
	outb(0x64, 0xfe);
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void __attribute__((noreturn)) leave(u32 code)
{
	print("uc: exit ");
	print_number(code);
	put('\n');
	turn_off();
}

static void __attribute__((noreturn)) echo(void)
{
	static const char quit[] = "quit\n";
	u32 matched = 0;

	for (;;) {
		char c;

		while (!(inb(COM1 + 5) & LSR_DATA_READY))
			__asm__ volatile("pause");
		c = inb(COM1);
		put(c);
		matched = c == quit[matched] ? matched + 1 : c == quit[0];
		if (matched == sizeof(quit) - 1)
			leave(0);
	}
}

/* Whether `text` begins with `word`. */
static int begins(const char *text, const char *word)
{
	while (*word)
		if (*text++ != *word++)
			return 0;
	return 1;
}

static void flood(u32 lines)
{
	for (u32 i = 0; i < lines; i++) {
		print("line ");
		print_number(i);
		print(" of a guest that has much to say\n");
	}
}

/* Whether `word` stands in `text`. */
static int has(const char *text, const char *word)
{
	for (; *text; text++)
		if (begins(text, word))
			return 1;
	return 0;
}

static void act(const char *text)
{
	if (begins(text, "flood="))
		flood(number(text + 6));
	else if (begins(text, "exit="))
		leave(number(text + 5));
	else if (begins(text, "echo"))
		echo();
	else if (begins(text, "hold"))
		for (;;)
			__asm__ volatile("hlt");
	else if (begins(text, "panic")) {
		print("uc: panic: asked to\n");
		turn_off();
	}
}

/* Waits on the second serial port for a line that ends with a zero byte, as an image of the pools
 * does. */
static const char *parked(void)
{
	static char line[2048];
	u32 n = 0;

	print("uc: parked\n");
	do {
		while (!(inb(COM2 + 5) & LSR_DATA_READY))
			__asm__ volatile("pause");
		line[n] = inb(COM2);
	} while (line[n++] && n < sizeof(line));
	for (const char *ready = "uc: ready\n"; *ready; ready++)
		outb(COM2, *ready);
	return line;
}

void __attribute__((noreturn)) run(const u32 *start_info)
{
	const char *text = (const char *)start_info[6];

	if (begins(text, "uc.park"))
		text = parked();
	if (!has(text, "silent"))
		print("uc: ready 12345\n");
	print("cmdline: ");
	print(text);
	put('\n');
	for (; *text; text++)
		act(text);
	leave(0);
}
