// SPDX-License-Identifier: BSD-3-Clause
import { mkdir, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { UnicoreError } from '../errors/index.js';
import {
  BuildCache,
  BuildHistory,
  BuildingImageSource,
  JobQueue,
  MakeRunner,
  QueuedBuilder,
  TargetBuilds,
  Toolchain,
} from './builder/index.js';
import { GarbageCollector, ObjectFolder, type Retention } from './collector/index.js';
import { PoolsConfigurator } from './configurator/index.js';
import { DirectoryImageStore } from './images/index.js';
import {
  InProcessKconfigEngine,
  WorkerKconfigEngine,
  type CompletionQuestion,
} from './kconfig/index.js';
import type { ImageDigest } from './image.js';
import type { Logger } from './logger.js';
import { Pools, PoolsCatalogue } from './pools/index.js';
import { chooseEnvironment, defaultLimits, type SandboxLimits } from './sandbox/index.js';
import { DirectorySourceStore } from './sources/index.js';
import type {
  Builder,
  Catalogue,
  CollectionReport,
  Configurator,
  ImageSource,
  ImageStore,
  SourceStore,
} from './ports.js';

export interface BuildLayerOptions {
  /** The library pools. They are only read. */
  readonly poolsDirectory: string;
  /** Images and the records of builds. No other daemon may use it. */
  readonly stateDirectory: string;
  /** What may be deleted while the daemon does not run: answers of earlier builds, compiled objects, work in progress. */
  readonly cacheDirectory: string;
  readonly logger: Logger;
  /** How many builds run at a time. The number of processors unless given. */
  readonly maxParallelBuilds?: number;
  /** How many builds may wait. 100 unless given. */
  readonly maxWaitingBuilds?: number;
  /** How many builds that have ended are remembered. 200 unless given. */
  readonly maxEndedBuilds?: number;
  /** How long one build may run. 10 minutes unless given. */
  readonly buildTimeoutMilliseconds?: number;
  /** How much one build may print. 16 MiB unless given. */
  readonly maxBuildOutputBytes?: number;
  /** The bubblewrap that confines builds; `bwrap` unless given. Null leaves them with the daemon's rights. */
  readonly sandboxProgram?: string | null;
  /** What one confined build may use. */
  readonly sandboxLimits?: Partial<SandboxLimits>;
  /** How many uploaded applications are kept. 256 unless given. */
  readonly maxSources?: number;
  /** The largest image that can be imported. 64 MiB unless given. */
  readonly maxImportBytes?: number;
}

export interface CollectorOptions {
  readonly retention: Retention;
  /** Whether an image must stay, because something is made of it. */
  readonly inUse: (digest: ImageDigest) => boolean;
  readonly onCollected?: (report: CollectionReport) => void;
}

/** All that the build layer offers to the layers above. */
export interface BuildLayer {
  readonly catalogue: Catalogue;
  readonly configurator: Configurator;
  readonly builder: Builder;
  readonly images: ImageStore;
  readonly sources: SourceStore;
  readonly imageSource: ImageSource;
  /** Who removes what is no longer kept, as soon as it is told what is in use. */
  collector(options: CollectorOptions): GarbageCollector;
  /** Ends running builds and their processes. Images and records stay. */
  close(): Promise<void>;
}

/**
 * Puts the build layer together and recovers what an earlier daemon left: half-made files are removed, processes of its
 * builds ended, builds that it did not finish have failed.
 * @throws INVALID_CONFIGURATION_FILE if a directory cannot be used
 */
export async function createBuildLayer(options: BuildLayerOptions): Promise<BuildLayer> {
  const { logger } = options;
  const poolsDirectory = await usablePools(options.poolsDirectory);
  const stateDirectory = resolve(options.stateDirectory);
  const cacheDirectory = usableByMake(options.cacheDirectory, 'cache directory');
  const kconfigDirectory = join(cacheDirectory, 'kconfig');
  await rm(kconfigDirectory, { recursive: true, force: true });
  await mkdir(kconfigDirectory, { recursive: true });

  const images = await DirectoryImageStore.open({
    directory: join(stateDirectory, 'images'),
    logger,
    ...(options.maxImportBytes === undefined ? {} : { maxImportBytes: options.maxImportBytes }),
  });
  const pools = new Pools(poolsDirectory);
  const objectsDirectory = join(cacheDirectory, 'objects');
  const processors = availableParallelism();
  const { environment, problem } = await chooseEnvironment({
    program: options.sandboxProgram === undefined ? 'bwrap' : options.sandboxProgram,
    poolsDirectory,
    objectsDirectory,
    parallelCompilers: processors,
    limits: { ...defaultLimits(processors), ...options.sandboxLimits },
    root: process.getuid?.() === 0,
    logger,
  });
  const sources = await DirectorySourceStore.open({
    directory: join(stateDirectory, 'sources'),
    maxSources: options.maxSources ?? 256,
    problem,
    logger,
  });
  const configurator = new PoolsConfigurator({
    pools,
    engine: new InProcessKconfigEngine(kconfigRoots),
    sources,
    sourceEngine: new WorkerKconfigEngine(
      { timeoutMilliseconds: 10_000, memoryMebibytes: 256, parallel: 2 },
      kconfigRoots,
    ),
    directory: kconfigDirectory,
  });
  const toolchain = new Toolchain({ identityMilliseconds: 1_000 });
  const cache = await BuildCache.open({
    directory: join(cacheDirectory, 'answers'),
    images,
    toolchain,
    logger,
  });
  const slots = options.maxParallelBuilds ?? processors;
  const runner = new MakeRunner({
    poolsDirectory,
    directory: join(cacheDirectory, 'work'),
    images,
    toolchain,
    environment,
    sources,
    timeoutMilliseconds: options.buildTimeoutMilliseconds ?? 600_000,
    maxOutputBytes: options.maxBuildOutputBytes ?? 16 * 1024 * 1024,
  });
  await runner.recover();
  const history = await BuildHistory.open({
    directory: join(stateDirectory, 'builds'),
    maxEnded: options.maxEndedBuilds ?? 200,
    logger,
  });
  const queue = new JobQueue({
    slots,
    maxWaiting: options.maxWaitingBuilds ?? 100,
    maxWaitingPerClient: options.maxWaitingBuilds ?? 50,
  });
  const targetBuilds = new TargetBuilds(queue, runner, cache);
  const builder = new QueuedBuilder({ configurator, cache, targetBuilds, history, logger });
  return {
    catalogue: new PoolsCatalogue(pools),
    configurator,
    builder,
    images,
    sources,
    imageSource: new BuildingImageSource({ configurator, cache, builder, images }),
    collector: ({ retention, inUse, onCollected }) =>
      new GarbageCollector({
        ...{ images, history, retention, inUse, logger },
        objects: new ObjectFolder(objectsDirectory),
        ...(onCollected === undefined ? {} : { onCollected }),
      }),
    close: async () => {
      await builder.close();
      pools.close();
    },
  };
}

/** Where Kconfig files are read from besides the pools: the application's folder, and the lists that we wrote. */
function kconfigRoots({ environment }: CompletionQuestion): readonly string[] {
  return [environment.UC_APP, environment.UC_SOURCES].filter((root) => root !== undefined);
}

async function usablePools(path: string): Promise<string> {
  const directory = usableByMake(path, 'pools directory');
  const isPools = await stat(join(directory, 'Kconfig')).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (isPools) return directory;
  throw new UnicoreError(
    'INVALID_CONFIGURATION_FILE',
    `${directory} is not a pools directory: it has no file Kconfig.`,
  );
}

/** An absolute path that make can handle: it splits words at blanks and has its own meaning for some characters. */
function usableByMake(path: string, what: string): string {
  const absolute = resolve(path);
  if (/^[A-Za-z0-9/._+@,-]+$/.test(absolute)) return absolute;
  throw new UnicoreError(
    'INVALID_CONFIGURATION_FILE',
    `The ${what} ${JSON.stringify(absolute)} has characters that make cannot handle. Use letters, digits and / . _ + @ , - only.`,
  );
}
