// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, UnicoreError } from '../../../errors/index.js';
import type { DomainObservation, DomainState } from '../driver.js';
import type { CallPool } from './call-pool.js';
import type { DomainNote } from './console/directory.js';
import type { DomainRegistry } from './domain-registry.js';
import type { DomainRecord } from './native/domain-stats.js';
import { STATS_STATE } from './native/stats-groups.js';
import type { TrackedDomain } from './tracked-domain.js';
import { mayBeOurs, parseMark } from './xml/ownership.js';

/** virDomainState */
const STATE = { NOSTATE: 0, PAUSED: 3, SHUTOFF: 5, CRASHED: 6 } as const;

/** How long the event of an end may come after a list that shows the domain no more. */
const END_EVENT_MILLISECONDS = 2000;

/** Whether a domain in this state (virDomainState) exists as more than a definition. */
export function isActive(state: number): boolean {
  return state !== STATE.NOSTATE && state !== STATE.SHUTOFF && state !== STATE.CRASHED;
}

/** What the host has, compared with what we know. */
export class HostView {
  readonly #pool: CallPool;
  readonly #registry: DomainRegistry;
  readonly #owner: string;
  readonly #isBeingCreated: (id: string) => boolean;
  /** See `Hypervisor`. */
  readonly #keepsEnded: boolean;
  /** Names of domains that may be ours and are not. A domain's mark does not change while it lives. */
  #strangers = new Set<string>();

  constructor(
    pool: CallPool,
    registry: DomainRegistry,
    owner: string,
    isBeingCreated: (id: string) => boolean,
    keepsEnded: boolean,
  ) {
    this.#pool = pool;
    this.#registry = registry;
    this.#owner = owner;
    this.#isBeingCreated = isBeingCreated;
    this.#keepsEnded = keepsEnded;
  }

