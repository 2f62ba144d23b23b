// SPDX-License-Identifier: BSD-3-Clause
import { EventEmitter } from 'node:events';
import { isUnicoreError, UnicoreError } from '../../../errors/index.js';
import type {
  ConsoleChunk,
  ConsoleReading,
  DomainClaim,
  DomainObservation,
  DomainSpec,
  DomainStats,
  DriverCapabilities,
  DriverEvent,
  HostFacts,
  HypervisorDriver,
} from '../driver.js';
import { type Dom0, dom0BootId, PlacedImages } from '../dom0/index.js';
import { claimLine } from '../guest-command-line.js';
import { LifecycleCalls } from '../lifecycle-calls.js';
import { probeKvm } from './acceleration.js';
import { CallPool, raceTimeout } from './call-pool.js';
import { ReportScanner } from './console/lines.js';
import { XenGuests } from './console/xen-guests.js';
import { DomainRegistry } from './domain-registry.js';
import type { LifecycleNotice } from './event-loop.js';
import { HostConnection } from './host-connection.js';
import { HostView, isActive } from './host-view.js';
import { type Hypervisor, hypervisorOf, isOnThisMachine, qemuProfile } from './hypervisor.js';
import { explainCreation } from './no-room.js';
import { STATS_BALLOON, STATS_CPU } from './native/stats-groups.js';
import { DEFAULT_WORKERS, type Deadlines, type LibvirtDriverOptions } from './options.js';
import type { TrackedDomain } from './tracked-domain.js';
import { type DomainProfile, domainXml } from './xml/domain.js';

/** virDomainEventType */
const EVENT = { STARTED: 2, SUSPENDED: 3, RESUMED: 4, STOPPED: 5 } as const;
/** virDomainState */
const STATE_RUNNING = 1;
/** How long the event of a domain's end may come after the end of the call that destroyed it. */
const END_EVENT_MILLISECONDS = 5000;

type Acceleration = 'kvm' | 'tcg' | 'xen' | 'none';

/**
 * Domains on one libvirt. Calls are made on worker threads (see native/call-worker.ts), events come from another one, and
 * the console from the log that libvirt keeps of each domain's serial port, or on Xen from dom0.
 */
export class LibvirtDriver implements HypervisorDriver {
  readonly kind = 'libvirt';
  readonly #options: LibvirtDriverOptions;
  readonly #deadlines: Deadlines;
  readonly #hypervisor: Hypervisor;
  readonly #events = new EventEmitter<{ event: [DriverEvent] }>();
  readonly #pool: CallPool;
  readonly #connection: HostConnection;
  readonly #registry: DomainRegistry;
  readonly #view: HostView;
  /** Where a Xen host finds its images. */
  readonly #images: PlacedImages | null;
  readonly #calls = new LifecycleCalls();
  #acceleration: Acceleration | null = null;
  #opened = false;
  #closed: Promise<void> | null = null;

