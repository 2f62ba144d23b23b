/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef EVENTS_H
#define EVENTS_H

#include "launcher.h"

#define EVENTS_KEPT 65536u

enum event_kind {
	EVENT_STARTED = 1,
	EVENT_READY = 2,
	EVENT_PAUSED = 3,
	EVENT_RESUMED = 4,
	EVENT_ENDED = 5,
	EVENT_REMOVED = 6,
	EVENT_OUTPUT = 7,
	EVENT_PARKED = 8,
};

struct event {
	uint64_t seq;
	uint8_t id[ID_BYTES];
	uint8_t kind;
	uint8_t reason;
	int32_t code;
};

/* Appends an event of an instance; the oldest goes if EVENTS_KEPT are there. */
void event_add(enum event_kind kind, const struct instance *instance);
/* Number of the newest event; 0 if there was none. */
uint64_t event_last(void);
/* The event with this number, or NULL if it is no longer (or not yet) there. */
const struct event *event_get(uint64_t seq);

#endif
