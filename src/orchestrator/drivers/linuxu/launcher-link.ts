// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as delay } from 'node:timers/promises';
import { UnicoreError } from '../../../errors/index.js';
import type { DomainObservation, DriverEvent } from '../driver.js';
import { LauncherConnection } from './launcher-connection.js';
import { startLauncher, type LauncherSettings } from './launcher-process.js';
import { NoticeBoard, type Notice } from './notice-board.js';
import type { EventPosition, LauncherEvent } from './protocol.js';

const RETRY_FIRST_MILLISECONDS = 50;
const RETRY_MOST_MILLISECONDS = 5_000;

const UNKNOWN_EXIT = {
  reason: 'unknown',
  exitCode: null,
  message: 'gone when the launcher came back',
} as const;

/**
 * The way to the launcher that holds whatever happens to it: connects, starts a launcher where there is none, connects again
 * when it breaks, and tells events without a gap.
 */
export class LauncherLink {
  readonly #settings: LauncherSettings;
  readonly #listOwn: () => Promise<readonly DomainObservation[]>;
  readonly #listeners = new Set<(event: DriverEvent) => void>();
  readonly #removed = new NoticeBoard();
  readonly #output = new NoticeBoard();
  /** Those that live as far as we were told, and whether they are ready. */
  readonly #living = new Map<string, boolean>();
  #connection: LauncherConnection | null = null;
  #position: EventPosition | null = null;
  #closed = false;

  constructor(settings: LauncherSettings, listOwn: () => Promise<readonly DomainObservation[]>) {
    this.#settings = settings;
    this.#listOwn = listOwn;
  }

  /** @throws HOST_UNAVAILABLE; it then goes on trying, and tells `host-up` */
  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      void this.#reconnect();
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    this.#drop('the driver was closed');
  }

  onEvent(listener: (event: DriverEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws HOST_UNAVAILABLE without a connection, or what the launcher answers */
  async request(type: number, payload: Buffer): Promise<Buffer> {
    if (this.#connection === null) {
      const why = this.#closed ? 'the driver is closed' : 'it is being connected to';
      throw new UnicoreError('HOST_UNAVAILABLE', `The linuxu launcher is not connected: ${why}`);
    }
    return this.#connection.request(type, payload);
  }

  /** Resolves when nothing of the instance is left. */
  untilRemoved(id: string): Notice {
    return this.#removed.wait(id);
  }

  /** Resolves when a read that found nothing may find something. */
  untilOutput(id: string, signal?: AbortSignal): Notice {
    return this.#output.wait(id, signal);
  }

  #tell(event: DriverEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async #connect(): Promise<void> {
    const { connection, hello } = await this.#greet().catch(async () => {
      await startLauncher(this.#settings);
      return this.#greet();
    });
    if (this.#closed) {
      connection.close();
      throw new UnicoreError('HOST_UNAVAILABLE', 'The driver was closed');
    }
    this.#connection = connection;
    if (hello.resync) {
      this.#position = hello;
      await this.#resync().catch((error: unknown) => {
        this.#drop('the launcher did not list its instances');
        throw error;
      });
    }
  }

  #greet(): ReturnType<typeof LauncherConnection.open> {
    const { stateDirectory, owner } = this.#settings;
    return LauncherConnection.open(stateDirectory, owner, this.#position, {
      event: (event) => this.#take(event),
      lost: () => void this.#resync().catch(() => undefined),
      closed: (reason, replaced) => this.#lose(reason, replaced),
    });
  }

  #lose(reason: string, replaced: boolean): void {
    if (this.#connection === null) return;
    this.#drop(reason);
    this.#tell({ type: 'host-down', reason });
    if (!replaced) void this.#reconnect();
  }

  #drop(reason: string): void {
    this.#connection?.close();
    this.#connection = null;
    const error = new UnicoreError('HOST_UNAVAILABLE', `The linuxu launcher is gone: ${reason}`);
    this.#removed.failAll(error);
    this.#output.failAll(error);
  }

  async #reconnect(): Promise<void> {
    let pause = RETRY_FIRST_MILLISECONDS;
    while (!this.#closed) {
      try {
        await this.#connect();
        this.#tell({ type: 'host-up' });
        return;
      } catch {
        await delay(pause, undefined, { ref: false });
        pause = Math.min(pause * 2, RETRY_MOST_MILLISECONDS);
      }
    }
  }

  #take(event: LauncherEvent): void {
    if (this.#position !== null) this.#position = { ...this.#position, seq: event.seq };
    const { id, kind } = event;
    switch (kind) {
      case 'output':
        this.#output.post(id);
        return;
      case 'removed':
        this.#living.delete(id);
        this.#output.post(id);
        this.#removed.post(id);
        return;
      case 'ended':
        this.#living.delete(id);
        this.#tell({ type: 'ended', id, exit: event.exit ?? UNKNOWN_EXIT });
        return;
      case 'ready':
        this.#living.set(id, true);
        this.#tell({ type: 'ready', id, bootNanoseconds: event.bootNanoseconds });
        return;
      case 'started':
        this.#living.set(id, false);
        this.#tell({ type: 'started', id });
        return;
      case 'parked':
      case 'paused':
      case 'resumed':
        this.#tell({ type: kind, id });
    }
  }

  /** Tells what happened while nobody told us: by what there is now, against what there was. */
  async #resync(): Promise<void> {
    const now = new Map((await this.#listOwn()).map((domain) => [domain.id, domain]));
    for (const [id, wasReady] of this.#living) {
      const domain = now.get(id);
      const ready = domain?.ready ?? null;
      if (ready !== null && !wasReady) {
        this.#tell({ type: 'ready', id, bootNanoseconds: ready.bootNanoseconds });
      }
      if (domain?.parked === true) this.#tell({ type: 'parked', id });
      if (domain?.exit === null) continue;
      this.#living.delete(id);
      this.#tell({ type: 'ended', id, exit: domain?.exit ?? UNKNOWN_EXIT });
    }
    for (const domain of now.values()) {
      if (domain.exit === null) this.#living.set(domain.id, domain.ready !== null);
    }
    for (const id of this.#removed.waited()) if (!now.has(id)) this.#removed.post(id);
    for (const id of this.#output.waited()) this.#output.post(id);
  }
}
