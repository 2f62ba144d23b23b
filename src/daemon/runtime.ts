// SPDX-License-Identifier: BSD-3-Clause
import { execArgv, execPath, argv, env } from 'node:process';

/**
 * V8 lets the space for new objects grow to three times 32 MiB, and gives nothing of it back: more than all instances take, and
 * it is used up by the first thousand requests. A fourth costs no time that could be measured (SPEC.md). It can only be set
 * before the heap is made, hence from outside: https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib.
 */
const FLAG = '--max-semi-space-size';
const MEBIBYTES = 8;

/**
 * Makes this process one whose heap has our limits: it begins anew, as the same process, unless it was begun with them, or with
 * others that whoever started it wants.
 */
export function limitHeap(): void {
  const given = [...execArgv, env.NODE_OPTIONS ?? ''].join(' ').replaceAll('_', '-');
  // Before Node.js 22.15 there is no execve: it then takes more memory, and is right all the same.
  if (given.includes(FLAG) || process.execve === undefined) return;
  process.execve(execPath, [execPath, `${FLAG}=${MEBIBYTES}`, ...execArgv, ...argv.slice(1)], env);
}
