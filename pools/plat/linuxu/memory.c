/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/panic.h>
#include <uc/plat.h>

#include "linuxu.h"
#include "syscall.h"

#define PAGE UINT64_C(4096)

/* PROT_READ | PROT_WRITE; MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE */
#define PROTECTION 3
#define FLAGS	   0x4022

static struct uc_plat_memory memory;

static uint64_t wanted_size(void)
{
	const char *text = environment("UC_MEMORY");
	uint64_t size = (uint64_t)CONFIG_LINUXU_MEMORY << 20;

	if (text && parse_number(text, &size))
		uc_panic("UC_MEMORY is no number of bytes: %s", text);
	return size & ~(PAGE - 1);
}

int uc_plat_memory(unsigned int index, struct uc_plat_memory *out)
{
	if (index > 0)
		return -2;
	if (!memory.start) {
		uint64_t size = wanted_size();
		long start = -ERROR_NOMEM;

		if (size <= PTRDIFF_MAX)
			start = syscall6(SYS_mmap, 0, (long)size, PROTECTION, FLAGS, -1, 0);
		if (start < 0 && start > -4096)
			uc_panic("the host has no %llu bytes of address space: error %ld",
				 (unsigned long long)size, -start);
		memory.start = (void *)start;
		memory.size = (size_t)size;
	}
	*out = memory;
	return 0;
}
