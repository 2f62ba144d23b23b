// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import { UnicoreError } from '../../../errors/index.js';
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
import {
  type Dom0,
  dom0BootId,
  type GuestReport,
  GuestStore,
  PlacedImages,
  notParked,
  readConsoleLog,
  writeConsole,
  XEN_OVERHEAD,
  XlCommands,
} from '../dom0/index.js';
import { claimLine } from '../guest-command-line.js';
import { DomainTable } from './domain-table.js';
import type { XlDomainRecord } from './domains.js';
import { HostView } from './host-view.js';
import { type Making, XlLifecycle } from './lifecycle.js';
import { domainNotFound } from './not-found.js';

export interface XlDriverOptions {
  readonly dom0: Dom0;
  /** `[a-z0-9]{8,64}`: tells this daemon's domains from those of others. */
  readonly owner: string;
  /** From how many domains on the host they are made without libxl's search for their names. */
  readonly namelessFrom?: number;
}

const CAPABILITIES: DriverCapabilities = {
  bootProtocols: ['pvh', 'xen-pv'],
  architectures: ['x86_64'],
  platforms: ['xen'],
  pause: true,
  createPaused: true,
  park: true,
  gracefulShutdown: true,
  console: 'both',
  exitCode: true,
  stats: true,
};

/** How long to wait before the host is tried again, milliseconds. */
const RECONNECT_MILLISECONDS = 1_000;

const CONNECTION_LOST = 'the connection to dom0 was lost';

/**
 * A Xen host through xl(1), in this dom0 or over ssh.
 *
 * A domain is ours if its kernel lies in our owner's folder of images in dom0: that is part of what `xl create` is given, so
 * there is no moment at which a domain of ours is not marked. All that happens is seen by one watch of xenstore, where our platform
 * reports readiness and exit code.
 */
export class XlDriver implements HypervisorDriver {
  readonly kind = 'xl';
  readonly capabilities = CAPABILITIES;
  readonly #dom0: Dom0;
  readonly #xl: XlCommands;
  readonly #listeners = new Set<(event: DriverEvent) => void>();
  readonly #table = new DomainTable((event) => this.#emit(event));
  readonly #guests: GuestStore;
  readonly #view: HostView;
  readonly #lifecycle: XlLifecycle;
  readonly #images: PlacedImages;
  readonly #endWaiters = new Map<string, Set<() => void>>();
  #closed = false;
  #up = false;

