// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { pageOf } from './common.js';

const DRIVERS = ['libvirt', 'linuxu', 'xl', 'sim'] as const;

export const hostSchema = z
  .strictObject({
    id: z.string(),
    driver: z.enum(DRIVERS),
    state: z.enum(['up', 'down']),
    reason: z.string().nullable(),
    capabilities: z.strictObject({
      bootProtocols: z.array(z.string()),
      architectures: z.array(z.string()),
      platforms: z.array(z.string()),
      pause: z.boolean(),
      createPaused: z.boolean(),
      park: z.boolean(),
      gracefulShutdown: z.boolean(),
      console: z.enum(['none', 'output', 'both']),
      exitCode: z.boolean(),
      stats: z.boolean(),
    }),
    facts: z
      .strictObject({
        hypervisor: z.string(),
        memoryBytes: z.number().nullable(),
        freeMemoryBytes: z.number().nullable(),
        cpus: z.number().nullable(),
        overhead: z.strictObject({ perGuest: z.int(), perVcpu: z.int() }).meta({
          description: 'Bytes that are reserved for each guest besides its own memory',
        }),
        acceleration: z.string(),
      })
      .nullable(),
    concurrency: z
      .int()
      .meta({ description: 'Domains that it is given to create at the same time' }),
    reservedBytes: z.int().meta({
      description: 'Memory reserved for our instances, with what the hypervisor takes for each',
    }),
    instances: z.int(),
    strangers: z.int().meta({ description: 'Domains on the host that are not ours' }),
  })
  .meta({ id: 'Host' });
export const hostPageSchema = pageOf(hostSchema).meta({ id: 'HostPage' });

export const findingSchema = z
  .strictObject({
    id: z.string().meta({ description: 'What was looked at, as in xen.autoballoon' }),
    severity: z.enum(['ok', 'warning', 'problem', 'unknown']),
    title: z.string(),
    found: z.string(),
    why: z.string().meta({ description: 'Why it matters' }),
    fix: z.string().meta({ description: 'A command or a line of a configuration; empty if ok' }),
  })
  .meta({ id: 'Finding' });

export const hostExaminationSchema = z
  .strictObject({
    host: z.string(),
    driver: z.enum(DRIVERS),
    findings: z.array(findingSchema).meta({ description: 'The worst first' }),
  })
  .meta({ id: 'HostExamination' });

export type FindingDocument = z.infer<typeof findingSchema>;
export type HostExaminationDocument = z.infer<typeof hostExaminationSchema>;
export type HostDocument = z.infer<typeof hostSchema>;
