// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Another way to start the same program: milliseconds from the request to `main`, for each of some starts. */
export interface Rival {
  readonly name: string;
  /** The point that counts as `main`. */
  readonly until: string;
  measure(): Promise<readonly number[]>;
}

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Compiles the C benchmark, and gives its path. */
export function compilePosixSpawn(directory: string): string {
  const path = join(directory, 'posix-spawn');
  const source = fileURLToPath(new URL('posix-spawn.c', import.meta.url));
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', path, source]);
  return path;
}

export function posixSpawnRival(program: string, image: string): Rival {
  return {
    name: 'posix_spawn in C',
    until: 'readiness byte',
    measure: () => {
      const lines = execFileSync(program, ['one', image, '10'], { encoding: 'utf8' });
      return Promise.resolve(
        lines
          .trim()
          .split('\n')
          .map((line) => Number(line) / 1e6),
      );
    },
  };
}

export function nodeSpawnRival(image: string): Rival {
  return {
    name: 'child_process.spawn',
    until: 'readiness byte',
    measure: async () => {
      const begin = now();
      const child = spawn(image, [], {
        env: { UC_READY_FD: '3' },
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      });
      const closed = once(child, 'exit');
      const ready = child.stdio[3];
      if (ready === undefined || ready === null) throw new Error('there is no fourth pipe');
      await once(ready, 'data');
      const end = now();
      await closed;
      return [end - begin];
    },
  };
}

/** Runs a command until its first byte of output. */
async function untilOutput(command: string, args: readonly string[]): Promise<number> {
  const begin = now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(child, 'exit');
  await once(child.stdout, 'data');
  const end = now();
  await closed;
  return end - begin;
}

export function bubblewrapRival(image: string): Rival {
  const args = ['--unshare-all', '--ro-bind', image, '/hello', '/hello'];
  return {
    name: 'bwrap --unshare-all',
    until: 'first output',
    measure: async () => [await untilOutput('bwrap', args)],
  };
}

export function runcRival(directory: string, image: string): Rival {
  const bundle = join(directory, 'bundle');
  mkdirSync(join(bundle, 'rootfs'), { recursive: true });
  copyFileSync(image, join(bundle, 'rootfs', 'hello'));
  chmodSync(join(bundle, 'rootfs', 'hello'), 0o755);
  execFileSync('runc', ['spec'], { cwd: bundle });
  const path = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as {
    process: { terminal: boolean; args: string[] };
  };
  config.process.terminal = false;
  config.process.args = ['/hello'];
  writeFileSync(path, JSON.stringify(config));
  let count = 0;
  return {
    name: 'runc run',
    until: 'first output',
    measure: async () => {
      const id = `unicore-bench-${process.pid}-${++count}`;
      const root = join(directory, 'runc');
      return [await untilOutput('runc', ['--root', root, 'run', '--bundle', bundle, id])];
    },
  };
}

/** The nanoseconds that `posix-spawn bulk` takes for `count` programs that live, as a rate per second. */
export function posixSpawnRate(program: string, image: string, count: number): number {
  const result = spawnSync(program, ['bulk', image, String(count)], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`posix-spawn failed: ${result.stderr}`);
  return (count / Number(result.stdout)) * 1e9;
}