  /** @throws DRIVER_UNSUPPORTED for a URI of a hypervisor that it does not know, or a Xen host without a way to its dom0 */
  constructor(options: LibvirtDriverOptions) {
    const { uri, owner, directory, logger, dom0 } = options;
    this.#options = options;
    this.#hypervisor = hypervisorOf(uri);
    const keepAlive = options.keepAlive ?? this.#hypervisor.keepAlive;
    this.#deadlines = { ...this.#hypervisor.deadlines, ...options.deadlines };
    this.#events.setMaxListeners(0);
    const emit = (event: DriverEvent): void => {
      this.#events.emit('event', event);
    };
    const { keepsEnded, consoleSource } = this.#hypervisor;
    const data = { uri, keepAlive };
    this.#pool = new CallPool(data, options.workers ?? DEFAULT_WORKERS, this.#deadlines);
    const isBeingCreated = (id: string): boolean => this.#calls.isCreating(id);
    this.#images = dom0 === undefined ? null : new PlacedImages(dom0, owner);
    const numbers = (ids: readonly string[]) =>
      this.#pool.call('numbers', [ids], 'ask for the numbers of domains');
    const guests =
      consoleSource === 'dom0'
        ? new XenGuests(needed(dom0, uri), numbers, () => this.#images?.forget())
        : null;
    const folder = consoleSource === 'none' ? null : directory;
    this.#registry = new DomainRegistry(folder, guests, emit, logger);
    this.#view = new HostView(this.#pool, this.#registry, owner, isBeingCreated, keepsEnded);
    this.#connection = new HostConnection(
      data,
      this.#pool,
      {
        onLifecycle: (notice) => this.#onLifecycle(notice),
        synchronise: () => this.#synchronise(),
        onUp: () => {
          if (this.#opened) emit({ type: 'host-up' });
          this.#opened = true;
        },
        onDown: (reason) => emit({ type: 'host-down', reason }),
      },
      logger,
    );
  }

  get capabilities(): DriverCapabilities {
    return this.#hypervisor.capabilities;
  }

  async open(): Promise<void> {
    await this.#registry.open();
    try {
      await this.#connection.open(this.#deadlines.open);
    } catch (error) {
      this.#opened = true; // so that `host-up` is told when it comes
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#connection.close(this.#deadlines.quick);
      await this.#registry.close();
      await this.#images?.close();
      await this.#options.dom0?.close();
    })();
    return this.#closed;
  }

