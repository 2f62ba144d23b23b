/* SPDX-License-Identifier: BSD-3-Clause */
/* What instances say: console output and readiness. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "launcher.h"

/* An instance's output pipe is readable. */
void instance_output_ready(struct instance *instance);
/* An instance's readiness pipe is readable (or closed). */
void instance_ready_ready(struct instance *instance);
/* Takes in what an ended instance's pipe still holds. */
void output_drain(struct instance *instance);
/* Tells a reader that waits for this instance's output. */
void output_tell(struct instance *instance);
/* Listens again to those that had printed too much, once a new period has begun. */
void output_new_period_if_due(void);
/* How many instances are not listened to until the next period. */
uint32_t output_throttled(void);

/* Length of a period in milliseconds, and the bytes that one instance may print in it. */
#define OUTPUT_PERIOD_MS    100
#define OUTPUT_PERIOD_BYTES (1u << 20)

#endif
