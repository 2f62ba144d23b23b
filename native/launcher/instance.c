// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "instance.h"

#include "console.h"
#include "events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct instance *table;
static uint32_t *buckets;
static uint32_t bucket_count;
static uint32_t used;
/* One bit for each process number that there can be: PID_MAX_LIMIT is 4 Mi (proc(5), pid_max). */
#define PID_LIMIT (4u << 20)
static uint8_t own_pids[PID_LIMIT / 8];
static uint32_t ended;
/* Free slots are found by walking on from the last one taken: amortised constant, and reuse comes
 * late. */
static uint32_t next_slot;

int instances_init(void)
{
	uint32_t i;

	for (bucket_count = 1024; bucket_count < options.max_instances; bucket_count *= 2)
		;
	table = calloc(options.max_instances, sizeof(*table));
	buckets = malloc(bucket_count * sizeof(*buckets));
	if (!table || !buckets)
		return -ENOMEM;
	for (i = 0; i < bucket_count; i++)
		buckets[i] = NO_SLOT;
	return 0;
}

uint32_t instances_used(void)
{
	return used;
}

uint32_t instances_alive(void)
{
	return used - ended;
}

struct instance *instance_at(uint32_t slot)
{
	return slot < options.max_instances && table[slot].state != STATE_FREE ? &table[slot]
									       : NULL;
}

uint32_t instance_slot(const struct instance *instance)
{
	return (uint32_t)(instance - table);
}

uint32_t instance_uid(uint32_t slot)
{
	return options.uid_base ? options.uid_base + slot : 0;
}

static void own_pid(pid_t pid, bool own)
{
	uint8_t bit = (uint8_t)(1u << (pid % 8));

	if (pid <= 0 || (uint32_t)pid >= PID_LIMIT)
		return;
	if (own)
		own_pids[pid / 8] |= bit;
	else
		own_pids[pid / 8] &= (uint8_t)~bit;
}

bool instances_own(pid_t pid)
{
	return pid > 0 && (uint32_t)pid < PID_LIMIT && own_pids[pid / 8] >> (pid % 8) & 1;
}

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): ids are random, so any mixing will do. */
static uint32_t *bucket_of(const uint8_t *id)
{
	uint32_t hash = 2166136261u;
	int i;

	for (i = 0; i < ID_BYTES; i++)
		hash = (hash ^ id[i]) * 16777619u;
	return &buckets[hash & (bucket_count - 1)];
}

struct instance *instance_find(const uint8_t *id)
{
	uint32_t slot = *bucket_of(id);

	while (slot != NO_SLOT && memcmp(table[slot].id, id, ID_BYTES) != 0)
		slot = table[slot].next_in_bucket;
	return slot == NO_SLOT ? NULL : &table[slot];
}

static uint32_t free_slot(uint32_t wanted)
{
	if (used == options.max_instances)
		return NO_SLOT;
	if (wanted < options.max_instances && table[wanted].state == STATE_FREE)
		return wanted;
	while (table[next_slot].state != STATE_FREE)
		next_slot = (next_slot + 1) % options.max_instances;
	wanted = next_slot;
	next_slot = (next_slot + 1) % options.max_instances;
	return wanted;
}

struct instance *instance_add(const uint8_t *id, const char *name, uint32_t wanted)
{
	uint32_t slot = free_slot(wanted);
	uint32_t *bucket = bucket_of(id);
	struct instance *instance;
	uint32_t generation;

	if (slot == NO_SLOT)
		return NULL;
	instance = &table[slot];
	generation = instance->generation + 1;
	*instance = (struct instance){
		.generation = generation,
		.next_in_bucket = *bucket,
		.pid_fd = -1,
		.output_fd = -1,
		.ready_fd = -1,
		.state = STATE_RUNNING,
	};
	memcpy(instance->id, id, ID_BYTES);
	strncpy(instance->name, name, NAME_MAX_LEN);
	*bucket = slot;
	used++;
	return instance;
}

static int watch_if_open(struct instance *instance, int fd, enum source source)
{
	return fd < 0 ? 0 : watch(fd, source, instance_slot(instance), instance->generation);
}

int instance_start(struct instance *instance)
{
	int result = watch_if_open(instance, instance->pid_fd, SOURCE_PROCESS);

	if (!result)
		result = watch_if_open(instance, instance->output_fd, SOURCE_OUTPUT);
	if (!result)
		result = watch_if_open(instance, instance->ready_fd, SOURCE_READY);
	if (result)
		return result;
	own_pid(instance->pid, true);
	event_add(EVENT_STARTED, instance);
	return 0;
}

/* Closing the last descriptor of a pipe or process takes it out of the epoll set (epoll(7),
 * question 6). */
static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void instance_remove(struct instance *instance)
{
	uint32_t *link = bucket_of(instance->id);

	while (*link != instance_slot(instance))
		link = &table[*link].next_in_bucket;
	*link = instance->next_in_bucket;
	close_fd(&instance->pid_fd);
	close_fd(&instance->output_fd);
	close_fd(&instance->ready_fd);
	console_free(&instance->console);
	if (instance->state == STATE_ENDED)
		ended--;
	used--;
	instance->state = STATE_FREE;
}

void instance_note_end(struct instance *instance)
{
	close_fd(&instance->pid_fd);
	close_fd(&instance->output_fd);
	close_fd(&instance->ready_fd);
	own_pid(instance->pid, false);
	instance->state = STATE_ENDED;
	ended++;
	event_add(EVENT_ENDED, instance);
}
