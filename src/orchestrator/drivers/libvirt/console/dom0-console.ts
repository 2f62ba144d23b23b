// SPDX-License-Identifier: BSD-3-Clause
import type { ConsoleChunk, ConsoleReading } from '../../driver.js';
import type { GuestReport as StoredReport } from '../../dom0/index.js';
import { domainName } from '../xml/ownership.js';
import type { GuestConsole } from './guest-console.js';
import type { GuestReport } from './lines.js';
import type { GuestListener, XenGuests } from './xen-guests.js';

/** What a console needs to know of its domain. */
export interface ConsoleDomain {
  readonly id: string;
  readonly name: string;
  /** Whether we destroy it: nothing it says will come any more. */
  readonly destroying: boolean;
  /** Resolves when its end was told. */
  readonly end: Promise<unknown>;
}

/** A Xen domain's console and reports, by way of dom0. */
export class Dom0Console implements GuestConsole, GuestListener {
  readonly #guests: XenGuests;
  readonly #domain: ConsoleDomain;
  readonly #onReport: (report: GuestReport) => void;
  readonly #closing = new AbortController();
  #ready = false;
  #exited = false;

  constructor(guests: XenGuests, domain: ConsoleDomain, onReport: (report: GuestReport) => void) {
    this.#guests = guests;
    this.#domain = domain;
    this.#onReport = onReport;
    guests.add(this);
  }

  get id(): string {
    return this.#domain.id;
  }

  get unheard(): boolean {
    return !this.#ready;
  }

  take({ parked, bootNanoseconds, exitCode }: StoredReport): void {
    if (bootNanoseconds !== undefined && !this.#ready) {
      this.#ready = true;
      // The time that it was parked is no time that it took to boot.
      const boot = parked === undefined ? bootNanoseconds : null;
      this.#onReport({ type: 'ready', bootNanoseconds: boot });
    } else if (parked === true && !this.#ready) this.#onReport({ type: 'parked' });
    if (exitCode !== undefined && !this.#exited) {
      this.#exited = true;
      this.#onReport({ type: 'exit', code: exitCode });
    }
  }

  /** What dom0 cannot tell now is read when it can be reached again. */
  async scan(): Promise<void> {
    await this.#guests.read(this.id).catch(() => undefined);
  }

  /** The exit code is in xenstore for as long as the domain is there, which is kept until we destroy it. */
  async finish(): Promise<boolean> {
    while (!this.#exited && !this.#domain.destroying) {
      if (this.#closing.signal.aborted) return false;
      try {
        await this.#guests.read(this.id);
        break;
      } catch {
        await this.#guests.pause(this.#closing.signal);
      }
    }
    return true;
  }

  read(
    fromOffset: number,
    { signal, follow = true }: ConsoleReading = {},
  ): AsyncIterable<ConsoleChunk> {
    const closing = this.#closing.signal;
    const until = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    const ended = this.#domain.end;
    return this.#guests.readLog(this.#logName, fromOffset, ended, { follow, signal: until });
  }

  async remove(): Promise<void> {
    await this.#guests.removeLog(this.#logName);
    await this.close();
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#guests.delete(this);
    return Promise.resolve();
  }

  get #logName(): string {
    return domainName(this.#domain.name, this.id);
  }
}
