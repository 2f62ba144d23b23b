// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { isUnicoreError, messageOf, UnicoreError } from '../../errors/index.js';
import type { Configuration, PoolsConfigurator } from '../configurator/index.js';
import type { StoredImage } from '../image.js';
import type { Logger } from '../logger.js';
import type { Build, Builder, BuildLogChunk, BuildRequest, BuildTargetResult } from '../ports.js';
import type { Target } from '../target.js';
import type { BuildCache } from './build-cache.js';
import type { BuildHistory } from './build-history.js';
import { hasEnded, interrupted, phaseOf } from './build-record.js';
import { LineBuffer } from './line-buffer.js';
import { ProgressReader } from './progress.js';
import type { TargetBuilds, TargetBuildTicket } from './target-builds.js';

export interface QueuedBuilderOptions {
  readonly configurator: PoolsConfigurator;
  readonly cache: BuildCache;
  readonly targetBuilds: TargetBuilds;
  readonly history: BuildHistory;
  readonly logger: Logger;
}

/** One target of a request, ready to be built, or to be given from the store. */
interface PlannedTarget {
  readonly configuration: Configuration;
  readonly inputsHash: string;
  readonly stored: StoredImage | null;
}

/** A build that has not ended. */
interface ActiveBuild {
  readonly ended: PromiseWithResolvers<Build>;
  readonly tickets: Map<Target, TargetBuildTicket>;
  /** When its progress was last told, in milliseconds. */
  toldAt: number;
}

const MAX_TARGETS = 32;
const PROGRESS_INTERVAL_MILLISECONDS = 250;

/** Builds for requests: each target by itself, from the store where the same build was done before. */
export class QueuedBuilder implements Builder {
  readonly #options: QueuedBuilderOptions;
  readonly #active = new Map<string, ActiveBuild>();
  /** The last steps of builds that have ended: what they became is being put on disk. */
  readonly #finishing = new Set<Promise<void>>();
  readonly #listeners = new Set<(build: Build) => void>();
  readonly #progressListeners = new Set<(build: Build) => void>();
  #closed = false;

  constructor(options: QueuedBuilderOptions) {
    this.#options = options;
  }

  async submit(request: BuildRequest): Promise<Build> {
    this.#requireOpen();
    const { targetBuilds, history } = this.#options;
    const planned = await this.#plan(request);
    const missing = planned.filter(({ stored }) => stored === null);
    const build: Build = {
      id: randomUUID(),
      app: planned[0]?.configuration.app ?? request.app,
      source: request.source ?? null,
      phase: 'queued',
      targets: planned.map(({ configuration: { target, warnings } }) => ({
        target,
        phase: 'queued',
        image: null,
        cached: false,
        error: null,
        progress: null,
        warnings,
      })),
      createdAt: new Date().toISOString(),
      startedAt: null,
      finishedAt: null,
    };
    this.#requireOpen();
    const client = request.client ?? '';
    targetBuilds.requireRoom(
      missing.map(({ inputsHash }) => inputsHash),
      client,
    );
    const recorded = history.add(build);
    this.#begin(build, planned, client);
    try {
      await recorded;
    } catch (error) {
      await this.cancel(build.id);
      throw error;
    }
    return history.get(build.id);
  }

