// SPDX-License-Identifier: BSD-3-Clause
import { execArgv, execPath, argv, env } from 'node:process';
import { setFlagsFromString } from 'node:v8';

/**
 * V8 lets the space for new objects grow to three times 32 MiB, and gives nothing of it back: more than all instances take, and
 * it is used up by the first thousand requests. A fourth costs no time that could be measured (SPEC.md). It can only be set
 * before the heap is made, hence from outside: https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib.
 */
const FLAG = '--max-semi-space-size';
const MEBIBYTES = 8;
/**
 * How much what lives long may grow, percent, before it is collected again; V8 would wait for up to four times as much. With 10,000 instances
 * the daemon takes a tenth less memory, and a third less when they are gone, for no more time (SPEC.md). Not one of Node.js's own options: a V8
 * that does not know it leaves things as they are.
 */
const OLD_GENERATION = '--heap-growing-percent=30';

/**
 * Makes this process one whose heap has our limits: it begins anew, as the same process, unless it was begun with them, or with
 * others that whoever started it wants.
 */
export function limitHeap(): void {
  setFlagsFromString(OLD_GENERATION);
  const given = [...execArgv, env.NODE_OPTIONS ?? ''].join(' ').replaceAll('_', '-');
  // Before Node.js 22.15 there is no execve: it then takes more memory, and is right all the same.
  if (given.includes(FLAG) || process.execve === undefined) return;
  process.execve(execPath, [execPath, `${FLAG}=${MEBIBYTES}`, ...execArgv, ...argv.slice(1)], env);
}
