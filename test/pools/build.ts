// SPDX-License-Identifier: BSD-3-Clause
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MINIMAL_ENVIRONMENT, runCommand, type CommandResult } from '../../src/process/index.js';

/** The library pools of this checkout. */
export const POOLS = resolve(import.meta.dirname, '../../pools');

export const TARGETS = [
  'kvm-arm',
  'kvm-arm64',
  'kvm-x86_64',
  'linuxu-arm',
  'linuxu-arm64',
  'linuxu-x86_64',
] as const;
export type PoolTarget = (typeof TARGETS)[number];

/** A folder of its own for one test or suite. `await using` removes it. */
export interface Workspace extends AsyncDisposable {
  readonly path: string;
}

export async function makeWorkspace(): Promise<Workspace> {
  const path = await mkdtemp(join(tmpdir(), 'unicore-pools-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Copies the pools, without what was built by hand in them, to where a test may change them. */
export function copyPools(to: string): Promise<void> {
  return cp(POOLS, to, {
    recursive: true,
    filter: (source) => !source.startsWith(join(POOLS, 'app')) || !/\/build(\/|$)/.test(source),
  });
}

export interface MakeOptions {
  /** The application's folder. */
  readonly app: string;
  /** The build folder. */
  readonly out: string;
  /** Lines of the configuration; the application's defaults unless given. */
  readonly config?: readonly string[];
  /** More arguments for make: variables and goals. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs make as a program does: see pools/support/README.md. */
export async function make(options: MakeOptions): Promise<CommandResult> {
  const args = ['-C', options.app, `O=${options.out}`, '-j2', ...(options.args ?? [])];
  if (options.config !== undefined) {
    const file = `${options.out}.config`;
    await writeFile(file, `${options.config.join('\n')}\n`);
    args.push(`UC_CONFIG=${file}`);
  }
  return runCommand('make', args, {
    environment: { ...MINIMAL_ENVIRONMENT, ...options.environment },
    timeoutMilliseconds: 110_000,
  });
}

/** As `make`, but a failure is an error with all that make said. */
export async function build(options: MakeOptions): Promise<CommandResult> {
  const result = await make(options);
  if (result.exitCode !== 0) throw new Error(`make failed:\n${result.stdout}${result.stderr}`);
  return result;
}

/** The line of a configuration that chooses a target. */
export function choose(target: string): string {
  return `CONFIG_TARGET_${target.replace('-', '_').toUpperCase()}=y`;
}

/** The folder of an application of the pools. */
export function appFolder(name: string): string {
  return join(POOLS, 'app', name);
}

/** What make compiled, as `<target> <library>/<source>`, in alphabetical order. */
export function compiled(result: CommandResult): string[] {
  return steps(result, 'CC');
}

/** The images that make linked, in alphabetical order. */
export function linked(result: CommandResult): string[] {
  return steps(result, 'LINK');
}

function steps(result: CommandResult, kind: string): string[] {
  return [...result.stdout.matchAll(new RegExp(`^  ${kind} +(.*)$`, 'gm'))]
    .map((match) => match[1] ?? '')
    .sort();
}
