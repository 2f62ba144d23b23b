// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { pageOf } from './common.js';

export const hostSchema = z
  .strictObject({
    id: z.string(),
    driver: z.enum(['libvirt', 'linuxu', 'xl', 'sim']),
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
        acceleration: z.string(),
      })
      .nullable(),
    concurrency: z
      .int()
      .meta({ description: 'Domains that it is given to create at the same time' }),
    reservedBytes: z.int().meta({ description: 'Memory that our instances have reserved' }),
    instances: z.int(),
    strangers: z.int().meta({ description: 'Domains on the host that are not ours' }),
  })
  .meta({ id: 'Host' });
export const hostPageSchema = pageOf(hostSchema).meta({ id: 'HostPage' });

export type HostDocument = z.infer<typeof hostSchema>;
