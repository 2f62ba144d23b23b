// SPDX-License-Identifier: BSD-3-Clause
import {
  domainPath,
  type GuestReport,
  keyPath,
  parseEvent,
  READY_KEY,
  reportOf,
  type StoreEvent,
  uuidOf,
} from './guest-keys.js';
import type { XenDomain } from './xen-domain.js';
import type { Xenstore } from './xenstore/index.js';

export interface ReportListener {
  /** Some domain has shut down, or went. */
  readonly changed: () => void;
  /** A domain's folder in xenstore was made or removed. */
  readonly node: (domid: number) => void;
  /** A domain was made, by whomever. */
  readonly made: (domid: number, uuid: string) => void;
  /** A guest wrote one of the keys by which it reports. */
  readonly report: (domid: number, uuid: string, report: GuestReport) => void;
  /** Nothing more will come. */
  readonly lost: () => void;
}

/** By xenstored: a domain has shut down, or is gone (domain_cleanup). It does not say which. */
const RELEASE = '@releaseDomain';
const DOMAINS = '/local/domain';

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
  await Promise.all([RELEASE, DOMAINS].map((path) => xenstore.watch(path, (at) => watch.take(at))));
  return watch;
}

/**
 * Tells things in the order in which they happened. A watch says only that a path has changed, so its value is read then; one that changes
 * again before that is read once, so that no guest can make more work than it has keys.
 */
export class GuestWatch {
  readonly #xenstore: Xenstore;
  readonly #listener: ReportListener;
  /** In order. */
  readonly #changes: Change[] = [];
  /** Paths among them, but for that of ends: what was reported before an end is told before it. */
  readonly #paths = new Set<string>();
  /** Guests that were claimed and have not said that they are ready, by the path at which they say so. */
  readonly #claimed = new Map<string, XenDomain>();
  #busy = false;

  constructor(xenstore: Xenstore, listener: ReportListener) {
    this.#xenstore = xenstore;
    this.#listener = listener;
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

  take(path: string): void {
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
    // Its number was another's before.
    if (event.type === 'made') this.#claimed.delete(keyPath(event.domid, READY_KEY));
    this.#paths.add(path);
    this.#changes.push({ path, event });
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#changes.shift(); next !== undefined; next = this.#changes.shift()) {
      this.#paths.delete(next.path);
      await this.#tell(next.event);
    }
    this.#busy = false;
  }

  async #tell(event: StoreEvent): Promise<void> {
    if (event.type === 'changed') this.#listener.changed();
    else if (event.type === 'node') this.#listener.node(event.domid);
    else await this.#read(event);
  }

  async #read(event: Extract<StoreEvent, { readonly domid: number }>): Promise<void> {
    const { domid } = event;
    const key = event.type === 'key' ? event.key : null;
    const [vm, value] = await Promise.all([
      this.#value(`${domainPath(domid)}/vm`),
      key === null ? null : this.#value(keyPath(domid, key)),
    ]);
    const uuid = uuidOf(vm);
    if (uuid === null) return;
    if (key === null) this.#listener.made(domid, uuid);
    const report = key === null ? null : reportOf(key, value);
    if (report !== null) this.#listener.report(domid, uuid, report);
  }

  /** What cannot be read now, a look at the host reads; that the connection is lost, is told. */
  #value(path: string): Promise<Buffer | null> {
    return this.#xenstore.read(path).catch(() => null);
  }
}
