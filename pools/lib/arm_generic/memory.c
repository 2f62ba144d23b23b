/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <uc/arm_generic.h>
#include <uc/plat.h>

#define PAGE	   UINT64_C(4096)
#define RANGES_MAX 16
#define GIB	   (UINT64_C(1) << 30)

static struct uc_plat_memory ranges[RANGES_MAX];
static unsigned int range_count;

static void add(uint64_t start, uint64_t end)
{
	start = (start + PAGE - 1) / PAGE * PAGE;
	end = end / PAGE * PAGE;
	if (start >= end || range_count == RANGES_MAX)
		return;
	ranges[range_count].start = (void *)(uintptr_t)start;
	ranges[range_count++].size = (size_t)(end - start);
}

/* Maps a range as far as that can be done, and gives what the image leaves of it. */
static void add_range(uint64_t start, uint64_t end)
{
	uint64_t image_start = (uintptr_t)uc_image_start;
	uint64_t image_end = (uintptr_t)uc_image_end;
	uint64_t mapped = start;

	while (mapped < end && uc_arm_map_memory(mapped))
		mapped = (mapped / GIB + 1) * GIB;
	if (end > mapped)
		end = mapped;
	if (start >= image_end || end <= image_start) {
		add(start, end);
		return;
	}
	if (start < image_start)
		add(start, image_start);
	if (end > image_end)
		add(image_end, end);
}

void uc_arm_memory_init(const struct uc_devicetree *tree)
{
	struct uc_devicetree_node node = { 0 };

	while (uc_devicetree_next(tree, &node) == 0) {
		const char *type = uc_devicetree_text(tree, &node, "device_type");
		uint64_t start, size, end;

		if (!type || strcmp(type, "memory") != 0)
			continue;
		for (unsigned int i = 0; !uc_devicetree_reg(tree, &node, i, &start, &size); i++)
			if (!__builtin_add_overflow(start, size, &end))
				add_range(start, end);
	}
}

int uc_plat_memory(unsigned int index, struct uc_plat_memory *out)
{
	if (index >= range_count)
		return -2;
	*out = ranges[index];
	return 0;
}
