// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import { isUnicoreError, messageOf, UnicoreError } from '../../../errors/index.js';
import type {
  ConsoleChunk,
  DomainObservation,
  DomainSpec,
  DomainStats,
  DriverCapabilities,
  DriverEvent,
  HostFacts,
  HypervisorDriver,
} from '../driver.js';
import { commandLineFor } from '../guest-command-line.js';
import { consoleLogPath, readConsoleLog } from './console-log.js';
import type { Dom0, Dom0Stream } from './dom0.js';
import { DomainTable } from './domain-table.js';
import type { XlDomainRecord } from './domains.js';
import { GuestReports, type GuestReport } from './guest-reports.js';
import { XlCommands } from './xl-commands.js';
import type { XlListRow } from './xl-list.js';

export interface XlDriverOptions {
  readonly dom0: Dom0;
  /** `[a-z0-9]{8,64}`: tells this daemon's domains from those of others. */
  readonly owner: string;
}

const CAPABILITIES: DriverCapabilities = {
  bootProtocols: ['pvh', 'xen-pv'],
  architectures: ['x86_64'],
  platforms: ['xen'],
  pause: true,
  createPaused: true,
  park: false,
  gracefulShutdown: true,
  console: 'output',
  exitCode: true,
  stats: true,
};

const MEBIBYTE = 1024 * 1024;
/** How long to wait before the host is tried again, milliseconds. */
const RECONNECT_MILLISECONDS = 1_000;

/**
 * A Xen host through xl(1), in this dom0 or over ssh.
 *
 * A domain is ours if its kernel lies in our owner's folder of images in dom0: that is part of what `xl create` is given, so
 * there is no moment at which a domain of ours is not marked. Its end is seen by watching xenstore, its readiness and exit code
 * are keys that our platform writes there.
 */
export class XlDriver implements HypervisorDriver {
  readonly kind = 'xl';
  readonly capabilities = CAPABILITIES;
  readonly #dom0: Dom0;
  readonly #xl: XlCommands;
  readonly #imageFolder: string;
  readonly #listeners = new Set<(event: DriverEvent) => void>();
  readonly #table = new DomainTable((event) => this.#emit(event));
  readonly #reports: GuestReports;
  /** Creations under way, by id: a list may show the domain before `xl create` has returned. */
  readonly #creating = new Map<string, Promise<void>>();
  readonly #images = new Map<string, Promise<string>>();
  readonly #endWaiters = new Map<string, Set<() => void>>();
  #watch: Dom0Stream | null = null;
  #looking: Promise<void> | null = null;
  #nextLook: Promise<void> | null = null;
  #closed = false;
  #up = false;

