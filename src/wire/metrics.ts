// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { selectorSchema, timestampSchema } from './common.js';

export const metricsHistoryQuerySchema = z.strictObject({
  metric: z
    .string()
    .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/, 'must be the name of a metric')
    .optional(),
  from: timestampSchema.optional().meta({ description: 'An hour ago unless told' }),
  step: z.coerce.number().int().min(1).max(86_400).default(15).meta({
    description: 'Seconds between points; of those closer together the last stays',
  }),
});

export const metricsHistorySchema = z
  .strictObject({
    metric: z.string().nullable(),
    step: z.int().meta({ description: 'seconds' }),
    names: z.array(z.string()),
    series: z.array(
      z.strictObject({
        labels: z.record(z.string(), z.string()),
        points: z.array(z.strictObject({ time: timestampSchema, value: z.number() })),
      }),
    ),
  })
  .meta({ id: 'MetricsHistory' });

export const instanceMetricsQuerySchema = z.strictObject({
  selector: selectorSchema.optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});
