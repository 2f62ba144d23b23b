// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../errors/index.js';
import { claimGuest } from './claim.js';
import type { Dom0 } from './dom0.js';
import { domainPath, type GuestReport, uuidOf } from './guest-keys.js';
import { type GuestWatch, type ReportListener, watchGuests } from './guest-watch.js';
import type { XenDomain } from './xen-domain.js';
import { connectXenstore, type Xenstore } from './xenstore/index.js';

/** How many domains are asked for at a time. */
const DOMAINS_AT_ONCE = 64;

/** What the guests of a Xen host say, and are told, by way of its xenstored. All of it goes over one connection. */
export class GuestStore {
  readonly #dom0: Dom0;
  #xenstore: Xenstore | null = null;
  #watch: GuestWatch | null = null;
  /** How often it was closed: what was being opened then is not wanted any more. */
  #closings = 0;

  constructor(dom0: Dom0) {
    this.#dom0 = dom0;
  }

  /**
   * Connects, and tells the listener what happens from now on. When the connection is lost, it is to be opened anew.
   * @throws HOST_UNAVAILABLE, DEADLINE_EXCEEDED
   */
  async open(listener: ReportListener): Promise<void> {
    this.close();
    const closings = this.#closings;
    const xenstore = await connectXenstore(this.#dom0);
    try {
      if (closings !== this.#closings) throw this.#unavailable();
      this.#xenstore = xenstore;
      void xenstore.ended.then(() => {
        if (this.#xenstore !== xenstore) return;
        this.#xenstore = null;
        this.#watch = null;
        listener.lost();
      });
      this.#watch = await watchGuests(xenstore, listener);
    } catch (error) {
      if (this.#xenstore === xenstore) this.#xenstore = null;
      xenstore.close();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#xenstore !== null;
  }

  /** The listener hears nothing more. */
  close(): void {
    const xenstore = this.#xenstore;
    this.#xenstore = null;
    this.#watch = null;
    this.#closings++;
    xenstore?.close();
  }

  /** What these domains have reported so far. What they report from now on, the listener is told. */
  async read(domids: readonly number[]): Promise<ReadonlyMap<number, GuestReport>> {
    const watch = this.#watch;
    if (watch === null) throw this.#unavailable();
    const reports = new Map<number, GuestReport>();
    for (let from = 0; from < domids.length; from += DOMAINS_AT_ONCE) {
      const read = domids.slice(from, from + DOMAINS_AT_ONCE).map(async (domid) => {
        await watch.follow(domid);
        reports.set(domid, await watch.read(domid));
      });
      await Promise.all(read);
    }
    return reports;
  }

  /**
   * Gives a domain its name, as libxl does: in its own folder and in that of its UUID. Cheap, so that it may be done twice.
   * @throws HOST_UNAVAILABLE, DEADLINE_EXCEEDED
   */
  async name({ domid, id }: XenDomain, name: string): Promise<void> {
    const folders = [domainPath(domid), `/vm/${id}`];
    await Promise.all(folders.map((folder) => this.#connection.write(`${folder}/name`, name)));
  }

  /** Gives a parked guest its line. @throws INVALID_PHASE, DOMAIN_NOT_FOUND, HOST_UNAVAILABLE, DEADLINE_EXCEEDED */
  async claim(domain: XenDomain, line: Uint8Array): Promise<void> {
    const xenstore = this.#connection;
    // Before it is claimed: it may be faster than the answer.
    const takeBack = this.#watch?.expectReady(domain);
    try {
      await claimGuest(xenstore, domain, line);
    } catch (error) {
      takeBack?.();
      throw error;
    }
  }

  /** The number of a domain's pseudo-terminal in dom0, which xenconsoled has opened for it; null if there is none, or no such domain. */
  async terminalOf({ domid, id }: XenDomain): Promise<number | null> {
    const folder = domainPath(domid);
    const [vm, tty] = await Promise.all(
      ['vm', 'console/tty'].map((name) => this.#connection.read(`${folder}/${name}`)),
    );
    const number = /^\/dev\/pts\/(\d{1,7})$/.exec(tty?.toString('latin1') ?? '')?.[1];
    return uuidOf(vm ?? null) === id && number !== undefined ? Number(number) : null;
  }

  /** @throws HOST_UNAVAILABLE */
  get #connection(): Xenstore {
    if (this.#xenstore !== null) return this.#xenstore;
    throw this.#unavailable();
  }

  #unavailable(): UnicoreError {
    const { description } = this.#dom0;
    return new UnicoreError('HOST_UNAVAILABLE', `No connection to xenstored of ${description}.`);
  }
}
