// SPDX-License-Identifier: BSD-3-Clause
#include "output.h"

#include "console.h"
#include "events.h"
#include "instance.h"

#include <errno.h>
#include <unistd.h>

#define CHUNK_BYTES 16384
/* A pipe holds 64 KiB unless a guest asked for more (1 MiB at most without privilege, pipe(7)). */
#define DRAIN_BYTES (1u << 20)

static uint8_t chunk[CHUNK_BYTES];
static uint32_t throttled_count;

/* Reads once. Returns the bytes read; 0 if there is nothing now; -1 if the pipe is at its end. */
static int read_once(struct instance *instance)
{
	ssize_t count = read(instance->output_fd, chunk, sizeof(chunk));

	if (count <= 0)
		return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	console_append(&instance->console, chunk, (uint32_t)count, options.console_bytes,
		       options.console_total);
	return (int)count;
}

void output_tell(struct instance *instance)
{
	if (!instance->output_wanted)
		return;
	instance->output_wanted = false;
	event_add(EVENT_OUTPUT, instance);
}

/* An instance that floods its console waits for the next period; without this it would take the
 * launcher's whole time. */
static void account(struct instance *instance, uint32_t count)
{
	uint64_t period = now_ms() / OUTPUT_PERIOD_MS;

	if (instance->period != period) {
		instance->period = period;
		instance->period_bytes = 0;
	}
	instance->period_bytes += count;
	if (instance->period_bytes < OUTPUT_PERIOD_BYTES || instance->throttled)
		return;
	unwatch(instance->output_fd);
	instance->throttled = true;
	throttled_count++;
}

void instance_output_ready(struct instance *instance)
{
	int count;

	if (instance->output_fd < 0)
		return;
	count = read_once(instance);
	if (count < 0) {
		close(instance->output_fd);
		instance->output_fd = -1;
		instance_output_closed(instance);
	} else if (count > 0) {
		output_tell(instance);
		account(instance, (uint32_t)count);
	}
}

void output_drain(struct instance *instance)
{
	uint32_t drained = 0;
	int count;

	while (instance->output_fd >= 0 && drained < DRAIN_BYTES) {
		count = read_once(instance);
		if (count <= 0)
			break;
		drained += (uint32_t)count;
	}
}

/* Nanoseconds from entry to main, which follow the guest's `R` at once; 0 if it does not tell. What
 * does not fit is as long as fits. */
static int32_t boot_nanoseconds(const struct instance *instance)
{
	uint8_t bytes[8];
	uint64_t elapsed = 0;

	if (read(instance->ready_fd, bytes, sizeof(bytes)) != sizeof(bytes))
		return 0;
	for (size_t i = sizeof(bytes); i > 0; i--)
		elapsed = elapsed << 8 | bytes[i - 1];
	return elapsed < INT32_MAX ? (int32_t)elapsed : INT32_MAX;
}

/* Takes one byte of what the guest reports. Returns whether there may be more. */
static bool take_report(struct instance *instance)
{
	uint8_t byte;
	ssize_t count = read(instance->ready_fd, &byte, 1);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (count == 1 && byte == 'P') {
		instance->parked = true;
		event_add(EVENT_PARKED, instance);
		return true;
	}
	if (count == 1) {
		instance->ready = true;
		instance->boot_nanoseconds = boot_nanoseconds(instance);
	}
	close(instance->ready_fd);
	instance->ready_fd = -1;
	instance->parked = false;
	if (count == 1)
		event_add(EVENT_READY, instance);
	return false;
}

void instance_ready_ready(struct instance *instance)
{
	while (instance->ready_fd >= 0 && take_report(instance))
		;
}

uint32_t output_throttled(void)
{
	return throttled_count;
}

void output_new_period_if_due(void)
{
	static uint64_t last_period;
	uint64_t period = now_ms() / OUTPUT_PERIOD_MS;
	uint32_t slot;

	if (period == last_period)
		return;
	last_period = period;
	throttled_count = 0;
	for (slot = 0; slot < options.max_instances; slot++) {
		struct instance *instance = instance_at(slot);

		if (!instance || !instance->throttled)
			continue;
		instance->throttled = false;
		if (instance->output_fd >= 0)
			watch(instance->output_fd, SOURCE_OUTPUT, slot, instance->generation);
	}
}
