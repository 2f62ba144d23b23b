// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import {
  gatherLinuxFacts,
  type DaemonFacts,
  type LinuxFacts,
  type RunThere,
} from '../../../../diagnosis/index.js';
import { messageOf } from '../../../../errors/index.js';
import { runCommand } from '../../../../process/index.js';
import { uidBase, type LauncherSettings } from '../launcher-process.js';

/** What Linux processes as guests depend on. */
export interface LinuxuFacts {
  readonly linux: LinuxFacts;
  /** The launcher of the host, if it runs. */
  readonly launcher: DaemonFacts | null;
  /** Null if its program runs here, else why not. */
  readonly launcherFailure: string | null;
  /** Processes that the user may have, if guests are that user's; infinite if each has a user of its own. */
  readonly userProcesses: number | null;
  readonly isRoot: boolean;
  /** Whether each guest gets a user id of its own. */
  readonly separateUsers: boolean;
}

const MILLISECONDS = 10_000;
/** Exit code of the launcher for a wrong command line, EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;
const PROGRAM = 'unicore-launcher';

export async function gatherLinuxuFacts(
  settings: LauncherSettings,
  signal: AbortSignal,
): Promise<LinuxuFacts> {
  const run: RunThere = ([file = '', ...args]) =>
    runCommand(file, args, { timeoutMilliseconds: MILLISECONDS, signal });
  const [linux, launcherFailure, limits] = await Promise.all([
    gatherLinuxFacts(run, 'self', [PROGRAM]),
    failureOf(run, settings.launcherPath),
    readFile('/proc/self/limits', 'utf8'),
  ]);
  const ours = `--state ${settings.stateDirectory} `;
  return {
    linux,
    launcher: linux.daemons.find(({ commandLine }) => commandLine.includes(ours)) ?? null,
    launcherFailure,
    userProcesses: userProcesses(limits),
    isRoot: process.geteuid?.() === 0,
    separateUsers: uidBase(settings) !== null,
  };
}

/** Runs the launcher as far as its own words on how to be called. */
async function failureOf(run: RunThere, path: string): Promise<string | null> {
  try {
    const { exitCode } = await run([path]);
    return exitCode === EXIT_USAGE ? null : `${path} ended with ${String(exitCode)}`;
  } catch (error) {
    return messageOf(error);
  }
}

/** `Max processes` of /proc/PID/limits (proc(5)). */
function userProcesses(limits: string): number | null {
  const value = /^Max processes\s+(\d+|unlimited)/m.exec(limits)?.[1];
  return value === undefined ? null : value === 'unlimited' ? Infinity : Number(value);
}
