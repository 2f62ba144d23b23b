// SPDX-License-Identifier: BSD-3-Clause
import { writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnicoreError, UnicoreError } from '../../errors/index.js';
import {
  isCommandError,
  processStartTime,
  signalProcessGroup,
  type CommandFailure,
} from '../../process/index.js';
import type { Configuration } from '../configurator/index.js';
import { NO_BACKGROUND, type StoredImage } from '../image.js';
import type { DirectoryImageStore } from '../images/index.js';
import { inspectImage, type ImageInspection } from '../inspector/index.js';
import { architectureOf } from '../target.js';
import type { DirectorySourceStore } from '../sources/index.js';
import type { BuildEnvironment, BuildProducts, BuildWork } from '../sandbox/index.js';
import { failureDetail } from './failure-detail.js';
import { describeLibraries } from './library-facts.js';
import { parseSizeMap } from './size-map.js';
import type { Toolchain } from './toolchain.js';

/** One image to make. */
export interface MakeJob {
  readonly app: string;
  readonly configuration: Configuration;
  readonly inputsHash: string;
  /** Who asked for it first. */
  readonly client: string;
}

export interface MakeRunnerOptions {
  readonly poolsDirectory: string;
  /** Builds are done in folders of this one; what is in it when the daemon starts is a rest of a crash. */
  readonly directory: string;
  readonly images: DirectoryImageStore;
  readonly toolchain: Toolchain;
  readonly environment: BuildEnvironment;
  readonly sources: DirectorySourceStore;
  readonly timeoutMilliseconds: number;
  readonly maxOutputBytes: number;
}

const PROCESS_FILE = 'process.json';
/** How much of the end of the output is kept for the error's detail. */
const TAIL_BYTES = 256 * 1024;

/** Makes images: calls the pools' build rules as their support/README.md says, and takes the results into the store. */
export class MakeRunner {
  readonly #options: MakeRunnerOptions;

  constructor(options: MakeRunnerOptions) {
    this.#options = options;
  }

