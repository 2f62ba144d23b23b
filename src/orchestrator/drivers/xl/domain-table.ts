// SPDX-License-Identifier: BSD-3-Clause
import type { XlListRow } from '../dom0/index.js';
import type { DomainObservation, DriverEvent } from '../driver.js';
import { XlDomainRecord, type NewDomain } from './domains.js';

/**
 * All domains of a host as last seen: ours with what is known of them, and strangers. Turns what is seen into events, each
 * told once and in order. A list is older than what was learnt while it was made, so each says when it began.
 */
export class DomainTable {
  readonly #ours = new Map<string, XlDomainRecord>();
  readonly #domids = new Map<number, XlDomainRecord>();
  #strangers = new Map<string, XlListRow>();
  /** Those of them of which nobody could say whose they are. */
  #undecided = new Set<string>();
  /** Domains that went, and when: a list from before may still show them. */
  readonly #gone = new Map<number, number>();
  readonly #tell: (event: DriverEvent) => void;
  #clock = 0;

  constructor(tell: (event: DriverEvent) => void) {
    this.#tell = tell;
  }

  get(id: string): XlDomainRecord | undefined {
    return this.#ours.get(id);
  }

  byDomid(domid: number): XlDomainRecord | undefined {
    return this.#domids.get(domid);
  }

  get ours(): readonly XlDomainRecord[] {
    return [...this.#ours.values()];
  }

  /** How many domains there were at the last look, or have been made since. */
  get size(): number {
    return this.#ours.size + this.#strangers.size;
  }

  stranger(id: string): XlListRow | undefined {
    return this.#strangers.get(id);
  }

  /** Whether it is not known whose a domain is: one that is only being made, or that a broken-off creation has left. */
  isUndecided(id: string): boolean {
    return this.#undecided.has(id);
  }

  observations(): readonly DomainObservation[] {
    return [
      ...this.ours.map((record) => record.observation()),
      ...[...this.#strangers.values()].map(strangerObservation),
    ];
  }

  /** A moment, to be given to `merge` with a list that was asked for after it. */
  now(): number {
    return ++this.#clock;
  }

  /** One of ours is there: it was just made. */
  add(domain: NewDomain): XlDomainRecord {
    const known = this.#ours.get(domain.id);
    if (known?.domid === domain.domid) return known;
    if (known !== undefined) this.#domids.delete(known.domid);
    const record = new XlDomainRecord(domain, this.now());
    this.#ours.set(record.id, record);
    this.#domids.set(record.domid, record);
    this.#strangers.delete(record.id);
    return record;
  }

  /** The rows of a list that nothing is known of, so that somebody must say whose they are. */
  unknown(rows: readonly XlListRow[]): readonly XlListRow[] {
    return rows.filter(
      ({ uuid, domid }) =>
        !this.#ours.has(uuid) &&
        (this.#strangers.get(uuid)?.domid !== domid || this.#undecided.has(uuid)) &&
        !this.#gone.has(domid),
    );
  }

  /** Takes in a whole list that was begun at `since`. `isOurs` is asked for domains that nothing is known of; null: not known. */
  merge(
    rows: readonly XlListRow[],
    since: number,
    isOurs: (row: XlListRow) => boolean | null,
  ): void {
    const seen = new Set<number>();
    const strangers = new Map<string, XlListRow>();
    const undecided = new Set<string>();
    for (const row of rows) {
      seen.add(row.domid);
      if (this.#gone.has(row.domid)) continue;
      const known = this.#ours.get(row.uuid);
      if (known?.domid === row.domid) known.update(row);
      else {
        const ours = known === undefined && row.state !== 'dying' ? isOurs(row) : false;
        if (ours === true) {
          this.add({ id: row.uuid, name: row.name, domid: row.domid }).update(row);
          continue;
        }
        strangers.set(row.uuid, row);
        if (ours === null) undecided.add(row.uuid);
      }
    }
    this.#strangers = strangers;
    this.#undecided = undecided;
    for (const record of this.ours) {
      if (seen.has(record.domid)) this.tellStarted(record);
      else if (record.since < since) this.forget(record);
    }
    for (const [domid, at] of this.#gone) {
      if (at < since && !seen.has(domid)) this.#gone.delete(domid);
    }
  }

  tellStarted(record: XlDomainRecord): void {
    if (record.told.started) return;
    record.told.started = true;
    this.#tell({ type: 'started', id: record.id });
  }

  /** The guest waits before `main`. */
  parked(record: XlDomainRecord): void {
    this.tellStarted(record);
    if (record.told.parked || record.told.ready) return;
    record.told.parked = true;
    this.#tell({ type: 'parked', id: record.id });
  }

  /** The guest has reached `main`. */
  ready(record: XlDomainRecord, bootNanoseconds: number | null): void {
    this.tellStarted(record);
    if (record.told.ready) return;
    record.told.ready = true;
    record.ready = { bootNanoseconds };
    this.#tell({ type: 'ready', id: record.id, bootNanoseconds });
  }

  /** Tells the end of a domain that has shut down. It stays listed until it is destroyed. */
  tellEnded(record: XlDomainRecord): void {
    if (record.told.ended) return;
    this.tellStarted(record);
    record.told.ended = true;
    this.#tell({ type: 'ended', id: record.id, exit: record.exit() });
  }

  /** One that was never told of, and of which nothing is left. */
  drop(record: XlDomainRecord): void {
    record.told.ended = true;
    this.forget(record);
  }

  /** A domain of ours is gone from the host. */
  forget(record: XlDomainRecord): void {
    if (this.#ours.get(record.id) !== record) return;
    this.#ours.delete(record.id);
    this.#domids.delete(record.domid);
    this.#gone.set(record.domid, this.now());
    if (record.told.ended) return;
    record.told.ended = true;
    const { exitCode } = record;
    const exit = { reason: 'destroyed', exitCode, message: 'it was destroyed' } as const;
    this.#tell({ type: 'ended', id: record.id, exit });
  }
}

function strangerObservation(row: XlListRow): DomainObservation {
  const { uuid: id, name, state } = row;
  const owned = false;
  const known = { id, name, owned, ready: null, parked: false, exit: null };
  switch (state) {
    case 'crashed':
      return { ...known, state: 'crashed' };
    case 'shutdown':
    case 'dying':
      return { ...known, state: 'stopped' };
    case 'paused':
      return { ...known, state: 'paused' };
    case 'running':
      return { ...known, state: 'running' };
  }
}
