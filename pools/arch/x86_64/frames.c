/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch.h>

/* What a function with a frame pointer leaves on the stack (System V ABI for AMD64, 3.2.2). */
struct frame {
	uintptr_t caller;
	uintptr_t return_address;
};

unsigned int uc_arch_backtrace(uintptr_t frame, uintptr_t stack_low, uintptr_t stack_high,
			       uintptr_t *out, unsigned int n)
{
	unsigned int count = 0;

	/* Each frame lies above the one before it: else it is no chain, and could be a circle. */
	while (count < n && frame % sizeof(uintptr_t) == 0 && frame >= stack_low &&
	       frame <= stack_high - sizeof(struct frame)) {
		const struct frame *f = (const struct frame *)frame;

		if (f->return_address == 0)
			break;
		out[count++] = f->return_address;
		stack_low = frame + sizeof(struct frame);
		frame = f->caller;
	}
	return count;
}