  async facts(): Promise<HostFacts> {
    const { dom0 } = this.#options;
    const host = await this.#pool.call('describeHost', [], 'describe the host');
    return {
      hypervisor: `${host.type} ${host.version}`,
      memoryBytes: host.memoryBytes,
      freeMemoryBytes: host.freeMemoryBytes,
      cpus: host.cpus,
      overhead: this.#hypervisor.overhead,
      onThisMachine: isOnThisMachine(this.#options.uri),
      machineId: dom0 === undefined ? null : await dom0BootId(dom0),
      acceleration: this.#acceleration ?? 'none',
    };
  }

  async create(spec: DomainSpec, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (spec.paused && !this.capabilities.createPaused) throw this.#unsupported('create it paused');
    if (spec.park && !this.capabilities.park) throw this.#unsupported('park a guest');
    await this.#calls.create(spec.id, () => this.#createOnce(spec));
    if (signal?.aborted === true) {
      await this.destroy(spec.id);
      signal.throwIfAborted();
    }
  }

  async destroy(id: string): Promise<void> {
    await this.#calls.destroy(id, () => this.#destroyOnce(id));
  }

  async shutdown(id: string): Promise<void> {
    if (!this.capabilities.gracefulShutdown) throw this.#unsupported('ask a guest to end itself');
    this.#live(id);
    await this.#pool.call('shutdown', [id], `shut down the domain ${id}`);
  }

  async pause(id: string): Promise<void> {
    this.#live(id);
    await this.#pool.call('suspend', [id], `pause the domain ${id}`);
  }

  async resume(id: string): Promise<void> {
    this.#live(id);
    try {
      await this.#pool.call('resume', [id], `resume the domain ${id}`);
    } catch (error) {
      if (!isUnicoreError(error, 'DRIVER_FAILED')) throw error;
      const state = await this.#pool.call('state', [id], `look at the domain ${id}`);
      if (state !== STATE_RUNNING) throw error; // else somebody else was faster
    }
  }

  async claim(id: string, { args }: DomainClaim): Promise<void> {
    const { directory, input, guests } = this.#registry;
    if (!this.capabilities.park || directory === null) throw this.#unsupported('park a guest');
    const line = claimLine(args);
    const domain = this.#live(id);
    if (!domain.claim()) {
      throw new UnicoreError('INVALID_PHASE', `the domain ${id} does not wait to be claimed`);
    }
    // The guest answers on the same port, sooner than virtlogd has written the console's line.
    const { claims } = directory.paths(id);
    const scanner = new ReportScanner();
    const watch = (output: Uint8Array): boolean => {
      const ready = scanner.scan(output).find(({ type }) => type === 'ready');
      if (ready === undefined) return false;
      domain.reported(ready);
      input.disconnect(claims);
      return true;
    };
    try {
      if (guests === null) await input.write(claims, line, watch);
      else await guests.claim(id, line);
    } catch (error) {
      domain.unclaim();
      throw error;
    }
  }

  async list(): Promise<readonly DomainObservation[]> {
    return this.#view.list();
  }

  async stats(): Promise<readonly DomainStats[]> {
    if (!this.capabilities.stats) throw this.#unsupported('sample domains');
    const records = await this.#pool.call(
      'stats',
      [STATS_CPU | STATS_BALLOON],
      'sample the domains',
    );
    return records
      .filter(({ id }) => this.#registry.get(id) !== undefined)
      .map(({ id, fields }) => ({
        id,
        cpuNanoseconds: fields['cpu.time'] ?? 0,
        memoryBytes: (fields['balloon.rss'] ?? 0) * 1024,
      }));
  }

  async *readConsole(
    id: string,
    fromOffset: number,
    reading?: ConsoleReading,
  ): AsyncGenerator<ConsoleChunk> {
    if (this.capabilities.console === 'none') throw this.#unsupported('read a console');
    yield* this.#known(id).console?.read(fromOffset, reading) ?? [];
  }

  async writeConsole(id: string, data: Uint8Array): Promise<void> {
    const { directory, input, guests } = this.#registry;
    if (directory === null) throw this.#unsupported('write to a console');
    this.#known(id);
    if (guests === null) await input.write(directory.paths(id).socket, data);
    else await guests.write(id, data);
  }

  onEvent(listener: (event: DriverEvent) => void): () => void {
    this.#events.on('event', listener);
    return () => this.#events.off('event', listener);
  }

  async #createOnce(spec: DomainSpec): Promise<void> {
    if (this.#registry.get(spec.id) !== undefined) return;
    const { image } = spec;
    const create = (kernel: string) => this.#createFrom(kernel, spec);
    await (this.#images === null ? create(image.path) : this.#images.use(image, create));
  }

  async #createFrom(kernel: string, spec: DomainSpec): Promise<void> {
    const profile = this.#profile(spec, kernel);
    const xml = domainXml(spec, { owner: this.#options.owner, profile });
    const { id, name } = spec;
    const { reportsReady: reportsExit } = spec.image.manifest;
    const domain = await this.#registry.begin({ id, name, reportsExit });
    try {
      await this.#pool.call('create', [xml, spec.paused], `create the domain ${name} (${id})`);
    } catch (error) {
      // Nothing is known of what libvirt made of it: the next list, or an event, will tell.
      if (isUnicoreError(error, 'HOST_UNAVAILABLE')) throw error;
      if (!(await this.#view.isOurs(id))) {
        if (this.#hypervisor.type === 'QEMU' && (await domain.hasRun())) return;
        await this.#registry.forget(id);
        throw this.#images === null ? error : await this.#explain(error, spec);
      }
      domain.started(); // it was there already
    }
  }

  async #explain(error: unknown, { memoryBytes }: DomainSpec): Promise<unknown> {
    return explainCreation(error, memoryBytes, async () => {
      const host = await this.#pool.call('describeHost', [], 'describe the host');
      return host.freeMemoryBytes;
    });
  }

  async #destroyOnce(id: string): Promise<void> {
    const domain = this.#registry.get(id) ?? (await this.#view.find(id));
    if (domain !== undefined && domain.phase !== 'ended') await this.#end(domain);
    else if (domain !== undefined && this.#hypervisor.keepsEnded) await this.#destroyAtHost(domain);
    await this.#registry.forget(id);
  }

  async #end(domain: TrackedDomain): Promise<void> {
    domain.destroying = true;
    await this.#destroyAtHost(domain);
    // The event comes on another connection; were it to come after this, it could be taken for a later domain's.
    if (domain.phase !== 'creating') await raceTimeout(domain.end, END_EVENT_MILLISECONDS);
    if (domain.phase !== 'creating') await domain.stopped(null);
  }

  async #destroyAtHost(domain: TrackedDomain): Promise<void> {
    try {
      await this.#pool.call('destroy', [domain.id], `destroy the domain ${domain.id}`);
    } catch (error) {
      if (await this.#exists(domain.id)) {
        domain.destroying = false;
        throw error;
      }
    }
  }

  async #exists(id: string): Promise<boolean> {
    try {
      const state = await this.#pool.call('state', [id], `look at the domain ${id}`);
      return this.#hypervisor.keepsEnded || isActive(state);
    } catch (error) {
      if (isUnicoreError(error, 'DOMAIN_NOT_FOUND')) return false;
      throw error;
    }
  }

  #profile({ id, image }: DomainSpec, kernel: string): DomainProfile {
    const { directory } = this.#registry;
    if (directory === null) return { kind: 'test' };
    if (this.#hypervisor.type === 'QEMU') {
      return qemuProfile(this.#acceleration === 'kvm', directory.paths(id));
    }
    const type = image.manifest.bootProtocols.includes('pvh') ? 'pvh' : 'pv';
    return { kind: 'xen', type, kernel };
  }

  #onLifecycle({ id, event, detail }: LifecycleNotice): void {
    const domain = this.#registry.get(id);
    if (domain === undefined) return; // a stranger, or one that the list will show
    if (event === EVENT.STARTED) domain.started();
    else if (event === EVENT.SUSPENDED) domain.paused();
    else if (event === EVENT.RESUMED) domain.resumed();
    else if (event === EVENT.STOPPED) void domain.stopped(detail);
  }