  async wait(id: string, signal?: AbortSignal): Promise<Build> {
    const build = await this.get(id);
    const active = this.#active.get(id);
    if (active === undefined) return build;
    if (signal === undefined) return active.ended.promise;
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      void active.ended.promise.then((ended) => {
        signal.removeEventListener('abort', onAbort);
        resolve(ended);
      });
    });
  }

  async get(id: string): Promise<Build> {
    return (await Promise.resolve(this.#options.history)).get(id);
  }

  list(): Promise<readonly Build[]> {
    return Promise.resolve(this.#options.history.list());
  }

  async cancel(id: string): Promise<Build> {
    const build = await this.get(id);
    const active = this.#active.get(id);
    if (active === undefined) return build;
    const error = { code: 'BUILD_CANCELLED', message: 'The build was cancelled.' };
    for (const [target, ticket] of active.tickets) {
      this.#setTarget(id, target, { phase: 'cancelled', error });
      void ticket.leave().then(() => this.#release(id, active, target));
    }
    return active.ended.promise;
  }

  log(id: string, fromOffset: number, signal?: AbortSignal): AsyncIterable<BuildLogChunk> {
    return this.#options.history.log(id).read(fromOffset, signal);
  }

  onChange(listener: (build: Build) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onProgress(listener: (build: Build) => void): () => void {
    this.#progressListeners.add(listener);
    return () => this.#progressListeners.delete(listener);
  }

  /** Ends all builds: they have failed because the daemon stopped. Resolves when their processes are gone and all is on disk. */
  async close(): Promise<void> {
    this.#closed = true;
    const { history } = this.#options;
    const ending = [...this.#active].map(([id, active]) => {
      this.#change(interrupted(history.get(id), new Date().toISOString()));
      for (const [target, ticket] of active.tickets) {
        void ticket.leave().then(() => this.#release(id, active, target));
      }
      return active.ended.promise;
    });
    await Promise.all(ending);
    await Promise.all(this.#finishing);
  }

  #requireOpen(): void {
    if (!this.#closed) return;
    throw new UnicoreError('SHUTTING_DOWN', 'The daemon is stopping and takes no more builds.');
  }

  async #plan({ app, source, targets, symbols }: BuildRequest): Promise<readonly PlannedTarget[]> {
    const { configurator, cache } = this.#options;
    const distinct = [...new Set(targets)];
    if (distinct.length === 0 || distinct.length > MAX_TARGETS) {
      throw new UnicoreError(
        'INVALID_REQUEST',
        `A build has from 1 to ${MAX_TARGETS} targets, not ${distinct.length}.`,
        { errors: [{ path: 'targets', message: `must be from 1 to ${MAX_TARGETS}` }] },
      );
    }
    return Promise.all(
      distinct.map(async (target) => {
        const configuration = await configurator.resolve({ app, source, target, symbols });
        const inputsHash = await cache.inputsHash(configuration);
        return { configuration, inputsHash, stored: await cache.find(inputsHash) };
      }),
    );
  }

  #begin(build: Build, planned: readonly PlannedTarget[], client: string): void {
    const active: ActiveBuild = { ended: Promise.withResolvers(), tickets: new Map(), toldAt: 0 };
    this.#active.set(build.id, active);
    this.#announce(build);
    for (const target of planned) this.#beginTarget(build, active, target, client);
    this.#endIfDone(build.id);
  }

  #beginTarget(build: Build, active: ActiveBuild, planned: PlannedTarget, client: string): void {
    const { configuration, inputsHash, stored } = planned;
    const { target } = configuration;
    const log = this.#options.history.log(build.id);
    for (const { message } of configuration.warnings)
      log.append(`warning: ${target}: ${message}\n`);
    if (stored !== null) {
      const image = stored.manifest.digest;
      log.append(`${target}: the same build was done before: ${image}\n`);
      this.#setTarget(build.id, target, { phase: 'succeeded', image, cached: true });
      return;
    }
    const progress = new ProgressReader();
    const lines = new LineBuffer((text) => {
      log.append(text);
      if (progress.read(text.toString())) this.#tell(build.id, active, target, progress);
    });
    const ticket = this.#options.targetBuilds.join(
      { app: build.app, configuration, inputsHash, client },
      {
        started: () => this.#setTarget(build.id, target, { phase: 'running' }),
        output: (chunk) => lines.push(chunk),
      },
    );
    active.tickets.set(target, ticket);
    ticket.image.then(
      ({ manifest: { digest } }) => {
        if (active.tickets.get(target) !== ticket) return;
        lines.end();
        log.append(`${target}: ${digest}\n`);
        this.#setTarget(build.id, target, { phase: 'succeeded', image: digest });
        this.#release(build.id, active, target);
      },
      (error: unknown) => {
        if (active.tickets.get(target) !== ticket) return;
        lines.end();
        const reported = this.#reported(error, build.id);
        log.append(`error: ${target}: ${reported.message}\n`);
        this.#setTarget(build.id, target, { phase: 'failed', error: reported });
        this.#release(build.id, active, target);
      },
    );
  }

  #release(id: string, active: ActiveBuild, target: Target): void {
    active.tickets.delete(target);
    this.#endIfDone(id);
  }

  /** What a client is told of an error; what we did not foresee goes to the log, and nowhere else. */
  #reported(error: unknown, build: string): { readonly code: string; readonly message: string } {
    if (isUnicoreError(error)) return { code: error.code, message: error.message };
    this.#options.logger.error({ build, err: error }, `build failed: ${messageOf(error)}`);
    return { code: 'INTERNAL', message: 'The build failed for a reason that we did not foresee.' };
  }

  /** Changes one target of a build, unless the target has ended: what it ended as is final. */
  #setTarget(id: string, target: Target, change: Partial<BuildTargetResult>): void {
    const build = this.#options.history.get(id);
    const before = build.targets.find((candidate) => candidate.target === target);
    if (before === undefined || hasEnded(before.phase)) return;
    const targets = build.targets.map((candidate) =>
      candidate === before ? { ...candidate, ...change } : candidate,
    );
    const phase = phaseOf(targets);
    const now = new Date().toISOString();
    this.#change({
      ...build,
      phase,
      targets,
      startedAt: build.startedAt ?? (phase === 'queued' || phase === 'cancelled' ? null : now),
      finishedAt: hasEnded(phase) ? now : null,
    });
  }

  #tell(id: string, active: ActiveBuild, target: Target, { progress }: ProgressReader): void {
    const before = this.#options.history.get(id);
    if (before.phase !== 'running') return;
    const build: Build = {
      ...before,
      targets: before.targets.map((each) =>
        each.target === target ? { ...each, progress } : each,
      ),
    };
    this.#options.history.show(build);
    const now = performance.now();
    if (now - active.toldAt < PROGRESS_INTERVAL_MILLISECONDS) return;
    active.toldAt = now;
    this.#announce(build, this.#progressListeners);
  }

  #change(build: Build): void {
    this.#options.history.update(build);
    this.#announce(build);
  }

  #announce(build: Build, listeners = this.#listeners): void {
    for (const listener of listeners) {
      try {
        listener(build);
      } catch (error) {
        this.#options.logger.error({ build: build.id, err: error }, 'a listener of builds failed');
      }
    }
  }

  /** A build is over when all its targets have ended and none of its processes runs. */
  #endIfDone(id: string): void {
    const active = this.#active.get(id);
    const build = this.#options.history.get(id);
    if (active === undefined || active.tickets.size > 0 || !hasEnded(build.phase)) return;
    this.#active.delete(id);
    const finishing = this.#finish(build, active);
    this.#finishing.add(finishing);
    void finishing.finally(() => this.#finishing.delete(finishing));
  }

  async #finish(build: Build, active: ActiveBuild): Promise<void> {
    const { history, logger } = this.#options;
    try {
      await history.log(build.id).end();
      await history.saved(build.id);
      await history.prune();
    } catch (error) {
      logger.error({ build: build.id, err: error }, 'cannot record the end of a build');
    } finally {
      active.ended.resolve(build);
    }
  }
}
