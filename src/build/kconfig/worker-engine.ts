// SPDX-License-Identifier: BSD-3-Clause
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UnicoreError } from '../../errors/index.js';
import type {
  Completion,
  CompletionQuestion,
  EngineExplanation,
  EngineMenu,
  EngineSelection,
} from './in-process-engine.js';

export interface WorkerEngineOptions {
  readonly timeoutMilliseconds: number;
  readonly memoryMebibytes: number;
  /** How many questions are answered at a time; others wait. */
  readonly parallel: number;
}

/** What is sent to the thread. */
export interface WorkerQuestion extends CompletionQuestion {
  readonly wanted: keyof WorkerAnswers;
  /** The symbols that it is about. */
  readonly names: readonly string[];
  /** The folders that Kconfig files may be read from. */
  readonly roots: readonly string[];
}

/** What can be asked for. */
export interface WorkerAnswers {
  readonly complete: Completion;
  readonly menu: EngineMenu;
  readonly explain: EngineExplanation | null;
  readonly selections: ReadonlyMap<string, EngineSelection>;
}

/** What the thread sends back. */
export type WorkerAnswer<K extends keyof WorkerAnswers = keyof WorkerAnswers> =
  { readonly answer: WorkerAnswers[K] } | { readonly code: string; readonly message: string };

/**
 * Answers what `InProcessKconfigEngine` answers, each in a thread of its own, which is ended when it takes too long or too much memory: for Kconfig
 * files that anybody may have written. The daemon goes on meanwhile.
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
  complete(question: CompletionQuestion): Promise<Completion> {
    return this.#inTurn('complete', question);
  }

  /** @throws CONFIGURATION_FAILED */
  menu(question: CompletionQuestion): Promise<EngineMenu> {
    return this.#inTurn('menu', question);
  }

  /** @throws CONFIGURATION_FAILED */
  explain(question: CompletionQuestion, name: string): Promise<EngineExplanation | null> {
    return this.#inTurn('explain', question, [name]);
  }

  /** @throws CONFIGURATION_FAILED */
  selections(
    question: CompletionQuestion,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, EngineSelection>> {
    return this.#inTurn('selections', question, names);
  }

  async #inTurn<K extends keyof WorkerAnswers>(
    wanted: K,
    question: CompletionQuestion,
    names: readonly string[] = [],
  ): Promise<WorkerAnswers[K]> {
    if (this.#running >= this.#options.parallel) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      const roots = this.#rootsOf(question);
      const answer = await this.#ask<K>({ ...question, wanted, names, roots });
      if ('answer' in answer) return answer.answer;
      throw new UnicoreError('CONFIGURATION_FAILED', answer.message);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  #ask<K extends keyof WorkerAnswers>(question: WorkerQuestion): Promise<WorkerAnswer<K>> {
    const { timeoutMilliseconds, memoryMebibytes } = this.#options;
    // Beside this file and of its kind: compiled in a release, source in the tests.
    const file = `./worker-thread${extname(import.meta.url)}`;
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: question,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: memoryMebibytes, maxYoungGenerationSizeMb: 32 },
    });
    return new Promise<WorkerAnswer<K>>((resolve) => {
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