  constructor(options: XlDriverOptions) {
    this.#dom0 = options.dom0;
    this.#xl = new XlCommands(options.dom0);
    this.#guests = new GuestStore(options.dom0);
    this.#images = new PlacedImages(options.dom0, options.owner);
    const making = new Map<string, Making>();
    this.#view = new HostView(this.#table, this.#xl, this.#guests, this.#images, making);
    this.#lifecycle = new XlLifecycle({
      xl: this.#xl,
      table: this.#table,
      view: this.#view,
      images: this.#images,
      guests: this.#guests,
      making,
      namelessFrom: options.namelessFrom,
    });
  }

  async open(): Promise<void> {
    try {
      await this.#connect('first');
    } catch (error) {
      void this.#reconnect();
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#guests.close();
    await this.#lifecycle.idle();
    await this.#view.close();
    await this.#images.close();
    await this.#dom0.close();
  }

  async facts(): Promise<HostFacts> {
    this.#assertOpen();
    const [info, dom0MemoryBytes, machineId] = await Promise.all([
      this.#xl.info(),
      this.#xl.dom0MemoryBytes(),
      dom0BootId(this.#dom0),
    ]);
    return {
      hypervisor: `Xen ${info.version}`,
      // What guests can have: dom0 does not give up its own.
      memoryBytes: info.memoryBytes === null ? null : info.memoryBytes - dom0MemoryBytes,
      freeMemoryBytes: info.freeMemoryBytes,
      cpus: info.cpus,
      overhead: XEN_OVERHEAD,
      // A daemon in dom0 lives in dom0's memory, which is not the guests'.
      onThisMachine: false,
      machineId,
      acceleration: 'xen',
    };
  }

  async create(spec: DomainSpec, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#assertOpen();
    await this.#lifecycle.create(spec, signal);
  }

  async destroy(id: string): Promise<void> {
    this.#assertOpen();
    await this.#lifecycle.destroy(id);
  }

  async shutdown(id: string): Promise<void> {
    if (!(await this.#xl.shutdown(this.#live(id)))) throw domainNotFound(id);
  }

  async pause(id: string): Promise<void> {
    const record = this.#live(id);
    // Xen counts: what is paused twice must be unpaused twice.
    if (record.state === 'paused') return;
    if (!(await this.#xl.pause(record))) throw domainNotFound(id);
    record.state = 'paused';
    this.#emit({ type: 'paused', id });
  }

  async resume(id: string): Promise<void> {
    const record = this.#live(id);
    if (record.state === 'running') return;
    record.state = 'running';
    this.#emit({ type: 'resumed', id });
    if (!(await this.#xl.unpause(record))) throw domainNotFound(id);
  }

  async claim(id: string, { args }: DomainClaim): Promise<void> {
    const line = claimLine(args);
    const record = this.#live(id);
    if (!record.isParked) throw notParked(id);
    record.parked = false;
    try {
      await this.#guests.claim(record, line);
    } catch (error) {
      // Whether it was given its line, xenstore knows: the next look reads it.
      record.reportsRead = false;
      throw error;
    }
  }

  async list(): Promise<readonly DomainObservation[]> {
    this.#assertOpen();
    await this.#view.refresh();
    return this.#table.observations();
  }

  async stats(): Promise<readonly DomainStats[]> {
    this.#assertOpen();
    await this.#view.refresh();
    return this.#table.ours.map(({ id, cpuSeconds, memoryBytes }) => ({
      id,
      cpuNanoseconds: Math.round(cpuSeconds * 1e9),
      memoryBytes,
    }));
  }

  async *readConsole(
    id: string,
    fromOffset: number,
    reading?: ConsoleReading,
  ): AsyncIterable<ConsoleChunk> {
    const record = this.#known(id);
    yield* readConsoleLog(this.#dom0, record.name, fromOffset, this.#ended(record), reading);
  }

  async writeConsole(id: string, data: Uint8Array): Promise<void> {
    await writeConsole(this.#dom0, this.#guests, this.#live(id), data);
  }

  onEvent(listener: (event: DriverEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #connect(time: 'first' | 'again'): Promise<void> {
    this.#images.forget();
    try {
      await this.#guests.open({
        changed: () => this.#view.somethingEnded(),
        gone: (domid) => {
          const record = this.#table.byDomid(domid);
          if (record?.destroying === false) this.#table.forget(record);
        },
        made: (domid, uuid) => this.#lifecycle.made(domid, uuid),
        report: (domid, uuid, report) => this.#takeReport(domid, uuid, report),
        lost: () => void this.#lost(),
      });
      await this.#lifecycle.connected();
      await this.#view.refresh();
      if (!this.#guests.isOpen) throw unreachable();
    } catch (error) {
      this.#guests.close();
      throw error;
    }
    this.#up = true;
    if (time === 'again') this.#emit({ type: 'host-up' });
  }

  async #lost(): Promise<void> {
    if (this.#closed || !this.#up) return;
    this.#up = false;
    this.#emit({ type: 'host-down', reason: CONNECTION_LOST });
    await this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    while (!this.#closed && !this.#up) {
      await sleep(RECONNECT_MILLISECONDS, undefined, { ref: false });
      await this.#connect('again').catch(() => undefined);
    }
  }

  #takeReport(domid: number, uuid: string, report: GuestReport): void {
    this.#lifecycle.made(domid, uuid);
    const record = this.#table.byDomid(domid);
    if (record?.id === uuid) this.#view.apply(record, report);
  }

  #assertOpen(): void {
    if (this.#closed) throw new UnicoreError('HOST_UNAVAILABLE', 'The driver is closed.');
  }

  /** @throws DOMAIN_NOT_FOUND */
  #known(id: string): XlDomainRecord {
    this.#assertOpen();
    const record = this.#table.get(id);
    if (record === undefined) throw domainNotFound(id);
    return record;
  }

  /** @throws DOMAIN_NOT_FOUND for one that has ended, too */
  #live(id: string): XlDomainRecord {
    const record = this.#known(id);
    if (record.hasShutDown) throw domainNotFound(id);
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

function unreachable(): UnicoreError {
  return new UnicoreError('HOST_UNAVAILABLE', `The Xen host does not answer: ${CONNECTION_LOST}.`);
}
