/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch.h>

#include "panic.h"

unsigned int panic_backtrace(uintptr_t pointer, uintptr_t reach, uintptr_t *out, unsigned int n)
{
	uintptr_t low = pointer;
	uintptr_t high = pointer + reach - sizeof(struct uc_arch_frame);
	unsigned int count = 0;

	/* Each frame lies above the one before it: else it is no chain, and could be a circle. */
	while (count < n && pointer != 0 && pointer % sizeof(uintptr_t) == 0 && pointer >= low &&
	       pointer <= high) {
		const struct uc_arch_frame *frame =
			(const struct uc_arch_frame *)(pointer - UC_ARCH_FRAME_BELOW);

		if (frame->return_address == 0)
			break;
		out[count++] = frame->return_address;
		low = pointer + sizeof(struct uc_arch_frame);
		pointer = frame->caller;
	}
	return count;
}
