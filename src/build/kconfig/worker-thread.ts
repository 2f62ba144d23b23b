// SPDX-License-Identifier: BSD-3-Clause
import { parentPort, workerData } from 'node:worker_threads';
import { isUnicoreError, messageOf } from '../../errors/index.js';
import { InProcessKconfigEngine } from './in-process-engine.js';
import type { WorkerAnswer, WorkerQuestion } from './worker-engine.js';

/** Answers one question, and ends. */
async function answer({
  roots,
  wanted,
  names,
  ...question
}: WorkerQuestion): Promise<WorkerAnswer> {
  const engine = new InProcessKconfigEngine(() => roots);
  const ask = {
    complete: () => engine.complete(question),
    menu: () => engine.menu(question),
    explain: () => engine.explain(question, names[0] ?? ''),
    selections: () => engine.selections(question, names),
  };
  try {
    return { answer: await ask[wanted]() };
  } catch (error) {
    return {
      code: isUnicoreError(error) ? error.code : 'CONFIGURATION_FAILED',
      message: messageOf(error),
    };
  }
}

parentPort?.postMessage(await answer(workerData as WorkerQuestion));
