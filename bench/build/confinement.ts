// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import type * as CommandModule from '../../src/build/sandbox/bubblewrap-command.js';
import type * as LimitsModule from '../../src/build/sandbox/limits.js';

const dist = (path: string): Promise<unknown> =>
  import(new URL(`../../dist/build/sandbox/${path}`, import.meta.url).href);
const { bubblewrapCommand } = (await dist('bubblewrap-command.js')) as typeof CommandModule;
const { defaultLimits } = (await dist('limits.js')) as typeof LimitsModule;

/** What a build is run in, with nothing to do inside. */
export const EMPTY_CONFINED: readonly string[] = bubblewrapCommand({
  program: 'bwrap',
  mounts: [],
  limits: defaultLimits(1),
  processorSeconds: 10,
  user: process.getuid?.() === 0 ? 65_520 : null,
  environment: { PATH: '/usr/bin:/bin' },
  command: ['true'],
});

/** Runs a command that says nothing, to its end. */
export function runQuietly([program = '', ...args]: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${program} failed: ${stderr.toString()}`);
}
