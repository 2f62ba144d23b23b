// SPDX-License-Identifier: BSD-3-Clause
import type { UpdateInstanceBody } from '../wire/index.js';
import { CommandError, EXIT } from './exit-codes.js';

/** The options that say how long an instance lives and how often it is started again. */
export interface LifeOptions {
  readonly restart?: string;
  readonly ttl?: string;
  readonly ttlAfterFinished?: string;
}

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** The fields of a request that the options stand for; those that were not given are undefined. */
export function lifeOf({ restart, ttl, ttlAfterFinished }: LifeOptions) {
  const [policy, limit] = restart?.split(':') ?? [];
  return {
    restartPolicy: policy as UpdateInstanceBody['restartPolicy'],
    restartLimit: restart === undefined ? undefined : limit === undefined ? null : Number(limit),
    ttlSeconds: secondsOf(ttl, '--ttl'),
    ttlAfterFinishedSeconds: secondsOf(ttlAfterFinished, '--ttl-after-finished'),
  };
}

/** Seconds of `90s`, `15m`, `12h`, `7d`; null for `none`. @throws CommandError */
function secondsOf(text: string | undefined, option: string): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const [, digits, unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new CommandError(`${option} ${text}: write 90s, 15m, 12h, 7d or none`, EXIT.usage);
  }
  return Number(digits) * UNITS[unit === '' ? 's' : (unit as keyof typeof UNITS)];
}
