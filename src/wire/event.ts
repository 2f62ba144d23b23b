// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { RESOURCE_KINDS, selectorSchema, timestampSchema } from './common.js';

const requestIdSchema = z.int().min(0);

/** What a client may send on `/v1/events`. Each message is answered by its `id`. */
export const eventRequestSchema = z.discriminatedUnion('op', [
  z.strictObject({
    id: requestIdSchema,
    op: z.literal('subscribe'),
    kinds: z.array(z.enum(RESOURCE_KINDS)).min(1).max(RESOURCE_KINDS.length),
    selector: selectorSchema.optional(),
    since: z.int().min(0).optional(),
  }),
  z.strictObject({
    id: requestIdSchema,
    op: z.literal('unsubscribe'),
    subscription: requestIdSchema,
  }),
]);

export const eventSchema = z
  .strictObject({
    seq: z.int(),
    time: timestampSchema,
    type: z.string(),
    resource: z.strictObject({ kind: z.enum(RESOURCE_KINDS), id: z.string() }),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' });

/**
 * One page of what there is. `seq` is the event that it is sure to contain; events after it follow. A subscription's
 * snapshot has ended with the page whose `last` is true.
 */
export const eventSnapshotSchema = z.strictObject({
  id: requestIdSchema,
  op: z.literal('snapshot'),
  kind: z.enum(RESOURCE_KINDS),
  seq: z.int(),
  items: z.array(z.unknown()),
  last: z.boolean(),
});

export type EventRequest = z.infer<typeof eventRequestSchema>;
export type EventDocument = z.infer<typeof eventSchema>;
export type EventSnapshot = z.infer<typeof eventSnapshotSchema>;
