// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnicoreError } from '../../errors/index.js';
import { isCommandError, MINIMAL_ENVIRONMENT, runCommand } from '../../process/index.js';
import type { CommandResult } from '../../process/index.js';
import type { KconfigAnswer, KconfigEngine, KconfigQuestion } from './kconfig-engine.js';

const TIMEOUT_MILLISECONDS = 30_000;
const MAX_OUTPUT_BYTES = 256 * 1024;

/** Debian's `kconfig-conf` (package kconfig-frontends), run in a temporary directory of its own for each question. */
export class KconfigConfEngine implements KconfigEngine {
  readonly #temporaryDirectory: string;

  /** The directory must exist; each question gets a folder in it, and removes it. */
  constructor(temporaryDirectory: string) {
    this.#temporaryDirectory = temporaryDirectory;
  }

  async complete(question: KconfigQuestion, signal?: AbortSignal): Promise<KconfigAnswer> {
    const folder = await mkdtemp(join(this.#temporaryDirectory, 'resolve-'));
    try {
      const file = join(folder, '.config');
      await writeFile(file, question.config);
      const result = await run(question, folder, file, signal);
      if (result.exitCode !== 0) {
        const words = messagesIn(result, file).slice(-5).join(' ');
        throw new UnicoreError(
          'CONFIGURATION_FAILED',
          `kconfig-conf could not read the pools' Kconfig files: ${words.slice(0, 1_000)}`,
        );
      }
      return { config: await readFile(file, 'utf8'), messages: messagesIn(result, file) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function run(
  question: KconfigQuestion,
  cwd: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<CommandResult> {
  try {
    return await runCommand('kconfig-conf', ['--olddefconfig', question.root], {
      cwd,
      environment: {
        ...MINIMAL_ENVIRONMENT,
        LC_ALL: 'C',
        ...question.environment,
        KCONFIG_CONFIG: file,
      },
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (isCommandError(error, 'not-found')) {
      throw new UnicoreError(
        'TOOLCHAIN_MISSING',
        'kconfig-conf is not installed. On Debian: apt-get install kconfig-frontends',
        { cause: error },
      );
    }
    if (!isCommandError(error)) throw error;
    throw new UnicoreError('CONFIGURATION_FAILED', error.message, { cause: error });
  }
}

/** What it printed, without its comments (`#`) and the name of the temporary file. */
function messagesIn({ stdout, stderr }: CommandResult, file: string): readonly string[] {
  return `${stderr}\n${stdout}`
    .replaceAll(file, '.config')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
