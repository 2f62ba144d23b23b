/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>
#include <stddef.h>
#include <uc/arch/instructions.h>
#include <uc/arch/system.h>

#include "hypercall.h"

/* Leaves of Xen's begin at a multiple of 0x100 from here on (public/arch-x86/cpuid.h). */
#define FIRST_LEAF 0x40000000u
#define LAST_LEAF  0x40010000u

#define ENTRY_SIZE 32

unsigned char xen_hypercall_page[UC_X86_PAGE] __attribute__((__aligned__(4096)));

/* "XenVMMXenVMM" */
static bool runs_on_xen(void)
{
	for (uint32_t leaf = FIRST_LEAF; leaf < LAST_LEAF; leaf += 0x100) {
		struct cpuid r = cpuid(leaf);

		if (r.b == 0x566e6558 && r.c == 0x65584d4d && r.d == 0x4d4d566e)
			return true;
	}
	return false;
}

/* "GenuineIntel" and "CentaurHauls" have VMX; all others (AMD, Hygon) SVM. */
static bool has_vmx(void)
{
	struct cpuid r = cpuid(0);

	return r.c == 0x6c65746e || r.c == 0x736c7561 || r.c == 0x20206961;
}

bool xen_hypercall_init_pvh(void)
{
	/* mov $number, %eax; vmcall or vmmcall; ret */
	unsigned char code[9] = { 0xb8, 0, 0, 0, 0, 0x0f, 0x01, 0xd9, 0xc3 };

	if (!runs_on_xen())
		return false;
	if (has_vmx())
		code[7] = 0xc1;
	for (unsigned int number = 0; number < sizeof(xen_hypercall_page) / ENTRY_SIZE; number++) {
		unsigned char *entry = xen_hypercall_page + number * ENTRY_SIZE;

		code[1] = (unsigned char)number;
		for (size_t i = 0; i < sizeof(code); i++)
			entry[i] = code[i];
	}
	return true;
}