  /** Ends what a killed daemon left running, and removes its files. */
  async recover(): Promise<void> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true });
    for (const name of await readdir(directory)) {
      const folder = join(directory, name);
      await endRemains(folder);
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * Makes one image. `slot` names the folder that it is made in.
   * @throws BUILD_FAILED, BUILD_TIMED_OUT, BUILD_OUTPUT_TOO_LARGE, TOOLCHAIN_MISSING; the signal's reason
   */
  async make(
    job: MakeJob,
    slot: number,
    signal: AbortSignal,
    onOutput: (chunk: Buffer) => void,
  ): Promise<StoredImage> {
    this.#options.toolchain.require(architectureOf(job.configuration.target));
    const { source } = job.configuration;
    if (source === null) {
      const appDirectory = join(this.#options.poolsDirectory, 'app', job.app);
      return this.#makeIn(appDirectory, job, slot, signal, onOutput);
    }
    if (!this.#options.environment.confined) {
      throw new UnicoreError(
        'SANDBOX_UNAVAILABLE',
        'Uploaded sources are built in a sandbox only.',
      );
    }
    return this.#options.sources.hold(source, ({ directory }) =>
      this.#makeIn(directory, job, slot, signal, onOutput),
    );
  }

  async #makeIn(
    appDirectory: string,
    job: MakeJob,
    slot: number,
    signal: AbortSignal,
    onOutput: (chunk: Buffer) => void,
  ): Promise<StoredImage> {
    const folder = join(this.#options.directory, String(slot));
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    try {
      const { app, configuration } = job;
      const work: BuildWork = {
        ...{ app, folder, slot, target: configuration.target, choices: configuration.choices },
        appDirectory,
      };
      return await this.#takeImage(job, appDirectory, await this.#runMake(work, signal, onOutput));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #runMake(
    work: BuildWork,
    signal: AbortSignal,
    onOutput: (chunk: Buffer) => void,
  ): Promise<BuildProducts> {
    const { environment, timeoutMilliseconds, maxOutputBytes } = this.#options;
    const tail: Buffer[] = [];
    let tailBytes = 0;
    let products: BuildProducts;
    try {
      products = await environment.run(work, {
        signal,
        timeoutMilliseconds,
        maxOutputBytes,
        onStart: (pid) => recordProcess(work.folder, pid),
        onOutput: (chunk) => {
          onOutput(chunk);
          tail.push(chunk);
          tailBytes += chunk.length;
          while (tailBytes - (tail[0]?.length ?? 0) > TAIL_BYTES) {
            tailBytes -= tail.shift()?.length ?? 0;
          }
        },
      });
    } catch (error) {
      throw commandFailure(error, work.app, work.target);
    }
    const { exitCode, errors } = products;
    if (exitCode === 0) return products;
    let said = Buffer.concat(tail).toString('utf8');
    for (const prefix of environment.prefixes(work)) said = said.replaceAll(prefix, '');
    const detail = failureDetail(errors.trim() === '' ? said : errors);
    throw new UnicoreError(
      'BUILD_FAILED',
      detail === '' ? `make ended with exit code ${exitCode ?? 'none'} and said nothing.` : detail,
    );
  }

  async #takeImage(
    job: MakeJob,
    appDirectory: string,
    products: BuildProducts,
  ): Promise<StoredImage> {
    const { app, configuration, inputsHash } = job;
    const { target } = configuration;
    if (products.image === null) {
      throw new UnicoreError('BUILD_FAILED', `make ended well, but did not make ${app}_${target}.`);
    }
    const { architecture, bootProtocols, unicore } = inspectOwn(await readFile(products.image));
    const image = {
      app,
      target,
      architecture,
      bootProtocols,
      reportsReady: true,
      parks: unicore?.parks ?? false,
      minimumMemoryBytes: unicore?.minimumMemoryBytes ?? null,
      libraries: await describeLibraries(
        parseSizeMap(products.sizes),
        this.#options.poolsDirectory,
        appDirectory,
      ),
      configuration: configuration.config,
      inputsHash,
      ...NO_BACKGROUND,
      buildId: unicore?.buildId ?? null,
      compiler: await this.#options.toolchain.compiler(architectureOf(target)),
    };
    return this.#options.images.add(image, products.image, products.debugImage);
  }
}

function inspectOwn(bytes: Buffer): ImageInspection {
  try {
    return inspectImage(bytes);
  } catch (error) {
    if (!isUnicoreError(error, 'NOT_A_UNIKERNEL')) throw error;
    throw new UnicoreError('BUILD_FAILED', `The build made no bootable image. ${error.message}`, {
      cause: error,
    });
  }
}

const FAILURES = {
  'timed-out': ['BUILD_TIMED_OUT', 'The build was ended because it took too long'],
  'output-too-large': ['BUILD_OUTPUT_TOO_LARGE', 'The build was ended because it printed too much'],
  'not-found': ['TOOLCHAIN_MISSING', 'make is not installed. On Debian: apt-get install make'],
  'not-started': ['BUILD_FAILED', 'The build could not be started'],
} as const satisfies Record<CommandFailure, readonly [string, string]>;

function commandFailure(error: unknown, app: string, target: string): unknown {
  if (!isCommandError(error)) return error;
  const [code, detail] = FAILURES[error.failure];
  return new UnicoreError(code, `${detail} (${app} for ${target}: ${error.message}).`, {
    cause: error,
  });
}

/** Notes who works in a folder, so that a daemon that comes after a crash can end it. */
function recordProcess(folder: string, pid: number): void {
  const record = { pid, startTime: processStartTime(pid) };
  writeFileSync(join(folder, PROCESS_FILE), JSON.stringify(record));
}

async function endRemains(folder: string): Promise<void> {
  let record: unknown;
  try {
    record = JSON.parse(await readFile(join(folder, PROCESS_FILE), 'utf8'));
  } catch {
    return;
  }
  const { pid, startTime } = record as { readonly pid?: unknown; readonly startTime?: unknown };
  if (typeof pid !== 'number' || typeof startTime !== 'number') return;
  if (processStartTime(pid) === startTime) signalProcessGroup(pid, 'SIGKILL');
}
