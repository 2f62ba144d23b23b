// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';

/**
 * Sends a signal to every process of a group. Does nothing if the group is empty.
 * A group's number is not given to a new process as long as the group has a member, so this cannot hit a stranger
 * while the group lives.
 */
export function signalProcessGroup(group: number, signal: NodeJS.Signals): void {
  if (!Number.isSafeInteger(group) || group <= 1) {
    throw new RangeError(`${group} is not a process group that may be signalled`);
  }
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * When a process started, in clock ticks since boot, or null if there is none. With the pid it names a process for
 * good: a number that was given to another process comes with another start time. Source: proc(5), `stat` field 22.
 */
export function processStartTime(pid: number): number | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The second field is the program's name in parentheses and may hold blanks and parentheses itself.
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(afterName[19]);
  return Number.isFinite(ticks) ? ticks : null;
}
