// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import {
  digestSchema,
  folderNameSchema,
  labelKeySchema,
  labelsSchema,
  labelValueSchema,
  MAXIMUM_LABELS,
  pageOf,
  resourceNameSchema,
  selectorSchema,
  sourceDigestSchema,
  symbolsSchema,
  targetSchema,
  timestampSchema,
  uuidSchema,
  waitQuerySchema,
} from './common.js';

export const instancePhaseSchema = z
  .enum([
    'pending',
    'creating',
    'paused',
    'booting',
    'running',
    'stopping',
    'stopped',
    'failed',
    'lost',
  ])
  .meta({ id: 'InstancePhase' });

export const restartPolicySchema = z
  .enum(['never', 'on-failure', 'always'])
  .meta({ id: 'RestartPolicy' });

const MAXIMUM_ARGUMENT_BYTES = 32_768;

/** Whole arguments; nothing splits or interprets them again, so any character but NUL may stand in them. */
const argsSchema = z
  .array(
    z
      .string()
      .max(4096)
      .refine((argument) => !argument.includes('\0'), { message: 'an argument cannot hold NUL' }),
  )
  .max(256)
  .refine(
    (args) => args.reduce((sum, a) => sum + Buffer.byteLength(a) + 1, 0) <= MAXIMUM_ARGUMENT_BYTES,
    { message: `all arguments together are at most ${MAXIMUM_ARGUMENT_BYTES} bytes` },
  );

const secondsSchema = z
  .int()
  .min(0)
  .max(10 * 366 * 86_400);

const deadlinesSchema = z
  .strictObject({
    startSeconds: secondsSchema.optional().meta({
      description: 'From acceptance, or the restart, until the domain is there',
    }),
    bootSeconds: secondsSchema.optional().meta({
      description: 'From then until the guest reaches main',
    }),
  })
  .meta({ id: 'Deadlines' });

/** How long an instance lives and how often it is started again. Null: no limit. */
const lifeShape = {
  restartPolicy: restartPolicySchema.optional(),
  restartLimit: z.int().min(0).max(1_000_000).nullable().optional().meta({
    description: 'Restarts by policy, at most, without a stable run between them',
  }),
  ttlSeconds: secondsSchema.nullable().optional().meta({
    description: 'After so long since its creation it is deleted',
  }),
  ttlAfterFinishedSeconds: secondsSchema.nullable().optional().meta({
    description: 'After so long since its end it is deleted',
  }),
};

/** A name, or with `count` what the names are made of. */
const nameOrTemplateSchema = z
  .string()
  .max(80)
  .regex(
    /^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?|[-a-z0-9]*\{n(?::0[1-9])?\}[-a-z0-9]*)$/,
    'must be lower-case letters, digits and -, at most 63, with a letter or digit at both ends; with count, {n} or {n:04} may stand in it',
  )
  .meta({
    description:
      'With count, {n} in it is 1 and so on, and {n:04} the same in four digits; without either, -{n} follows the name',
  });

export const createInstanceSchema = z
  .strictObject({
    image: digestSchema.optional(),
    app: folderNameSchema.optional(),
    source: sourceDigestSchema.optional(),
    target: targetSchema.optional(),
    symbols: symbolsSchema.optional(),
    name: nameOrTemplateSchema.optional(),
    host: resourceNameSchema.optional(),
    memory: z
      .int()
      .min(4096)
      .max(2 ** 40)
      .optional()
      .meta({ description: 'bytes' }),
    vcpus: z.int().min(1).max(128).optional(),
    args: argsSchema.optional(),
    labels: labelsSchema.optional(),
    ...lifeShape,
    deadlines: deadlinesSchema.optional(),
    paused: z.boolean().optional(),
    provisioning: z.enum(['any', 'cold']).optional().meta({
      description: 'cold: take nothing from a warm pool',
    }),
    count: z.int().min(1).max(10_000).optional(),
    allOrNothing: z
      .boolean()
      .optional()
      .meta({ description: 'With count: refuse the whole if a name is taken or not all fit' }),
  })
  .superRefine((body, context) => {
    const issue = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (body.count === undefined) {
      if (body.name?.includes('{') === true) issue('name', '{n} needs a count');
      if (body.allOrNothing !== undefined) issue('allOrNothing', 'needs a count');
    }
    if (body.image === undefined) {
      if ((body.app === undefined) === (body.source === undefined)) {
        issue(
          'app',
          'give an app of the pools or an uploaded source (with its target), or an image',
        );
      } else if (body.target === undefined)
        issue('target', 'an app needs a target, as in kvm-x86_64');
      return;
    }
    for (const key of ['app', 'source', 'target', 'symbols'] as const) {
      if (body[key] !== undefined) issue(key, 'cannot be given together with an image');
    }
  })
  .meta({ id: 'CreateInstance' });

