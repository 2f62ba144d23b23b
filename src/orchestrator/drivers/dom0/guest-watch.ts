// SPDX-License-Identifier: BSD-3-Clause
import {
  dataPath,
  domainPath,
  DOMAINS,
  type GuestReport,
  INTRODUCE,
  keyPath,
  parseEvent,
  READY_KEY,
  RELEASE,
  REPORT_KEYS,
  type ReportKey,
  reportOf,
  type StoreEvent,
  uuidOf,
} from './guest-keys.js';
import type { XenDomain } from './xen-domain.js';
import type { Xenstore } from './xenstore/index.js';

export interface ReportListener {
  /** Some domain has shut down, or went. */
  readonly changed: () => void;
  /** A domain was made, by whomever. */
  readonly made: (domid: number, uuid: string) => void;
  /** A domain is gone that was made since, or that was followed. */
  readonly gone: (domid: number) => void;
  /** A guest wrote one of the keys by which it reports. */
  readonly report: (domid: number, uuid: string, report: GuestReport) => void;
  /** Nothing more will come. */
  readonly lost: () => void;
}

interface Change {
  readonly path: string;
  readonly event: StoreEvent;
}

/** Tells a listener what happens to the domains of a host. Nothing is missed once it has resolved. */
export async function watchGuests(
  xenstore: Xenstore,
  listener: ReportListener,
): Promise<GuestWatch> {
  const watch = new GuestWatch(xenstore, listener);
  await watch.begin();
  return watch;
}

/**
 * Tells things in the order in which they happened. A watch says only that a path has changed, so its value is read then; one that changes
 * again before that is read once, so that no guest can make more work than it has keys.
 *
 * Domains have a watch each, of the folder that guests write to: one of all domains would tell of the 200 nodes that a toolstack writes to
 * make one, each of which costs dom0 a wakeup.
 */
export class GuestWatch {
  readonly #xenstore: Xenstore;
  readonly #listener: ReportListener;
  /** In order. */
  readonly #changes: Change[] = [];
  /** Paths among them, but for that of ends: what was reported before an end is told before it. */
  readonly #paths = new Set<string>();
  /** Domains that there were at the last look. */
  #known = new Set<number>();
  /** What ends the watch of a domain. */
  readonly #followed = new Map<number, Promise<() => Promise<void>>>();
  /** Guests that were claimed and have not said that they are ready, by the path at which they say so. */
  readonly #claimed = new Map<string, XenDomain>();
  #busy = false;

  constructor(xenstore: Xenstore, listener: ReportListener) {
    this.#xenstore = xenstore;
    this.#listener = listener;
  }

  async begin(): Promise<void> {
    const take = (path: string): void => this.#take(path);
    await this.#xenstore.watch(RELEASE, take);
    this.#known = await this.#domids();
    // It fires once at the start: what was introduced since the look is found then.
    await this.#xenstore.watch(INTRODUCE, take);
  }

  /** Tells what a guest reports from now on. */
  async follow(domid: number): Promise<void> {
    let followed = this.#followed.get(domid);
    if (followed === undefined) {
      let first = true;
      followed = this.#xenstore.watch(dataPath(domid), (path) => {
        // Whoever follows reads what was there before.
        if (first) first = false;
        else this.#take(path);
      });
      this.#followed.set(domid, followed);
      followed.catch(() => this.#followed.delete(domid));
    }
    await followed;
  }

  /** All that a guest has reported so far. */
  async read(domid: number): Promise<GuestReport> {
    const read = async (key: ReportKey): Promise<GuestReport | null> =>
      reportOf(key, await this.#xenstore.read(keyPath(domid, key)));
    return Object.assign({}, ...(await Promise.all(REPORT_KEYS.map(read)))) as GuestReport;
  }

  /**
   * A guest is being claimed. When it says that it is ready, that it says so is all: how long it took tells nothing of one that has waited.
   * So its answer is not read. Gives what takes this back.
   */
  expectReady(domain: XenDomain): () => void {
    const path = keyPath(domain.domid, READY_KEY);
    this.#claimed.set(path, domain);
    return () => this.#claimed.delete(path);
  }

  #take(path: string): void {
    const claimed = this.#claimed.get(path);
    if (claimed !== undefined) {
      this.#claimed.delete(path);
      const report = { parked: false, bootNanoseconds: 0 };
      this.#listener.report(claimed.domid, claimed.id, report);
      return;
    }
    const event = parseEvent(path);
    const waits = path === RELEASE ? this.#changes.at(-1)?.path === RELEASE : this.#paths.has(path);
    if (event === null || waits) return;
    this.#paths.add(path);
    this.#changes.push({ path, event });
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#changes.shift(); next !== undefined; next = this.#changes.shift()) {
      this.#paths.delete(next.path);
      // What cannot be read now, a look at the host reads; that the connection is lost, is told.
      await this.#tell(next.event).catch(() => undefined);
    }
    this.#busy = false;
  }

  async #tell(event: StoreEvent): Promise<void> {
    switch (event.type) {
      case 'introduced':
        return this.#discover();
      case 'released': {
        this.#listener.changed();
        return;
      }
      case 'data':
        return this.#look(event.domid);
      case 'key':
        return this.#readKey(event.domid, event.key);
    }
  }

  /** Tells of the domains that are new, and what they have reported by now. */
  async #discover(): Promise<void> {
    const domids = await this.#domids();
    const made = [...domids].filter((domid) => !this.#known.has(domid));
    this.#known = domids;
    for (const domid of made) {
      const uuid = await this.#uuid(domid);
      if (uuid === null) continue;
      // Its number was another's before.
      this.#claimed.delete(keyPath(domid, READY_KEY));
      this.#listener.made(domid, uuid);
      await this.follow(domid);
      await this.#report(domid, uuid);
    }
  }

  /** A domain's folder fires when it goes, with all of the domain's nodes. */
  async #look(domid: number): Promise<void> {
    const uuid = await this.#uuid(domid);
    if (uuid !== null) return this.#report(domid, uuid);
    this.#known.delete(domid);
    this.#claimed.delete(keyPath(domid, READY_KEY));
    const end = this.#followed.get(domid);
    this.#followed.delete(domid);
    this.#listener.gone(domid);
    await (
      await end
    )?.();
  }

  async #report(domid: number, uuid: string): Promise<void> {
    const report = await this.read(domid);
    if (Object.keys(report).length > 0) this.#listener.report(domid, uuid, report);
  }

  async #readKey(domid: number, key: ReportKey): Promise<void> {
    const [uuid, value] = await Promise.all([
      this.#uuid(domid),
      this.#xenstore.read(keyPath(domid, key)),
    ]);
    const report = reportOf(key, value);
    if (uuid !== null && report !== null) this.#listener.report(domid, uuid, report);
  }

  async #uuid(domid: number): Promise<string | null> {
    return uuidOf(await this.#xenstore.read(`${domainPath(domid)}/vm`));
  }

  async #domids(): Promise<Set<number>> {
    const names = (await this.#xenstore.directory(DOMAINS)) ?? [];
    return new Set(names.filter((name) => /^\d{1,5}$/.test(name)).map(Number));
  }
}
