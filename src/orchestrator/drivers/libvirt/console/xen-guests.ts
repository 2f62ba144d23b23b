// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as delay } from 'node:timers/promises';
import { UnicoreError } from '../../../../errors/index.js';
import type { ConsoleChunk, ConsoleReading } from '../../driver.js';
import {
  type Dom0,
  type GuestReport,
  GuestStore,
  readConsoleLog,
  removeConsoleLog,
  writeConsole,
  XlCommands,
} from '../../dom0/index.js';

/** Who is to hear what one guest reports. */
export interface GuestListener {
  readonly id: string;
  /** Whether the guest may have reported something without its having been heard. */
  readonly unheard: boolean;
  take(report: GuestReport): void;
}

/** How long to wait before what failed in dom0 is tried again. */
const RETRY_MILLISECONDS = 1000;

/** The numbers that Xen knows domains by; null for one that is not there. */
export type DomainNumbers = (ids: readonly string[]) => Promise<readonly (number | null)[]>;

/**
 * The guests of a Xen host, by way of dom0: what they report is seen by one watch of xenstore, and what they print is in the logs of
 * xenconsoled. None of it goes through libvirtd, which (9.0) locks up for good when a domain is destroyed while its console is open as
 * a stream.
 */
export class XenGuests {
  readonly #dom0: Dom0;
  readonly #numbers: DomainNumbers;
  readonly #onConnected: () => void;
  readonly #guests: GuestStore;
  readonly #listeners = new Map<string, GuestListener>();
  readonly #closing = new AbortController();
  /** Reads that were asked for while one is under way, which are made as one. */
  #next: { readonly ids: Set<string>; readonly done: Promise<void> } | null = null;
  #reading: Promise<unknown> = Promise.resolve();

  /** `onConnected`: dom0 answers, perhaps after having been started anew. */
  constructor(dom0: Dom0, numbers: DomainNumbers, onConnected: () => void) {
    this.#dom0 = dom0;
    this.#numbers = numbers;
    this.#onConnected = onConnected;
    this.#guests = new GuestStore(dom0);
  }

  /** Listens from now on, or as soon as dom0 answers, and again whenever the connection to it was lost. */
  async open(): Promise<void> {
    try {
      await this.#guests.open({
        changed: () => undefined,
        made: () => undefined,
        gone: () => undefined,
        report: (_domid, id, report) => this.#listeners.get(id)?.take(report),
        lost: () => void this.#reopen(),
      });
    } catch {
      void this.#reopen();
      return;
    }
    this.#onConnected();
    this.#catchUp();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#guests.close();
    await this.#reading;
  }

  add(listener: GuestListener): void {
    this.#listeners.set(listener.id, listener);
  }

  delete(listener: GuestListener): void {
    if (this.#listeners.get(listener.id) === listener) this.#listeners.delete(listener.id);
  }

  /** Reads what a guest has reported, and gives it to its listener. @throws HOST_UNAVAILABLE, DEADLINE_EXCEEDED */
  read(id: string): Promise<void> {
    if (this.#next === null) {
      const ids = new Set<string>();
      const done = this.#reading.then(() => {
        this.#next = null;
        return this.#readAll([...ids]);
      });
      this.#reading = done.catch(() => undefined);
      this.#next = { ids, done };
    }
    this.#next.ids.add(id);
    return this.#next.done;
  }

  /** Resolves when it is time to try again, or at the signal. */
  async pause(signal: AbortSignal): Promise<void> {
    await delay(RETRY_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined);
  }

  readLog(
    domainName: string,
    fromOffset: number,
    ended: Promise<unknown>,
    reading: ConsoleReading,
  ): AsyncIterable<ConsoleChunk> {
    return readConsoleLog(this.#dom0, domainName, fromOffset, ended, reading);
  }

  async removeLog(domainName: string): Promise<void> {
    await removeConsoleLog(this.#dom0, domainName);
  }

  /** @throws CONSOLE_UNAVAILABLE, HOST_UNAVAILABLE */
  async write(id: string, data: Uint8Array): Promise<void> {
    const [domid] = await this.#numbers([id]);
    if (domid == null) {
      throw new UnicoreError(
        'CONSOLE_UNAVAILABLE',
        'The console takes no input: the guest is gone.',
      );
    }
    await writeConsole(this.#dom0, this.#guests, { domid, id }, data);
  }

  /** Gives a parked guest its line. @throws INVALID_PHASE, DOMAIN_NOT_FOUND, HOST_UNAVAILABLE */
  async claim(id: string, line: Uint8Array): Promise<void> {
    const [domid] = await this.#numbers([id]);
    if (domid == null) throw new UnicoreError('DOMAIN_NOT_FOUND', `The domain ${id} is gone.`);
    await this.#guests.claim({ domid, id }, line);
  }

  /**
   * Destroys those of these domains that Xen has and libvirt does not. libvirt keeps a record of a domain when it is whole: one whose making
   * ended with libvirtd is known to Xen alone, and has the memory and the name that it is made anew with.
   */
  async destroyHalfMade(
    ids: ReadonlySet<string>,
    isUnknown: (id: string) => Promise<boolean>,
  ): Promise<void> {
    const xl = new XlCommands(this.#dom0);
    for (const { uuid: id, domid, name } of await xl.list()) {
      if (ids.has(id) && (await isUnknown(id))) await xl.destroy({ domid, id, name });
    }
  }

  async #readAll(ids: readonly string[]): Promise<void> {
    const found = await this.#numbers(ids);
    const idOf = new Map<number, string>();
    for (const [index, id] of ids.entries()) {
      const domid = found[index];
      if (domid != null) idOf.set(domid, id);
    }
    const reports: ReadonlyMap<number, GuestReport> = await this.#guests.read([...idOf.keys()]);
    for (const [domid, report] of reports) {
      this.#listeners.get(idOf.get(domid) ?? '')?.take(report);
    }
  }

  #catchUp(): void {
    for (const { id, unheard } of this.#listeners.values()) {
      // What fails now is read at the next connection.
      if (unheard) this.read(id).catch(() => undefined);
    }
  }

  async #reopen(): Promise<void> {
    this.#guests.close();
    await this.pause(this.#closing.signal);
    if (!this.#closing.signal.aborted) await this.open();
  }
}