  async #synchronise(): Promise<void> {
    this.#acceleration ??= await this.#chooseAcceleration();
    await this.#view.synchronise();
  }

  async #chooseAcceleration(): Promise<Acceleration> {
    const { type } = await this.#pool.call('describeHost', [], 'describe the host');
    if (type !== this.#hypervisor.type) {
      throw new UnicoreError(
        'DRIVER_UNSUPPORTED',
        `${this.#options.uri} is ${type}, not ${this.#hypervisor.type}`,
      );
    }
    if (type === 'TEST') return 'none';
    if (type === 'Xen') return 'xen';
    const { acceleration: choice = 'auto' } = this.#options;
    if (choice !== 'auto') return choice;
    const works = (await this.#libvirtOffersKvm()) && (await probeKvm());
    return works ? 'kvm' : 'tcg';
  }

  async #libvirtOffersKvm(): Promise<boolean> {
    return this.#pool
      .call('supportsDomainType', ['x86_64', 'pc', 'kvm'], 'ask for KVM')
      .catch((error: unknown) => {
        if (isUnicoreError(error, 'HOST_UNAVAILABLE')) throw error;
        return false;
      });
  }

  /** @throws DOMAIN_NOT_FOUND */
  #known(id: string): TrackedDomain {
    const domain = this.#registry.get(id);
    if (domain !== undefined) return domain;
    throw new UnicoreError('DOMAIN_NOT_FOUND', `libvirt has no domain ${id} of ours`);
  }

  /** @throws DOMAIN_NOT_FOUND for one that has ended, too */
  #live(id: string): TrackedDomain {
    const domain = this.#known(id);
    if (domain.phase !== 'ended') return domain;
    throw new UnicoreError('DOMAIN_NOT_FOUND', `the domain ${id} has ended`);
  }

  #unsupported(what: string): UnicoreError {
    return new UnicoreError(
      'DRIVER_UNSUPPORTED',
      `libvirt's ${this.#hypervisor.type} driver cannot ${what}`,
    );
  }
}

function needed(dom0: Dom0 | undefined, uri: string): Dom0 {
  if (dom0 !== undefined) return dom0;
  throw new UnicoreError(
    'DRIVER_UNSUPPORTED',
    `${uri} gives no way to dom0, where consoles, readiness and images are: use xen+ssh://, or name an ssh destination`,
  );
}
