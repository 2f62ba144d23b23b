// SPDX-License-Identifier: BSD-3-Clause
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MINIMAL_ENVIRONMENT, runCommand } from '../../process/index.js';
import {
  makeArguments,
  type BuildEnvironment,
  type BuildProducts,
  type BuildWork,
  type RunOptions,
} from './build-environment.js';
import { resultFile, resultText } from './read-result.js';

export interface UnconfinedOptions {
  readonly poolsDirectory: string;
  /** The build rules' cache of objects. */
  readonly objectsDirectory: string;
  readonly parallelCompilers: number;
}

/** Runs the build rules with the daemon's own rights: for the pools' own applications, where bubblewrap cannot be used. */
export class UnconfinedEnvironment implements BuildEnvironment {
  readonly confined = false;
  readonly #options: UnconfinedOptions;

  constructor(options: UnconfinedOptions) {
    this.#options = options;
  }

  prefixes({ folder }: BuildWork): readonly string[] {
    return [`${join(folder, 'out')}/`, `${this.#options.poolsDirectory}/`];
  }

  async run(work: BuildWork, options: RunOptions): Promise<BuildProducts> {
    const { app, target, folder, appDirectory } = work;
    const output = join(folder, 'out');
    const choices = join(folder, 'choices');
    await writeFile(choices, work.choices);
    const paths = { app: appDirectory, output, choices, objects: this.#options.objectsDirectory };
    const { exitCode } = await runCommand(
      'make',
      makeArguments(work, paths, this.#options.parallelCompilers),
      {
        ...options,
        cwd: folder,
        environment: { ...MINIMAL_ENVIRONMENT, LC_ALL: 'C', HOME: folder, TMPDIR: folder },
        capture: false,
      },
    );
    const image = join(output, `${app}_${target}`);
    return {
      exitCode,
      image: await resultFile(image),
      debugImage: await resultFile(`${image}.dbg`),
      sizes: await resultText(`${image}.sizes`),
      errors: await resultText(join(output, target, 'errors')),
    };
  }
}
