// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import type { StoredImage } from '../image.js';
import type { BuildCache } from './build-cache.js';
import type { JobQueue } from './job-queue.js';
import type { MakeJob, MakeRunner } from './make-runner.js';

/** Someone who waits for an image that is being made. */
export interface TargetBuildListener {
  /** make runs now. */
  started(): void;
  output(chunk: Buffer): void;
}

/** A place in the queue for an image, perhaps shared with others who want the same. */
export interface TargetBuildTicket {
  readonly image: Promise<StoredImage>;
  /**
   * Gives the place up. The build goes on as long as another wants it; if not, it is ended.
   * Resolves when nothing is done any more for this ticket.
   */
  leave(): Promise<void>;
}

interface RunningBuild {
  readonly listeners: Set<TargetBuildListener>;
  readonly controller: AbortController;
  readonly image: Promise<StoredImage>;
  started: boolean;
}

/** Makes images, each of them once: who asks for the same inputs at the same time gets the same build. */
export class TargetBuilds {
  readonly #queue: JobQueue;
  readonly #runner: MakeRunner;
  readonly #cache: BuildCache;
  readonly #running = new Map<string, RunningBuild>();

  constructor(queue: JobQueue, runner: MakeRunner, cache: BuildCache) {
    this.#queue = queue;
    this.#runner = runner;
    this.#cache = cache;
  }

  /** Makes sure that these inputs can be accepted; those that are being built already take no room. @throws BUILD_QUEUE_FULL */
  requireRoom(inputsHashes: readonly string[], client: string): void {
    this.#queue.requireRoom(inputsHashes.filter((hash) => !this.#running.has(hash)).length, client);
  }

  /** Asks for an image. */
  join(job: MakeJob, listener: TargetBuildListener): TargetBuildTicket {
    const running = this.#running.get(job.inputsHash) ?? this.#start(job);
    running.listeners.add(listener);
    if (running.started) listener.started();
    return {
      image: running.image,
      leave: async () => {
        running.listeners.delete(listener);
        if (running.listeners.size > 0) return;
        this.#forget(job.inputsHash, running);
        running.controller.abort(
          new UnicoreError('BUILD_CANCELLED', 'Nobody waits for the build any more.'),
        );
        await Promise.allSettled([running.image]);
      },
    };
  }

  #start(job: MakeJob): RunningBuild {
    const controller = new AbortController();
    const listeners = new Set<TargetBuildListener>();
    const make = async (slot: number): Promise<StoredImage> => {
      // The same build may have ended between the request's look into the store and its place in the queue.
      const stored = await this.#cache.find(job.inputsHash);
      if (stored !== null) return stored;
      running.started = true;
      for (const listener of listeners) listener.started();
      const image = await this.#runner.make(job, slot, controller.signal, (chunk) => {
        for (const listener of listeners) listener.output(chunk);
      });
      await this.#cache.remember(job.inputsHash, image.manifest.digest);
      return image;
    };
    const running: RunningBuild = {
      listeners,
      controller,
      started: false,
      // The place in the queue is taken at once; the job begins on a later turn, when `running` is complete.
      image: this.#queue
        .run(make, controller.signal, job.client)
        .finally(() => this.#forget(job.inputsHash, running)),
    };
    this.#running.set(job.inputsHash, running);
    return running;
  }

  #forget(inputsHash: string, running: RunningBuild): void {
    if (this.#running.get(inputsHash) === running) this.#running.delete(inputsHash);
  }
}
