// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../errors/index.js';
import type { Dom0, Dom0Result } from './dom0.js';
import { xlSettings, type XlDomain } from './xl-config.js';
import { parseXlInfo, parseXlKernels, parseXlList, type XlListRow } from './xl-list.js';

/**
 * Deadlines, milliseconds, above libxl's own: it waits 10 s for a device (LIBXL_INIT_TIMEOUT) and as long for its undoing, several
 * times over; a busy dom0 makes everything some times slower.
 */
const QUICK_MILLISECONDS = 60_000;
const CREATE_MILLISECONDS = 180_000;

/** The verbs of xl(1) that we use, with its words turned into our errors. */
export class XlCommands {
  readonly #dom0: Dom0;

  constructor(dom0: Dom0) {
    this.#dom0 = dom0;
  }

  /**
   * `-e`: no process of xl's stays behind for each domain; its end is seen by the driver. The settings are arguments, so
   * no file is written: `/dev/null` as the file's name is xl's own way to say so.
   */
  async create(
    domain: XlDomain,
    paused: boolean,
    signal?: AbortSignal,
  ): Promise<'created' | 'exists'> {
    const flags = paused ? ['-q', '-e', '-p'] : ['-q', '-e'];
    const result = await this.#dom0.run(
      ['xl', 'create', ...flags, '/dev/null', ...xlSettings(domain)],
      { timeoutMilliseconds: CREATE_MILLISECONDS, ...(signal === undefined ? {} : { signal }) },
    );
    if (result.exitCode === 0) return 'created';
    if (result.stderr.includes('already exists')) return 'exists';
    throw createFailure(result);
  }

  /** False if there is no such domain. */
  async destroy(name: string): Promise<boolean> {
    return this.#onDomain(['destroy', name], CREATE_MILLISECONDS);
  }

  async shutdown(name: string): Promise<boolean> {
    return this.#onDomain(['shutdown', name], QUICK_MILLISECONDS);
  }

  async pause(name: string): Promise<boolean> {
    return this.#onDomain(['pause', name], QUICK_MILLISECONDS);
  }

  async unpause(name: string): Promise<boolean> {
    return this.#onDomain(['unpause', name], QUICK_MILLISECONDS);
  }

  async list(): Promise<readonly XlListRow[]> {
    return parseXlList(await this.#output(['xl', 'list', '-v']));
  }

  /** The kernel that each domain was made with, by UUID. Larger than `list` by far: one whole configuration for each. */
  async kernels(): Promise<ReadonlyMap<string, string>> {
    return parseXlKernels(await this.#output(['xl', 'list', '-l']));
  }

  async info(): Promise<ReturnType<typeof parseXlInfo>> {
    return parseXlInfo(await this.#output(['xl', 'info']));
  }

  async #output(command: readonly string[]): Promise<string> {
    const result = await this.#dom0.run(command, { timeoutMilliseconds: QUICK_MILLISECONDS });
    if (result.exitCode !== 0) {
      throw new UnicoreError('HOST_UNAVAILABLE', `'${command.join(' ')}': ${complaint(result)}`);
    }
    return result.stdout;
  }

  async #onDomain(words: readonly string[], timeoutMilliseconds: number): Promise<boolean> {
    const result = await this.#dom0.run(['xl', ...words], { timeoutMilliseconds });
    if (result.exitCode === 0) return true;
    if (/invalid domain identifier|Non-existant domain/.test(result.stderr)) return false;
    throw new UnicoreError('DRIVER_FAILED', `'xl ${String(words[0])}': ${complaint(result)}`);
  }
}

function createFailure(result: Dom0Result): UnicoreError {
  const words = complaint(result);
  return /allocate memory|Out of memory|not enough memory|failed to free memory/i.test(
    result.stderr,
  )
    ? new UnicoreError('NO_CAPACITY', `The Xen host has no memory for it: ${words}`, {
        retryAfterSeconds: 5,
      })
    : new UnicoreError('DRIVER_FAILED', `'xl create': ${words}`);
}

/** The first thing that xl complained of, without libxl's file names; what follows it is mostly consequence. */
function complaint(result: Dom0Result): string {
  const line = result.stderr.split('\n').find((each) => each.trim() !== '') ?? '';
  const words = line
    .replace(/^(?:libxl|xc|xl): error: /, '')
    .replace(/^[\w.]+\.c:\d+:\s*\w*:?\s*/, '')
    .trim();
  return words === '' ? `it ended with ${result.exitCode}` : words.slice(0, 500);
}
