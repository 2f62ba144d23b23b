// SPDX-License-Identifier: BSD-3-Clause
import { parentPort, workerData } from 'node:worker_threads';
import { isUnicoreError, messageOf } from '../../errors/index.js';
import { InProcessKconfigEngine } from './in-process-engine.js';
import type { WorkerAnswer, WorkerQuestion } from './worker-engine.js';

/** Answers one question, and ends. */
async function answer({ roots, wanted, ...question }: WorkerQuestion): Promise<WorkerAnswer> {
  try {
    return { answer: await new InProcessKconfigEngine(() => roots)[wanted](question) };
  } catch (error) {
    return {
      code: isUnicoreError(error) ? error.code : 'CONFIGURATION_FAILED',
      message: messageOf(error),
    };
  }
}

parentPort?.postMessage(await answer(workerData as WorkerQuestion));
