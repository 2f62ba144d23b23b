// SPDX-License-Identifier: BSD-3-Clause
import type { DomainObservation, DriverEvent } from '../driver.js';
import { XlDomainRecord } from './domains.js';
import type { XlListRow } from './xl-list.js';

/**
 * All domains of a host as last seen: ours with what is known of them, and strangers. Turns two lists into the events between
 * them, each told once and in order.
 */
export class DomainTable {
  readonly #ours = new Map<string, XlDomainRecord>();
  #strangers: readonly XlListRow[] = [];
  readonly #tell: (event: DriverEvent) => void;

  constructor(tell: (event: DriverEvent) => void) {
    this.#tell = tell;
  }

  get(id: string): XlDomainRecord | undefined {
    return this.#ours.get(id);
  }

  byDomid(domid: number): XlDomainRecord | undefined {
    for (const record of this.#ours.values()) {
      if (record.domid === domid && !record.told.ended) return record;
    }
    return undefined;
  }

  get ours(): readonly XlDomainRecord[] {
    return [...this.#ours.values()];
  }

  isStranger(id: string): boolean {
    return this.#strangers.some((row) => row.uuid === id);
  }

  observations(): readonly DomainObservation[] {
    return [
      ...this.ours.map((record) => record.observation()),
      ...this.#strangers.map(strangerObservation),
    ];
  }

  /** Takes in a whole list. `isOurs` is asked for domains that are seen for the first time. */
  merge(rows: readonly XlListRow[], isOurs: (row: XlListRow) => boolean): void {
    const seen = new Set<string>();
    const strangers: XlListRow[] = [];
    for (const row of rows) {
      seen.add(row.uuid);
      const known = this.#ours.get(row.uuid);
      // A domain of ours that shut down and is dying has not gone yet; its end was told already.
      if (known !== undefined) known.update(row);
      else if (isOurs(row)) this.#ours.set(row.uuid, new XlDomainRecord(row));
      else strangers.push(row);
    }
    this.#strangers = strangers;
    for (const record of this.#ours.values()) {
      if (seen.has(record.id)) this.tellStarted(record);
      else this.forget(record.id, 'it was destroyed');
    }
  }

  tellStarted(record: XlDomainRecord): void {
    if (record.told.started) return;
    record.told.started = true;
    this.#tell({ type: 'started', id: record.id });
  }

  /** The guest has reached `main`. */
  ready(record: XlDomainRecord, bootNanoseconds: number): void {
    this.tellStarted(record);
    if (record.told.ready) return;
    record.told.ready = true;
    record.bootNanoseconds = bootNanoseconds;
    this.#tell({ type: 'ready', id: record.id, bootNanoseconds });
  }

  /** Tells the end of a domain that has shut down. It stays listed until it is destroyed. */
  tellEnded(record: XlDomainRecord): void {
    if (record.told.ended) return;
    this.tellStarted(record);
    record.told.ended = true;
    this.#tell({ type: 'ended', id: record.id, exit: record.exit() });
  }

  /** A domain of ours is gone from the host. */
  forget(id: string, message: string): void {
    const record = this.#ours.get(id);
    if (record === undefined) return;
    this.#ours.delete(id);
    if (record.told.ended) return;
    record.told.ended = true;
    this.#tell({ type: 'ended', id, exit: { reason: 'destroyed', exitCode: null, message } });
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
