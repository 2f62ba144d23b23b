// SPDX-License-Identifier: BSD-3-Clause
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** The share of all processors' time, 0 to 1, that the machine uses in the next seconds. */
export async function busyShare(seconds: number): Promise<number> {
  const before = times();
  await sleep(seconds * 1000);
  const after = times();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function times(): { readonly idle: number; readonly all: number } {
  let idle = 0;
  let all = 0;
  for (const { times: each } of cpus()) {
    idle += each.idle;
    all += each.user + each.nice + each.sys + each.irq + each.idle;
  }
  return { idle, all };
}
