// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const APPLICATIONS = fileURLToPath(new URL('../../pools/app', import.meta.url));

/** Builds an application of the pools by hand, and gives the path of its image for a target. */
export function poolImage(app: string, target: string): string {
  const folder = join(APPLICATIONS, app);
  const options = ['-s', '-C', folder, `TARGETS=${target}`];
  execFileSync('make', options, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 });
  return join(folder, 'build', `${app}_${target}`);
}
