// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** Where Debian's ccache has a link for each compiler, which takes its place when it is first on the path. */
const CCACHE_LINKS = '/usr/lib/ccache';

interface MakeOptions {
  readonly app: string;
  readonly target: string;
  /** A file with the choices; those of the application's defconfig unless given. */
  readonly choices?: string;
  /** Our cache of objects. */
  readonly cache?: string;
  /** ccache's folder, which then takes the place of ours. */
  readonly ccache?: string;
}

/** Builds with make, without a daemon. Folders are below one directory. */
export class ByHand {
  readonly #pools: string;
  readonly #directory: string;

  constructor(pools: string, directory: string) {
    this.#pools = pools;
    this.#directory = directory;
  }

  make(folder: string, { app, target, choices, cache, ccache }: MakeOptions): void {
    const args = [
      '-s',
      '-C',
      join(this.#pools, 'app', app),
      `O=${this.#path(folder)}`,
      `TARGETS=${target}`,
      `UC_CACHE=${cache === undefined ? '' : this.#path(cache)}`,
      `-j${availableParallelism()}`,
    ];
    if (choices !== undefined) args.push(`UC_CONFIG=${choices}`);
    const environment = ccache === undefined ? {} : this.#ccache(ccache);
    execFileSync('make', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...environment },
    });
  }

  remove(folder: string): void {
    rmSync(this.#path(folder), { recursive: true });
  }

  /** How many compilations ccache has answered. */
  ccacheHits(ccache: string): number {
    const env = { ...process.env, ...this.#ccache(ccache) };
    const text = execFileSync('ccache', ['--print-stats'], { env, encoding: 'utf8' });
    const counted = [...text.matchAll(/^(?:direct|preprocessed)_cache_hit\t(\d+)$/gm)];
    return counted.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  #ccache(folder: string): Record<string, string> {
    return {
      PATH: `${CCACHE_LINKS}:${process.env.PATH ?? ''}`,
      CCACHE_DIR: this.#path(folder),
    };
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}