  constructor(options: XlDriverOptions) {
    this.#dom0 = options.dom0;
    this.#xl = new XlCommands(options.dom0);
    this.#reports = new GuestReports(options.dom0);
    this.#imageFolder = `/var/lib/unicore/images/${options.owner}`;
  }

  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      void this.#reconnect();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#watch?.stop();
    await Promise.allSettled([...this.#creating.values(), this.#looking]);
    await this.#dom0.close();
  }

  async facts(): Promise<HostFacts> {
    const info = await this.#xl.info();
    return {
      hypervisor: `Xen ${info.version}`,
      memoryBytes: info.memoryBytes,
      freeMemoryBytes: info.freeMemoryBytes,
      cpus: info.cpus,
      acceleration: 'xen',
    };
  }

  async create(spec: DomainSpec, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (spec.park) {
      throw new UnicoreError('DRIVER_UNSUPPORTED', 'The xl driver cannot park guests.');
    }
    if (this.#table.isStranger(spec.id)) {
      throw new UnicoreError('DRIVER_FAILED', `A domain with the UUID ${spec.id} is not ours.`);
    }
    if (this.#table.get(spec.id) !== undefined) return;
    const running = this.#creating.get(spec.id);
    if (running !== undefined) return running;
    const creation = this.#create(spec, signal).finally(() => this.#creating.delete(spec.id));
    this.#creating.set(spec.id, creation);
    return creation;
  }

  async destroy(id: string): Promise<void> {
    if (this.#table.isStranger(id)) throw notFound(id);
    await this.#creating.get(id)?.catch(() => undefined);
    const record = this.#table.get(id);
    if (record === undefined) return;
    await this.#xl.destroy(record.name);
    this.#table.forget(id, 'it was destroyed');
    await this.#dom0.run(['rm', '-f', '--', consoleLogPath(record.name)], {
      timeoutMilliseconds: 60_000,
    });
  }

  async shutdown(id: string): Promise<void> {
    const { name } = this.#live(id);
    if (!(await this.#xl.shutdown(name))) throw notFound(id);
  }

  async pause(id: string): Promise<void> {
    const record = this.#live(id);
    if (!(await this.#xl.pause(record.name))) throw notFound(id);
    record.state = 'paused';
    this.#emit({ type: 'paused', id });
  }

  async resume(id: string): Promise<void> {
    const record = this.#live(id);
    if (!(await this.#xl.unpause(record.name))) throw notFound(id);
    record.state = 'running';
    this.#emit({ type: 'resumed', id });
  }

  claim(): Promise<void> {
    return Promise.reject(
      new UnicoreError('DRIVER_UNSUPPORTED', 'The xl driver cannot park guests.'),
    );
  }

  async list(): Promise<readonly DomainObservation[]> {
    await this.#refresh();
    return this.#table.observations();
  }

  async stats(): Promise<readonly DomainStats[]> {
    await this.#refresh();
    return this.#table.ours.map(({ id, cpuSeconds, memoryBytes }) => ({
      id,
      cpuNanoseconds: Math.round(cpuSeconds * 1e9),
      memoryBytes,
    }));
  }

  async *readConsole(
    id: string,
    fromOffset: number,
    signal?: AbortSignal,
  ): AsyncIterable<ConsoleChunk> {
    const record = this.#table.get(id);
    if (record === undefined) throw notFound(id);
    yield* readConsoleLog(this.#dom0, record.name, fromOffset, this.#ended(record), signal);
  }

  writeConsole(): Promise<void> {
    return Promise.reject(
      new UnicoreError('DRIVER_UNSUPPORTED', 'The xl driver cannot write to a console.'),
    );
  }

  onEvent(listener: (event: DriverEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #create(spec: DomainSpec, signal?: AbortSignal): Promise<void> {
    const type = spec.image.manifest.bootProtocols.includes('pvh') ? 'pvh' : 'pv';
    const kernel = await this.#placeImage(spec);
    signal?.throwIfAborted();
    await this.#xl.create(
      {
        name: domainName(spec),
        uuid: spec.id,
        type,
        kernel,
        commandLine: commandLineFor(spec.image.manifest, spec.args),
        memoryMebibytes: Math.ceil(spec.memoryBytes / MEBIBYTE),
        vcpus: spec.vcpus,
      },
      spec.paused,
      signal,
    );
    await this.#refresh();
  }

  /** The image's path in dom0; copied there if this driver has not done so. */
  #placeImage(spec: DomainSpec): Promise<string> {
    const { digest } = spec.image.manifest;
    let placed = this.#images.get(digest);
    if (placed === undefined) {
      const path = `${this.#imageFolder}/${digest.slice('sha256:'.length)}`;
      placed = this.#dom0.put(spec.image.path, path).then(() => path);
      this.#images.set(digest, placed);
      placed.catch(() => this.#images.delete(digest));
    }
    return placed;
  }

  async #connect(): Promise<void> {
    const watch = this.#reports.watch({
      changed: () => void this.#refresh().catch(() => undefined),
      report: (domid, report) => void this.#takeReport(domid, report),
      lost: () => void this.#lost('the connection to dom0 was lost'),
    });
    this.#watch = watch;
    try {
      await this.#refresh();
    } catch (error) {
      this.#watch = null;
      watch.stop();
      throw error;
    }
    if (!this.#up) {
      this.#up = true;
      this.#emit({ type: 'host-up' });
    }
  }

  async #lost(reason: string): Promise<void> {
    this.#watch = null;
    if (this.#closed || !this.#up) return;
    this.#up = false;
    this.#emit({ type: 'host-down', reason });
    await this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    while (!this.#closed && !this.#up) {
      await sleep(RECONNECT_MILLISECONDS, undefined, { ref: false });
      await this.#connect().catch(() => undefined);
    }
  }

  /** Brings the table up to date. What is asked for during one look is answered by the next, for all who asked. */
  #refresh(): Promise<void> {
    if (this.#looking === null) {
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
      });
      return this.#looking;
    }
    this.#nextLook ??= this.#looking
      .catch(() => undefined)
      .then(() => {
        this.#nextLook = null;
        return this.#refresh();
      });
    return this.#nextLook;
  }

  async #look(): Promise<void> {
    const rows = await this.#xl.list();
    const kernels = rows.some((row) => this.#isUnknown(row)) ? await this.#xl.kernels() : null;
    const isOurs = (row: XlListRow): boolean =>
      this.#creating.has(row.uuid) ||
      kernels?.get(row.uuid)?.startsWith(`${this.#imageFolder}/`) === true;
    const before = new Set(this.#table.ours.map(({ id }) => id));
    this.#table.merge(rows, isOurs);
    for (const record of this.#table.ours) {
      // An adopted domain reported before we watched; one that has shut down may have reported since we last looked.
      const untold = record.hasShutDown && !record.told.ended;
      if (!before.has(record.id) || untold) {
        this.#apply(record, await this.#reports.read(record.domid));
      }
      if (untold) this.#table.tellEnded(record);
    }
  }

  #isUnknown(row: XlListRow): boolean {
    return (
      this.#table.get(row.uuid) === undefined &&
      !this.#table.isStranger(row.uuid) &&
      !this.#creating.has(row.uuid)
    );
  }

  async #takeReport(domid: number, report: GuestReport): Promise<void> {
    try {
      if (this.#table.byDomid(domid) === undefined) await this.#refresh();
      const record = this.#table.byDomid(domid);
      if (record !== undefined) this.#apply(record, report);
    } catch (error) {
      if (!isUnicoreError(error)) throw error;
      await this.#lost(messageOf(error));
    }
  }

  #apply(record: XlDomainRecord, report: GuestReport): void {
    if (report.exitCode !== undefined) record.exitCode = report.exitCode;
    if (report.bootNanoseconds !== undefined) this.#table.ready(record, report.bootNanoseconds);
  }

  #live(id: string): XlDomainRecord {
    const record = this.#table.get(id);
    if (record === undefined || record.hasShutDown) throw notFound(id);
    return record;
  }

  #ended(record: XlDomainRecord): Promise<void> {
    if (record.told.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.#endWaiters.get(record.id) ?? new Set();
      waiters.add(resolve);
      this.#endWaiters.set(record.id, waiters);
    });
  }

  #emit(event: DriverEvent): void {
    for (const listener of this.#listeners) listener(event);
    if (event.type !== 'ended') return;
    for (const resolve of this.#endWaiters.get(event.id) ?? []) resolve();
    this.#endWaiters.delete(event.id);
  }
}

/** For people the name, for us the id: unique, so that a name in `xl list` is one instance. At most 63 of `[a-z0-9-]`. */
function domainName(spec: DomainSpec): string {
  return `${spec.name.slice(0, 30)}-${spec.id.replaceAll('-', '')}`;
}

function notFound(id: string): UnicoreError {
  return new UnicoreError('DOMAIN_NOT_FOUND', `The Xen host has no domain ${id} of ours.`);
}
