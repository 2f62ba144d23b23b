// SPDX-License-Identifier: BSD-3-Clause
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnicoreError } from '../../errors/index.js';
import { MINIMAL_ENVIRONMENT, runCommand } from '../../process/index.js';
import { bubblewrapCommand } from './bubblewrap-command.js';
import {
  makeArguments,
  type BuildEnvironment,
  type BuildProducts,
  type BuildWork,
  type RunOptions,
} from './build-environment.js';
import type { SandboxLimits } from './limits.js';
import { watchMemory } from './memory-watch.js';
import type { Mount } from './mounts.js';
import { resultFile, resultText } from './read-result.js';

export interface BubblewrapOptions {
  /** Name or path of bubblewrap. */
  readonly program: string;
  readonly poolsDirectory: string;
  /**
   * The build rules' cache of objects, shared by all builds. Whoever writes to it decides what later images are made of: the
   * pools' own applications do, and uploaded sources only read it. Created if it is not there.
   */
  readonly objectsDirectory: string;
  readonly parallelCompilers: number;
  readonly limits: SandboxLimits;
  /** Whether the daemon is root, and has to become somebody else. */
  readonly root: boolean;
}

/** What nobody is, by systemd's list of user numbers; builds that run at the same time are different ones. */
const FIRST_USER = 65_520;
const USERS = 13;
/** Builds of the pools' own applications are all this one, to whom the cache of objects belongs. */
const POOLS_USER = FIRST_USER + USERS;

/** Where things are inside. */
const POOLS = '/pools';
const APP = '/app';
const CHOICES = '/choices';
const OBJECTS = '/objects';
const OUTPUT = '/tmp/build';
const RESULTS = ['image', 'debug', 'sizes', 'errors'] as const;

/**
 * What runs inside: make, and then the results go into files that were put there for them. These are mounts, so whatever runs
 * inside can write to them and not put something else in their place.
 */
const SCRIPT = `
image=$1 target=$2
shift 2
make "$@"
status=$?
take() { [ ! -f "$1" ] || cat "$1" >"/results/$2" || status=1; }
take "${OUTPUT}/$image" image
take "${OUTPUT}/$image.dbg" debug
take "${OUTPUT}/$image.sizes" sizes
take "${OUTPUT}/$target/errors" errors
exit $status
`;

/** Runs the build rules where nothing can be reached but the toolchain, the pools and the application, all read-only. */
export class BubblewrapEnvironment implements BuildEnvironment {
  readonly confined = true;
  readonly #options: BubblewrapOptions;

  constructor(options: BubblewrapOptions) {
    this.#options = options;
  }

  prefixes(): readonly string[] {
    return [`${OUTPUT}/`, `${POOLS}/`, `${APP}/`];
  }

  async run(work: BuildWork, options: RunOptions): Promise<BuildProducts> {
    const { app, target } = work;
    const user = this.#options.root ? this.#userOf(work) : null;
    const mounts = await this.#mounts(work, user);
    const paths = {
      app: this.#appInside(work),
      output: OUTPUT,
      choices: CHOICES,
      objects: OBJECTS,
    };
    const args = [
      ...makeArguments(work, paths, this.#options.parallelCompilers),
      `UC_POOLS=${POOLS}`,
      `APP=${app}`,
    ];
    const [program = '', ...rest] = bubblewrapCommand({
      ...this.#options,
      mounts,
      user,
      processorSeconds: Math.ceil(options.timeoutMilliseconds / 1000),
      environment: { ...MINIMAL_ENVIRONMENT, LC_ALL: 'C', HOME: '/tmp', TMPDIR: '/tmp' },
      command: ['sh', '-c', SCRIPT, 'build', `${app}_${target}`, target, ...args],
    });
    const exitCode = await this.#run(program, rest, work.folder, options);
    const [image = '', debug = '', sizes = '', errors = ''] = resultPaths(work.folder);
    return {
      exitCode,
      image: await resultFile(image),
      debugImage: await resultFile(debug),
      sizes: await resultText(sizes),
      errors: await resultText(errors),
    };
  }

  #userOf(work: BuildWork): number {
    return this.#isUploaded(work) ? FIRST_USER + (work.slot % USERS) : POOLS_USER;
  }

  #isUploaded(work: BuildWork): boolean {
    return this.#appInside(work) === APP;
  }

  /** An application of the pools is at its place in them. */
  #appInside({ appDirectory }: BuildWork): string {
    const pools = `${this.#options.poolsDirectory}/`;
    return appDirectory.startsWith(pools) ? `${POOLS}/${appDirectory.slice(pools.length)}` : APP;
  }

  async #mounts(work: BuildWork, user: number | null): Promise<readonly Mount[]> {
    const choices = join(work.folder, 'choices');
    await writeFile(choices, work.choices, { mode: 0o644 });
    await mkdir(join(work.folder, 'results'));
    for (const path of resultPaths(work.folder)) {
      await writeFile(path, '', { mode: 0o600, flag: 'wx' });
      if (user !== null) await chown(path, user, user);
    }
    const { objectsDirectory } = this.#options;
    const isUploaded = this.#isUploaded(work);
    await mkdir(objectsDirectory, { recursive: true });
    if (user !== null) await chown(objectsDirectory, POOLS_USER, POOLS_USER);
    return [
      { source: this.#options.poolsDirectory, target: POOLS, writable: false },
      { source: objectsDirectory, target: OBJECTS, writable: !isUploaded },
      ...(isUploaded ? [{ source: work.appDirectory, target: APP, writable: false }] : []),
      { source: choices, target: CHOICES, writable: false },
      ...resultPaths(work.folder).map((source, index) => ({
        source,
        target: `/results/${RESULTS[index] ?? ''}`,
        writable: true,
      })),
    ];
  }

  async #run(
    program: string,
    args: readonly string[],
    cwd: string,
    options: RunOptions,
  ): Promise<number | null> {
    const { memoryBytes } = this.#options.limits;
    const exceeded = new AbortController();
    let endWatch = (): void => undefined;
    try {
      const { exitCode } = await runCommand(program, args, {
        ...options,
        cwd,
        capture: false,
        signal: AbortSignal.any([options.signal, exceeded.signal]),
        onStart: (pid) => {
          endWatch = watchMemory(pid, memoryBytes, () => exceeded.abort(tooMuch(memoryBytes)));
          options.onStart(pid);
        },
      });
      return exitCode;
    } finally {
      endWatch();
    }
  }
}

function resultPaths(folder: string): readonly string[] {
  return RESULTS.map((name) => join(folder, 'results', name));
}

function tooMuch(bytes: number): UnicoreError {
  return new UnicoreError(
    'BUILD_MEMORY_EXCEEDED',
    `The build was ended because its processes took more than ${bytes / (1024 * 1024)} MiB of memory together.`,
  );
}
