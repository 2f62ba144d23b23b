/* SPDX-License-Identifier: BSD-3-Clause */
/* For libraries that work on linuxu only, because they make system calls of their own. */
#ifndef UC_LINUXU_H
#define UC_LINUXU_H

#include <stdint.h>

/** Lets a system call, by its number, pass the filter that is set before main. */
#define UC_LINUXU_SYSCALL(number)                        \
	static const uint16_t uc_linuxu_syscall_##number \
		__attribute__((__section__("uc_linuxu_syscalls"), __used__)) = number

#endif /* UC_LINUXU_H */
