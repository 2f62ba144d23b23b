// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { ReadinessCheck } from '../api/services.js';
import { OciImageExchange } from '../build/registry/index.js';
import { createBuildLayer, type Build, type Builder } from '../build/index.js';
import {
  createOrchestrator,
  openSqliteStateStore,
  type EventLog,
  type Orchestrator,
} from '../orchestrator/index.js';
import { productVersion } from '../product/version.js';
import { announcedImages } from './announced-images.js';
import { collectionObserver, retentionOf } from './collection.js';
import type { Configuration } from './configuration-schema.js';
import type { Composition } from './daemon.js';
import { createDrivers } from './drivers.js';
import { loadExchangeSettings } from './exchange-settings.js';
import { orchestratorGauges } from './orchestrator-gauges.js';
import { orchestratorMetrics } from './orchestrator-metrics.js';
import type { StateDirectory } from './state-directory.js';
import { UndoStack } from './undo-stack.js';

const MAXIMUM_PULL_BYTES = 64 * 1024 * 1024;

/** Puts the real parts together: build layer, state store, drivers and orchestrator. */
export async function compose(
  configuration: Configuration,
  state: StateDirectory,
  logger: Logger,
): Promise<Composition> {
  const undo = new UndoStack(logger);
  try {
    const registry = new Registry();
    const build = await createBuildLayer({
      poolsDirectory: configuration.poolsDir,
      stateDirectory: state.path,
      cacheDirectory: join(state.path, 'cache'),
      logger: logger.child({ part: 'build' }),
      maxParallelBuilds: configuration.build.concurrency,
      buildTimeoutMilliseconds: configuration.build.timeoutSeconds * 1000,
    });
    undo.push(() => build.close());
    const store = await openSqliteStateStore(state.path);
    undo.push(() => store.close());
    const orchestrator = await createOrchestrator({
      store,
      // The mark goes with the records: where those are lost, what runs is a stranger's, and not ended.
      hosts: await createDrivers(configuration, state, store.stateId, logger),
      images: build.images,
      imageSource: build.imageSource,
      exchange: new OciImageExchange({
        settings: await loadExchangeSettings(configuration),
        images: build.images,
        maxImageBytes: MAXIMUM_PULL_BYTES,
      }),
      logger: logger.child({ part: 'orchestrator' }),
      observer: orchestratorMetrics(registry),
    });
    undo.push(() => orchestrator.stop());
    orchestratorGauges(registry, orchestrator);
    await orchestrator.start();
    const collector = build.collector({
      retention: retentionOf(configuration),
      inUse: (digest) => orchestrator.usesImage(digest),
      onCollected: collectionObserver(registry, orchestrator.events),
    });
    undo.push(() => collector.stop());
    // What an earlier daemon recorded is known by now, so nothing that is in use goes.
    collector.start(configuration.retention.intervalMinutes * 60_000);
    const stopTelling = tellOfBuilds(build.builder, orchestrator.events);
    const stopProgress = tellOfProgress(build.builder, orchestrator.events);
    undo.push(() => {
      stopTelling();
      stopProgress();
      return Promise.resolve();
    });
    const { catalogue, configurator, builder, images, sources } = build;
    const { instances, operations, transfers, hosts, warmPools, events, answers } = orchestrator;
    return {
      close: () => undo.unwind(),
      services: {
        ...{ catalogue, configurator, builder, sources },
        images: announcedImages(images, events),
        collector,
        imageUsage: orchestrator,
        ...{ instances, operations, transfers, hosts, warmPools, events },
        idempotency: answers,
        readiness: [hostReadiness(orchestrator)],
        registry,
        version: productVersion(),
      },
    };
  } catch (error) {
    await undo.unwind();
    throw error;
  }
}

/** Ready means that there is a host to run something on. */
function hostReadiness({ hosts }: Orchestrator): ReadinessCheck {
  return {
    name: 'hosts',
    check: async () => {
      const all = await hosts.list();
      const up = all.filter((host) => host.state === 'up').length;
      return { ok: up > 0, message: `${up} of ${all.length} hosts are up` };
    },
  };
}

/** Builds change outside of the orchestrator; whoever watches events hears of them too. */
function tellOfBuilds(builder: Builder, events: EventLog): () => void {
  const told = new Map<string, Build['phase']>();
  return builder.onChange(({ id, app, phase, targets }) => {
    if (told.get(id) === phase) return;
    told.set(id, phase);
    const ended = phase !== 'queued' && phase !== 'running';
    if (ended) told.delete(id);
    events.append({
      type: ended ? 'build.finished' : 'build.phase',
      resource: { kind: 'build', id },
      data: { app, phase, images: targets.flatMap(({ image }) => image ?? []) },
    });
  });
}

/** How far builds are: the events say what `GET /v1/builds/{id}` shows. */
function tellOfProgress(builder: Builder, events: EventLog): () => void {
  return builder.onProgress(({ id, app, targets }) =>
    events.append({
      type: 'build.progress',
      resource: { kind: 'build', id },
      data: {
        app,
        targets: targets.flatMap(({ target, progress }) =>
          progress === null ? [] : [{ target, ...progress }],
        ),
      },
    }),
  );
}
