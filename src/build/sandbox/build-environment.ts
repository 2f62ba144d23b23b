// SPDX-License-Identifier: BSD-3-Clause
import type { CommandOptions } from '../../process/index.js';
import type { Target } from '../target.js';

/** One run of the build rules. */
export interface BuildWork {
  /** The image's name: `<app>_<target>`. */
  readonly app: string;
  readonly target: Target;
  /** The application's folder. */
  readonly appDirectory: string;
  /** Lines of a `.config`. */
  readonly choices: string;
  /** A folder on disk that is empty, for this run only. */
  readonly folder: string;
  /** A number that no other run has at the same time. */
  readonly slot: number;
}

/** What a run has left. The files are ordinary ones, and nobody else writes to them any more. */
export interface BuildProducts {
  /** make's, or null if a signal ended it. */
  readonly exitCode: number | null;
  /** Null if it was not made. */
  readonly image: string | null;
  readonly debugImage: string | null;
  /** The table of sizes, or nothing. */
  readonly sizes: string;
  /** Why the target cannot be built, as the configuration's check found, or nothing. */
  readonly errors: string;
}

export type RunOptions = Pick<
  Required<CommandOptions>,
  'signal' | 'timeoutMilliseconds' | 'maxOutputBytes' | 'onStart' | 'onOutput'
>;

/** Where the build rules run: with the daemon's own rights, or confined. */
export interface BuildEnvironment {
  /** Whether what is built can be anybody's. */
  readonly confined: boolean;
  /** What the paths in the output begin with, and readers have no use for. */
  prefixes(work: BuildWork): readonly string[];
  /** @throws CommandError, BUILD_MEMORY_EXCEEDED, the signal's reason */
  run(work: BuildWork, options: RunOptions): Promise<BuildProducts>;
}

/** The arguments of make that are the same everywhere: see the pools' support/README.md. */
export function makeArguments(
  work: BuildWork,
  paths: Readonly<Record<'app' | 'output' | 'choices' | 'objects', string>>,
  parallelCompilers: number,
): readonly string[] {
  return [
    '--no-print-directory',
    '-C',
    paths.app,
    `O=${paths.output}`,
    `UC_CONFIG=${paths.choices}`,
    `TARGETS=${work.target}`,
    `UC_CACHE=${paths.objects}`,
    'UC_PROGRESS=1',
    `-j${parallelCompilers}`,
  ];
}
