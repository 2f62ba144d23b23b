// SPDX-License-Identifier: BSD-3-Clause
import type { ImageExchange } from '../../src/build/ports.js';
import { createHash } from 'node:crypto';
import {
  NO_BACKGROUND,
  type ImageDigest,
  type ImageManifest,
  type StoredImage,
} from '../../src/build/image.js';
import { UnicoreError } from '../../src/errors/index.js';
import type { Clock } from '../../src/orchestrator/clock.js';
import {
  createOrchestrator,
  MemoryStateStore,
  type Orchestrator,
  type OrchestratorOptions,
  type StateStore,
} from '../../src/orchestrator/index.js';
import type { Around } from './boundaries.js';
import { SimDriver } from './sim-driver.js';
import { SimHost, type SimHostOptions } from './sim-host.js';

const MIB = 2 ** 20;

/** An image that a sim host runs. */
export function simImage(name: string, changes: Partial<ImageManifest> = {}): StoredImage {
  const digest: ImageDigest = `sha256:${createHash('sha256').update(name).digest('hex')}`;
  return {
    path: `/nowhere/${name}`,
    manifest: {
      digest,
      bytes: 16_384,
      app: name,
      target: 'sim-x86_64',
      architecture: 'x86_64',
      bootProtocols: ['pvh'],
      reportsReady: true,
      parks: true,
      minimumMemoryBytes: 4 * MIB,
      libraries: [],
      configuration: null,
      inputsHash: null,
      ...NO_BACKGROUND,
      origin: 'built',
      createdAt: '2030-01-01T00:00:00.000Z',
      ...changes,
    },
  };
}

/** A store that can be cut off, as by SIGKILL: a commit under way is written or not, and nobody hears of it. */
class CuttableStore implements StateStore {
  cut: 'no' | 'before-write' | 'after-write' = 'no';
  private readonly inner: StateStore;
  private readonly around: Around;

  constructor(inner: StateStore, around: Around) {
    this.inner = inner;
    this.around = around;
  }

  get stateId(): string {
    return this.inner.stateId;
  }

  load(): ReturnType<StateStore['load']> {
    return this.inner.load();
  }

  async commit(...args: Parameters<StateStore['commit']>): Promise<void> {
    if (this.cut !== 'before-write') {
      await this.around('write', () => this.inner.commit(...args));
    }
    if (this.cut === 'no') return;
    this.cut = 'before-write';
    await new Promise<never>(() => undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const NO_EXCHANGE: ImageExchange = {
  requireAllowed: () => undefined,
  pull: () => Promise.reject(new Error('there is no registry')),
  push: () => Promise.reject(new Error('there is no registry')),
};

export interface WorldOptions {
  readonly clock: Clock;
  readonly hosts?: Readonly<Record<string, Omit<SimHostOptions, 'clock'>>>;
  readonly images?: readonly StoredImage[];
  readonly store?: StateStore;
  readonly orchestrator?: Partial<OrchestratorOptions>;
}

/** One orchestrator, its simulated hosts and its store, of which the orchestrator can die and come back. */
export class World {
  readonly hosts: ReadonlyMap<string, SimHost>;
  store: StateStore;
  readonly images: ReadonlyMap<ImageDigest, StoredImage>;
  /** What building an application leads to, where it is not the image of its name. */
  readonly builds = new Map<string, StoredImage>();
  /** Stands around each write and each call of a driver from now on. */
  around: Around = (_what, effect) => effect();
  readonly #around: Around = (what, effect) => this.around(what, effect);
  #drivers: SimDriver[] = [];
  #cuttable: CuttableStore;
  #mortal: { dead: boolean } = { dead: false };
  #current: Orchestrator | null = null;

  private readonly options: WorldOptions;

  private constructor(options: WorldOptions) {
    this.options = options;
    const { clock, hosts = { local: {} } } = options;
    this.hosts = new Map(
      Object.entries(hosts).map(([id, host]) => [id, new SimHost({ ...host, clock })]),
    );
    this.store = options.store ?? new MemoryStateStore();
    this.#cuttable = new CuttableStore(this.store, this.#around);
    const images = options.images ?? [simImage('hello')];
    this.images = new Map(images.map((image) => [image.manifest.digest, image]));
  }

  /** Hosts and a store, and nothing that runs yet. */
  static prepare(options: WorldOptions): World {
    return new World(options);
  }

  static async start(options: WorldOptions): Promise<World> {
    const world = new World(options);
    await world.start();
    return world;
  }

  get orchestrator(): Orchestrator {
    if (this.#current === null) throw new Error('no orchestrator runs');
    return this.#current;
  }

  get host(): SimHost {
    const [host] = this.hosts.values();
    if (host === undefined) throw new Error('there is no host');
    return host;
  }

  /** Starts an orchestrator on what the last one left, in this store if it was opened again, perhaps without one of the hosts. */
  async start(store = this.store, without: string | null = null): Promise<void> {
    this.store = store;
    const mortal = { dead: false };
    this.#mortal = mortal;
    this.#cuttable = new CuttableStore(this.store, this.#around);
    this.#drivers = [];
    const configured = [...this.hosts].filter(([id]) => id !== without);
    const hosts = configured.map(([id, host]) => {
      const driver = new SimDriver(host, {}, this.#around);
      this.#drivers.push(driver);
      const { limits } = host.options;
      if (limits === undefined) return { id, driver };
      const doctor = {
        examine: () => Promise.resolve([]),
        limits: () => Promise.resolve(limits),
      };
      return { id, driver, doctor };
    });
    const { clock } = this.options;
    this.#current = await createOrchestrator({
      store: this.#cuttable,
      hosts,
      images: { get: (digest) => this.#image(digest) },
      exchange: NO_EXCHANGE,
      imageSource: {
        imageFor: ({ app }) => this.#image((this.builds.get(app) ?? simImage(app)).manifest.digest),
      },
      // A dead process has no timers.
      clock: {
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        schedule: (milliseconds, action) =>
          clock.schedule(milliseconds, () => {
            if (!mortal.dead) action();
          }),
      },
      ...this.options.orchestrator,
    });
    await this.#current.start();
  }

  /** Ends the orchestrator as SIGKILL does. */
  kill(commit: 'before-write' | 'after-write' = 'before-write'): void {
    this.#mortal.dead = true;
    this.#cuttable.cut = commit;
    for (const driver of this.#drivers) driver.cut();
    this.#current = null;
  }

  async stop(): Promise<void> {
    await this.#current?.stop();
    this.#current = null;
  }

  #image(digest: ImageDigest): Promise<StoredImage> {
    const image = this.images.get(digest);
    if (image !== undefined) return Promise.resolve(image);
    return Promise.reject(new UnicoreError('UNKNOWN_IMAGE', `There is no image ${digest}.`));
  }
}
