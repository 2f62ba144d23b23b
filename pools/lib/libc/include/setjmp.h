/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Jumps over function calls. The architecture implements them (arch/<arch>/setjmp.S);
 * floating-point control words and errno stay as they are.
 */
#ifndef _SETJMP_H
#define _SETJMP_H

#ifdef __cplusplus
extern "C" {
#endif

/* The registers that a function must preserve, the stack pointer and the place to return to. */
#if defined(__x86_64__)
#define __UC_JMP_BUF_WORDS 8 /* rbx rbp r12 r13 r14 r15 rsp rip */
#elif defined(__aarch64__)
#define __UC_JMP_BUF_WORDS 22 /* x19-x30 sp, d8-d15, one to spare */
#elif defined(__arm__)
#define __UC_JMP_BUF_WORDS 26 /* r4-r11 sp lr, d8-d15 */
#else
#error "setjmp.h does not know this architecture"
#endif

typedef struct {
	unsigned long words[__UC_JMP_BUF_WORDS];
} jmp_buf[1];

int setjmp(jmp_buf environment) __attribute__((__returns_twice__));
void longjmp(jmp_buf environment, int value) __attribute__((__noreturn__));

#ifdef __cplusplus
}
#endif

#endif /* _SETJMP_H */