/** A merge patch (RFC 7396) of what may be changed of an instance that is there. */
export const updateInstanceSchema = z
  .strictObject({
    labels: z
      .record(labelKeySchema, labelValueSchema.nullable())
      .refine((labels) => Object.keys(labels).length <= 2 * MAXIMUM_LABELS, {
        message: `at most ${2 * MAXIMUM_LABELS} labels`,
      })
      .optional(),
    ...lifeShape,
  })
  .meta({ id: 'UpdateInstance' });

const MAXIMUM_GRACE = 3_600;
const GRACE = 'Seconds that the guest is given to end by itself, where its driver can ask it to';
const graceQuerySchema = z.coerce
  .number()
  .min(0)
  .max(MAXIMUM_GRACE)
  .default(0)
  .meta({ description: GRACE });

export const deleteInstanceQuerySchema = z.strictObject({
  ...waitQuerySchema.shape,
  grace: graceQuerySchema,
});

const conditionSchema = z.strictObject({
  type: z.enum(['Admitted', 'Created', 'Ready', 'HostReachable']),
  status: z.boolean(),
  reason: z.string(),
  message: z.string(),
  since: timestampSchema,
});

export const instanceSchema = z
  .strictObject({
    id: uuidSchema,
    name: z.string(),
    owner: z.string().nullable().meta({ description: 'Name of the token that it was made with' }),
    phase: instancePhaseSchema,
    app: z.string().nullable(),
    target: targetSchema.nullable(),
    image: digestSchema,
    host: z.string(),
    provisioning: z.enum(['warm', 'cold']),
    generation: z.int(),
    observedGeneration: z.int(),
    conditions: z.array(conditionSchema),
    labels: labelsSchema,
    exitCode: z.int().nullable(),
    memory: z.int().meta({ description: 'bytes' }),
    vcpus: z.int(),
    args: z.array(z.string()),
    restartPolicy: restartPolicySchema,
    restarts: z.int(),
    restartLimit: z.int().nullable(),
    ttlSeconds: z.int().nullable(),
    ttlAfterFinishedSeconds: z.int().nullable(),
    deadlines: deadlinesSchema,
    desired: z.enum(['running', 'paused', 'deleted']),
    readiness: z.enum(['guest', 'hypervisor']),
    bootNanoseconds: z.int().nullable(),
    timings: z.record(z.string(), timestampSchema),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Instance' });

export const instancePageSchema = pageOf(instanceSchema).meta({ id: 'InstancePage' });

export const listInstancesQuerySchema = z.strictObject({
  selector: selectorSchema.optional(),
  phase: instancePhaseSchema.optional(),
  host: resourceNameSchema.optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
  cursor: z.string().max(512).optional(),
});

const selectionShape = {
  selector: selectorSchema.min(1).optional(),
  all: z.literal(true).optional(),
};
const isOneOf: (selection: { selector?: unknown; all?: unknown }) => boolean = ({
  selector,
  all,
}) => (selector === undefined) !== (all === undefined);
const ONE_OF = { message: 'give a selector, or all: true', path: ['selector'] };

/** Which instances a change is about. A field that was forgotten never stands for all of them. */
export const selectionSchema = z
  .strictObject(selectionShape)
  .refine(isOneOf, ONE_OF)
  .meta({ id: 'Selection' });

/** Which instances are deleted, and how. */
export const deleteSelectionSchema = z
  .strictObject({
    ...selectionShape,
    grace: z.number().min(0).max(MAXIMUM_GRACE).optional().meta({ description: GRACE }),
  })
  .refine(isOneOf, ONE_OF)
  .meta({ id: 'DeleteSelection' });

export const deleteSelectionQuerySchema = z.strictObject({
  selector: selectorSchema.min(1),
  grace: graceQuerySchema,
});

export const instanceStatsSchema = z
  .strictObject({
    id: uuidSchema,
    cpuNanoseconds: z.number(),
    memoryBytes: z.number(),
  })
  .meta({ id: 'InstanceStats' });

export const consoleQuerySchema = z.strictObject({
  from: z.coerce.number().int().min(0).default(0).meta({
    description: 'Byte offset in all that the guest has printed',
  }),
});

export type UpdateInstanceBody = z.infer<typeof updateInstanceSchema>;
export type SelectionBody = z.infer<typeof selectionSchema>;
export type DeleteSelectionBody = z.infer<typeof deleteSelectionSchema>;
export type CreateInstanceBody = z.infer<typeof createInstanceSchema>;
export type InstanceDocument = z.infer<typeof instanceSchema>;
