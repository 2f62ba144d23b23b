/* SPDX-License-Identifier: BSD-3-Clause */
/* What GRUB tells: Multiboot2 Specification 2.0, 3.6. */
#include <uc/arch/system.h>
#include <uc/boot.h>
#include <uc/panic.h>
#include <uc/x86_pc.h>

#define MAGIC 0x36d76289

#define TAG_COMMAND_LINE 1
#define TAG_MEMORY_MAP	 6
#define TAG_ACPI_1	 14
#define TAG_ACPI_2	 15

#define RAM 1

struct information {
	uint32_t size;
	uint32_t reserved;
};

struct tag {
	uint32_t type;
	uint32_t size; /* with this header; the next begins at a multiple of 8 */
};

struct memory_map {
	struct tag tag;
	uint32_t entry_size;
	uint32_t entry_version;
};

struct memory_entry {
	uint64_t start;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

/* The first tag of a type; NULL if there is none. */
static const struct tag *find(const struct information *information, uint32_t type)
{
	uintptr_t end = (uintptr_t)information + information->size;
	uintptr_t at = (uintptr_t)(information + 1);

	while (at + sizeof(struct tag) <= end) {
		const struct tag *tag = (const struct tag *)at;

		if (tag->type == type)
			return tag;
		if (tag->size < sizeof(*tag))
			break;
		at += (tag->size + 7) & ~7u;
	}
	return NULL;
}

/* GRUB's copy of the pointer lies in its information, which will be free memory: copy it again. */
static void take_acpi(const struct information *information)
{
	static uint8_t rsdp[36] __attribute__((__aligned__(8)));
	const struct tag *tag = find(information, TAG_ACPI_2);

	if (!tag)
		tag = find(information, TAG_ACPI_1);
	if (!tag)
		return;
	for (size_t i = 0; i < sizeof(rsdp) && i < tag->size - sizeof(*tag); i++)
		rsdp[i] = ((const uint8_t *)(tag + 1))[i];
	uc_pc_acpi_init((uintptr_t)rsdp);
}

/* All free memory but GRUB's information, which is read meanwhile. */
static void take_memory(const struct information *information)
{
	const struct memory_map *map = (const struct memory_map *)find(information, TAG_MEMORY_MAP);
	uint64_t kept_start = (uintptr_t)information;
	uint64_t kept_end = kept_start + information->size;

	if (!map)
		uc_panic("the boot loader passed no memory map");

	uintptr_t end = (uintptr_t)map + map->tag.size;

	for (uintptr_t at = (uintptr_t)(map + 1); at + sizeof(struct memory_entry) <= end;
	     at += map->entry_size) {
		const struct memory_entry *entry = (const struct memory_entry *)at;
		uint64_t entry_end = entry->start + entry->size;

		if (entry->type != RAM)
			continue;
		if (kept_end <= entry->start || kept_start >= entry_end) {
			uc_x86_memory_map(entry->start, entry_end);
			continue;
		}
		uc_x86_memory_map(entry->start, kept_start & ~(UC_X86_PAGE - 1));
		uc_x86_memory_map(kept_end, entry_end);
	}
}

void uc_x86_start(uint32_t eax, uint32_t ebx)
{
	const struct information *information = (const struct information *)(uintptr_t)ebx;
	const struct tag *tag;
	char *line;

	uc_pc_console_init();
	uc_x86_exceptions_init();
	uc_x86_page_tables_init();
	if (eax != MAGIC)
		uc_panic("the boot loader does not speak multiboot2, but 0x%x", eax);
	tag = find(information, TAG_COMMAND_LINE);
	line = uc_boot_copy_line(tag ? (const char *)(tag + 1) : NULL);
	take_acpi(information);
	take_memory(information);
	uc_x86_page_access(NULL, UC_X86_NOTHING);
	uc_pc_clock_init(UC_PC_PIT);
	uc_boot_line(line);
}
