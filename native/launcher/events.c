// SPDX-License-Identifier: BSD-3-Clause
#include "events.h"

#include <string.h>

static struct event kept[EVENTS_KEPT];
static uint64_t last;

void event_add(enum event_kind kind, const struct instance *instance)
{
	struct event *event = &kept[++last % EVENTS_KEPT];

	event->seq = last;
	memcpy(event->id, instance->id, ID_BYTES);
	event->kind = (uint8_t)kind;
	event->reason = instance->reason;
	event->code = kind == EVENT_READY ? instance->boot_nanoseconds : instance->code;
}

uint64_t event_last(void)
{
	return last;
}

const struct event *event_get(uint64_t seq)
{
	const struct event *event = &kept[seq % EVENTS_KEPT];

	return seq && event->seq == seq ? event : NULL;
}
