/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "model.h"

#define ROUNDS	   24
#define STEPS	   12000
#define BLOCKS_MAX 600
#define RANGES	   3

/* A block as the model knows it. Its bytes are the pattern of its seed. */
struct block {
	unsigned char *start;
	size_t size;
	unsigned int seed;
};

struct model {
	struct uc_alloc *a;
	bool reuses;
	unsigned char *memory[RANGES];
	size_t sizes[RANGES];
	/* Each byte of the ranges: 1 while a block has it. Found to be 1 before, two blocks
	 * overlap. */
	unsigned char *taken[RANGES];
	struct block blocks[BLOCKS_MAX];
	unsigned int count;
};

static unsigned char pattern(const struct block *block, size_t i)
{
	return (unsigned char)(block->seed + i * 7);
}

static void fill(const struct block *block, size_t from)
{
	for (size_t i = from; i < block->size; i++)
		block->start[i] = pattern(block, i);
}

static void check_content(const struct block *block, size_t size)
{
	for (size_t i = 0; i < size; i++)
		CHECK(block->start[i] == pattern(block, i), "byte %zu of %zu", i, block->size);
}

/* Marks a block's bytes as taken or not, and checks that they were not or were. */
static void mark(struct model *m, const struct block *block, unsigned char value)
{
	for (unsigned int r = 0; r < RANGES; r++) {
		if (block->start < m->memory[r] || block->start >= m->memory[r] + m->sizes[r])
			continue;
		size_t at = (size_t)(block->start - m->memory[r]);

		CHECK(block->size <= m->sizes[r] - at, "%zu bytes pass the end", block->size);
		for (size_t i = 0; i < block->size; i++)
			CHECK(m->taken[r][at + i] != value, "%zu overlaps", at + i);
		memset(m->taken[r] + at, value, block->size);
		return;
	}
	CHECK(false, "%p lies outside of the memory", (void *)block->start);
}

static size_t random_size(void)
{
	switch (random_below(8)) {
	case 0:
		return random_below(20000);
	case 1:
		return 4096U << random_below(4);
	case 2:
		return random_below(3000);
	default:
		return random_below(300);
	}
}

static void allocate(struct model *m)
{
	size_t align = random_below(3) ? 0 : (size_t)1 << random_below(14);
	struct block block = { .size = random_size(), .seed = (unsigned int)random_bits() };

	if (m->count == BLOCKS_MAX)
		return;
	if (random_below(8) == 0) {
		align = 0;
		block.start = uc_alloc_zeroed(m->a, 1, block.size);
		for (size_t i = 0; block.start && i < block.size; i++)
			CHECK(block.start[i] == 0, "byte %zu of a zeroed block", i);
	} else {
		block.start = uc_alloc_from(m->a, block.size, align);
	}
	if (!block.start)
		return;
	CHECK(((uintptr_t)block.start & (UC_ALLOC_ALIGN - 1)) == 0, "%p", (void *)block.start);
	CHECK(!align || ((uintptr_t)block.start & (align - 1)) == 0, "%p, %zu", (void *)block.start,
	      align);
	CHECK(m->a->usable(m->a, block.start) >= block.size, "%zu", block.size);
	mark(m, &block, 1);
	fill(&block, 0);
	m->blocks[m->count++] = block;
}

static void release(struct model *m, unsigned int i)
{
	struct block block = m->blocks[i];

	check_content(&block, block.size);
	mark(m, &block, 0);
	memset(block.start, 0xdd, block.size);
	uc_alloc_release(m->a, block.start);
	m->blocks[i] = m->blocks[--m->count];
}

static void resize(struct model *m, unsigned int i)
{
	struct block *block = &m->blocks[i];
	size_t size = random_size();
	size_t kept = size < block->size ? size : block->size;

	check_content(block, block->size);
	unsigned char *start = uc_alloc_resize(m->a, block->start, size);

	if (!start) {
		CHECK(size > block->size, "to make a block smaller failed");
		check_content(block, block->size);
		return;
	}
	mark(m, block, 0);
	block->start = start;
	block->size = size;
	mark(m, block, 1);
	check_content(block, kept);
	fill(block, kept);
}

static void check_stats(struct model *m)
{
	struct uc_alloc_stats stats;
	size_t asked = 0;

	for (unsigned int i = 0; i < m->count; i++)
		asked += m->blocks[i].size;
	m->a->stats(m->a, &stats);
	CHECK(stats.used >= asked && stats.used + stats.free <= stats.total, "%zu used, %zu free",
	      stats.used, stats.free);
	CHECK(stats.allocations - stats.releases == m->count, "%u blocks", m->count);
	CHECK(stats.largest_free <= stats.free && stats.used <= stats.peak, "%zu", stats.peak);
}

/* All memory is free again, in pieces as large as at the beginning. */
static void check_end(struct model *m, const struct uc_alloc_stats *begin)
{
	struct uc_alloc_stats stats;

	while (m->count > 0)
		release(m, m->reuses ? random_below(m->count) : m->count - 1);
	/* A failing call makes the allocator give up what it keeps for later. */
	CHECK(!uc_alloc_from(m->a, (size_t)1 << 40, 0), "1 TiB");
	m->a->stats(m->a, &stats);
	CHECK(stats.used == 0 && stats.free == begin->free &&
		      stats.largest_free == begin->largest_free,
	      "%zu used, %zu of %zu free, largest %zu of %zu", stats.used, stats.free, begin->free,
	      stats.largest_free, begin->largest_free);
}

static void run_round(const struct subject *subject)
{
	static struct model m;
	struct uc_alloc_stats begin;
	void *starts[RANGES];

	m = (struct model){ .reuses = subject->reuses };
	for (unsigned int r = 0; r < RANGES; r++) {
		/* Any start and size; what the memory holds before must not matter. */
		m.sizes[r] = 40000 + random_below(400000);
		starts[r] = m.memory[r] = malloc(m.sizes[r]);
		m.taken[r] = calloc(1, m.sizes[r]);
		for (size_t i = 0; i < m.sizes[r]; i++)
			m.memory[r][i] = (unsigned char)random_bits();
	}
	m.a = subject->make(starts, m.sizes, RANGES);
	m.a->stats(m.a, &begin);
	for (unsigned int i = 0; i < STEPS; i++) {
		/* Fills up and drains in turns, so that memory runs out. */
		unsigned int growth = i / 1500 % 2 ? 4 : 7;

		if (m.count == 0 || random_below(10) < growth)
			allocate(&m);
		else if (random_below(3) == 0)
			resize(&m, random_below(m.count));
		else
			release(&m, random_below(m.count));
		if (i % 64 == 0)
			check_stats(&m);
	}
	check_end(&m, &begin);
	for (unsigned int r = 0; r < RANGES; r++) {
		free(m.memory[r]);
		free(m.taken[r]);
	}
}

unsigned long test_model(const struct subject *subject)
{
	for (unsigned int i = 0; i < ROUNDS; i++)
		run_round(subject);
	return (unsigned long)ROUNDS * STEPS;
}
