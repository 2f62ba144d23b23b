// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';

/** Memory that new programs could have, in bytes: MemAvailable of proc(5). */
export function availableBytes(): number {
  const found = /MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'));
  return Number(found?.[1] ?? NaN) * 1024;
}