  /** All domains of the host, and ours that ended. */
  async list(): Promise<DomainObservation[]> {
    const records = await this.#records();
    await this.#adoptNew(records);
    const listed = new Set(records.map(({ id }) => id));
    const unlisted = this.#registry.all().filter(({ id }) => !listed.has(id));
    for (const domain of unlisted) this.#missed(domain, null);
    for (const record of records) {
      const domain = this.#registry.get(record.id);
      if (domain !== undefined && this.#hasEnded(record)) this.#missed(domain, detailOf(record));
    }
    this.#registry.rescan();
    return [
      ...records.flatMap((record) => this.#observe(record) ?? []),
      ...unlisted.filter(({ phase }) => phase !== 'creating').map(observeEnded),
    ];
  }

  /**
   * After a connection was made: takes up what is there, tells of what changed meanwhile, and removes what is left of
   * domains that never were.
   */
  async synchronise(): Promise<void> {
    const records = await this.#records();
    const known = new Set(this.#registry.all());
    await this.#adoptNew(records);
    const listed = new Map(records.map((record) => [record.id, record]));
    const notes = (await this.#registry.directory?.notes()) ?? [];
    const unlisted = notes.filter(({ id }) => !listed.has(id));
    await this.#destroyHalfMade(unlisted);
    for (const domain of known) {
      const record = listed.get(domain.id);
      if (record !== undefined && this.#hasEnded(record)) {
        await domain.stopped(detailOf(record));
      } else if (record !== undefined) {
        bringUpToDate(domain, stateOf(record));
      } else if (domain.phase !== 'creating') await domain.stopped(null);
      else if (!this.#isBeingCreated(domain.id)) await this.#registry.forget(domain.id);
    }
    await this.#takeUpEnded(unlisted);
  }

  /** A domain that libvirt has under this id, if it is ours. */
  async isOurs(id: string): Promise<boolean> {
    return (await this.#nameIfOurs([id]))[0] != null;
  }

  /**
   * One of ours that this process did not know of, or undefined if there is none.
   * @throws DOMAIN_NOT_FOUND if there is one, and it is a stranger
   */
  async find(id: string): Promise<TrackedDomain | undefined> {
    const [name] = await this.#nameIfOurs([id]);
    if (name != null) return this.#registry.adopt(id, name, 'running');
    const records = await this.#records();
    if (!records.some((record) => record.id === id)) return undefined;
    throw new UnicoreError(
      'DOMAIN_NOT_FOUND',
      `the domain ${id} belongs to somebody else: it is left alone`,
    );
  }

  async #records(): Promise<DomainRecord[]> {
    const records = await this.#pool.call('stats', [STATS_STATE], 'list the domains');
    return this.#keepsEnded ? this.#withoutHalfMade(records) : records;
  }

  /** libvirt's Xen driver lists a domain that it is only making as one that has ended. */
  async #withoutHalfMade(records: readonly DomainRecord[]): Promise<DomainRecord[]> {
    const doubtful = records.filter(
      (record) => !isActive(stateOf(record)) && this.#registry.get(record.id)?.phase !== 'ended',
    );
    if (doubtful.length === 0) return [...records];
    const ids = doubtful.map(({ id }) => id);
    const states = await this.#pool.call('statesOfMade', [ids], 'look at domains');
    const stateById = new Map(ids.map((id, index) => [id, states[index] ?? null]));
    return records.flatMap((record) => {
      const state = stateById.get(record.id);
      if (state === undefined) return record;
      return state === null
        ? []
        : { ...record, fields: { ...record.fields, 'state.state': state } };
    });
  }

  async #adoptNew(records: readonly DomainRecord[]): Promise<void> {
    const candidates = records.filter(
      ({ id, name }) =>
        mayBeOurs(name) && this.#registry.get(id) === undefined && !this.#strangers.has(id),
    );
    if (candidates.length === 0) return;
    const names = await this.#nameIfOurs(candidates.map(({ id }) => id));
    const listed = new Set(records.map(({ id }) => id));
    this.#strangers = new Set([...this.#strangers].filter((id) => listed.has(id)));
    await Promise.all(
      candidates.map(async (record, index) => {
        const name = names[index];
        if (name == null) this.#strangers.add(record.id);
        else if (isActive(stateOf(record))) {
          const phase = stateOf(record) === STATE.PAUSED ? 'paused' : 'running';
          await this.#registry.adopt(record.id, name, phase);
        } else if (this.#hasEnded(record) && !this.#isBeingCreated(record.id)) {
          await this.#registry.adopt(record.id, name, 'ended', detailOf(record));
        }
      }),
    );
  }

  async #nameIfOurs(ids: readonly string[]): Promise<(string | null)[]> {
    const elements = await this.#pool.call('metadata', [ids], 'read the marks of domains');
    return elements.map((xml) => {
      const mark = xml === null ? null : parseMark(xml);
      return mark?.owner === this.#owner ? mark.name : null;
    });
  }

  /** What a libvirtd that died has left of domains of ours: each has a note from before it was made. */
  async #destroyHalfMade(unlisted: readonly DomainNote[]): Promise<void> {
    const { guests } = this.#registry;
    const ids = unlisted.map(({ id }) => id).filter((id) => !this.#isBeingCreated(id));
    if (guests === null || ids.length === 0) return;
    await guests.destroyHalfMade(new Set(ids), async (id) => {
      try {
        await this.#pool.call('state', [id], `look at the domain ${id}`);
        return false;
      } catch (error) {
        if (isUnicoreError(error, 'DOMAIN_NOT_FOUND')) return true;
        throw error;
      }
    });
  }

  async #takeUpEnded(unlisted: readonly DomainNote[]): Promise<void> {
    for (const { id, name } of unlisted) {
      if (this.#registry.get(id) !== undefined) continue;
      if (await this.#registry.hasOutput(id)) await this.#registry.adopt(id, name, 'ended');
      else await this.#registry.forget(id);
    }
  }

  /** Whether it is a domain that ended, and was kept to be looked at. */
  #hasEnded(record: DomainRecord): boolean {
    const state = stateOf(record);
    return this.#keepsEnded && (state === STATE.SHUTOFF || state === STATE.CRASHED);
  }

  #missed(domain: TrackedDomain, detail: number | null): void {
    if (domain.phase !== 'running' && domain.phase !== 'paused') return;
    setTimeout(() => void domain.stopped(detail), END_EVENT_MILLISECONDS).unref();
  }

  #observe(record: DomainRecord): DomainObservation | null {
    const domain = this.#registry.get(record.id);
    const state = observedState(stateOf(record));
    if (domain === undefined) {
      const { id, name } = record;
      return { id, name, owned: false, state, ready: null, parked: false, exit: null };
    }
    if (domain.phase === 'ended') return observeEnded(domain);
    // libvirt lists a domain before QEMU runs.
    if (domain.phase === 'creating' && !isActive(stateOf(record))) return null;
    const { id, name, ready, parked } = domain;
    return { id, name, owned: true, state, ready, parked, exit: null };
  }
}

function stateOf(record: DomainRecord): number {
  return record.fields['state.state'] ?? STATE.NOSTATE;
}

/** virDomainEventStoppedDetailType of the event that told of this end: SHUTDOWN or CRASHED. */
function detailOf(record: DomainRecord): number {
  return stateOf(record) === STATE.CRASHED ? 2 : 0;
}

function observedState(state: number): DomainState {
  if (state === STATE.PAUSED) return 'paused';
  if (state === STATE.CRASHED) return 'crashed';
  return isActive(state) ? 'running' : 'stopped';
}

function observeEnded({ id, name, ready, exit }: TrackedDomain): DomainObservation {
  const state = exit?.reason === 'crashed' ? 'crashed' : 'stopped';
  return { id, name, owned: true, state, ready, parked: false, exit };
}

/** Tells what happened to a domain while nobody listened. */
function bringUpToDate(domain: TrackedDomain, state: number): void {
  if (!isActive(state)) return;
  domain.started();
  if (state === STATE.PAUSED) domain.paused();
  else domain.resumed();
}
