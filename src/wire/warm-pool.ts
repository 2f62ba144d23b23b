// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import {
  digestSchema,
  folderNameSchema,
  pageOf,
  resourceNameSchema,
  symbolsSchema,
  targetSchema,
  timestampSchema,
} from './common.js';

const warmthSchema = z.enum(['booted', 'created']);
const sizeSchema = z.int().min(0).max(1_000);

export const putWarmPoolSchema = z
  .strictObject({
    image: digestSchema.optional(),
    app: folderNameSchema.optional(),
    target: targetSchema.optional(),
    symbols: symbolsSchema.optional(),
    host: resourceNameSchema.optional(),
    memory: z
      .int()
      .min(4096)
      .max(2 ** 40)
      .optional()
      .meta({ description: 'bytes' }),
    vcpus: z.int().min(1).max(128).optional(),
    warmth: warmthSchema.optional().meta({
      description: 'booted: waits before main for its arguments; created: paused at its start',
    }),
    args: z.array(z.string().max(4096)).max(256).optional().meta({ description: 'of created' }),
    size: sizeSchema.optional().meta({ description: 'min and max in one' }),
    min: sizeSchema.optional(),
    max: sizeSchema.optional(),
  })
  .superRefine((body, context) => {
    const issue = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if ((body.image === undefined) === (body.app === undefined)) {
      issue('image', 'give an image, or an app and its target');
    }
    if (body.app !== undefined && body.target === undefined)
      issue('target', 'an app needs a target');
    if (body.size === undefined && body.max === undefined)
      issue('size', 'give size, or min and max');
    if (body.size !== undefined && (body.min ?? body.max) !== undefined) {
      issue('size', 'cannot be given together with min and max');
    }
  })
  .meta({ id: 'PutWarmPool' });

export const warmPoolSchema = z
  .strictObject({
    name: z.string(),
    image: digestSchema,
    app: z.string().nullable(),
    target: targetSchema.nullable(),
    host: z.string().nullable(),
    memory: z.int().meta({ description: 'bytes' }),
    vcpus: z.int(),
    warmth: warmthSchema,
    args: z.array(z.string()),
    min: z.int(),
    max: z.int(),
    desired: z.int().meta({ description: 'how many there should be now' }),
    ready: z.int(),
    warming: z.int(),
    hits: z.int().meta({ description: 'requests since the daemon started that got a guest of it' }),
    misses: z.int().meta({ description: 'requests since the daemon started that found none' }),
    condition: z.strictObject({ reason: z.string(), message: z.string() }),
    createdAt: timestampSchema,
  })
  .meta({ id: 'WarmPool' });
export const warmPoolPageSchema = pageOf(warmPoolSchema).meta({ id: 'WarmPoolPage' });

export type PutWarmPoolBody = z.infer<typeof putWarmPoolSchema>;
export type WarmPoolDocument = z.infer<typeof warmPoolSchema>;
