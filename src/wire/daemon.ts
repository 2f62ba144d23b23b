// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

/** Answer of `/v1/version`. */
export const versionSchema = z
  .strictObject({ name: z.literal('unicored'), version: z.string(), api: z.literal('v1') })
  .meta({ id: 'Version' });

/** Answer of `/healthz`. */
export const healthSchema = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Health' });

/** Answer of `/readyz`: ready when every check holds. A host that is down does not make the daemon unready. */
export const readinessSchema = z
  .strictObject({
    status: z.enum(['ready', 'not-ready']),
    checks: z.record(z.string(), z.strictObject({ ok: z.boolean(), message: z.string() })),
  })
  .meta({ id: 'Readiness' });
