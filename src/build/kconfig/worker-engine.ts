// SPDX-License-Identifier: BSD-3-Clause
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UnicoreError } from '../../errors/index.js';
import type { Completion, CompletionQuestion } from './in-process-engine.js';

export interface WorkerEngineOptions {
  readonly timeoutMilliseconds: number;
  readonly memoryMebibytes: number;
  /** How many questions are answered at a time; others wait. */
  readonly parallel: number;
}

/** What is sent to the thread. */
export interface WorkerQuestion extends CompletionQuestion {
  /** The folders that Kconfig files may be read from. */
  readonly roots: readonly string[];
}

/** What the thread sends back. */
export type WorkerAnswer =
  { readonly completion: Completion } | { readonly code: string; readonly message: string };

/**
 * Completes configurations in a thread of its own, which is ended when it takes too long or too much memory: for Kconfig files that
 * anybody may have written. The daemon goes on meanwhile.
 */
export class WorkerKconfigEngine {
  readonly #options: WorkerEngineOptions;
  readonly #rootsOf: (question: CompletionQuestion) => readonly string[];
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    options: WorkerEngineOptions,
    rootsOf: (question: CompletionQuestion) => readonly string[],
  ) {
    this.#options = options;
    this.#rootsOf = rootsOf;
  }

  /** @throws CONFIGURATION_FAILED */
  async complete(question: CompletionQuestion): Promise<Completion> {
    if (this.#running >= this.#options.parallel) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      const answer = await this.#ask({ ...question, roots: this.#rootsOf(question) });
      if ('completion' in answer) return answer.completion;
      throw new UnicoreError('CONFIGURATION_FAILED', answer.message);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  #ask(question: WorkerQuestion): Promise<WorkerAnswer> {
    const { timeoutMilliseconds, memoryMebibytes } = this.#options;
    // Beside this file and of its kind: compiled in a release, source in the tests.
    const file = `./worker-thread${extname(import.meta.url)}`;
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: question,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: memoryMebibytes, maxYoungGenerationSizeMb: 32 },
    });
    return new Promise<WorkerAnswer>((resolve) => {
      const failed = (message: string): void => resolve({ code: 'CONFIGURATION_FAILED', message });
      const timer = setTimeout(
        () => failed(`The Kconfig files took more than ${timeoutMilliseconds} ms to evaluate.`),
        timeoutMilliseconds,
      );
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) =>
        failed(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? `The Kconfig files took more than ${memoryMebibytes} MiB to evaluate.`
            : `The Kconfig files could not be evaluated: ${error.message}`,
        ),
      );
      worker.once('exit', () => {
        clearTimeout(timer);
        failed('The evaluation of the Kconfig files ended without an answer.');
      });
    }).finally(() => worker.terminate());
  }
}
