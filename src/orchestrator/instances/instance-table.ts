// SPDX-License-Identifier: BSD-3-Clause
import type { Instance, InstancePhase } from '../instance.js';
import type { InstanceRecord } from '../lifecycle/index.js';

/** All instances in memory, with what lists and counts need so that none of them grows with the number of instances. */
export class InstanceTable {
  readonly #records = new Map<string, InstanceRecord>();
  /** Ids by ordinal, ascending: accepted last is last. */
  readonly #order: { readonly ordinal: number; readonly id: string }[] = [];
  readonly #byHost = new Map<string, Set<string>>();
  readonly #byImage = new Map<string, number>();
  readonly #counts: Record<InstancePhase, number> = {
    pending: 0,
    creating: 0,
    paused: 0,
    booting: 0,
    running: 0,
    stopping: 0,
    stopped: 0,
    failed: 0,
    lost: 0,
  };

  get size(): number {
    return this.#records.size;
  }

  get counts(): Readonly<Record<InstancePhase, number>> {
    return { ...this.#counts };
  }

  get(id: string): InstanceRecord | undefined {
    return this.#records.get(id);
  }

  values(): IterableIterator<InstanceRecord> {
    return this.#records.values();
  }

  /** Ids of the instances on a host, as a copy. */
  idsOn(host: string): string[] {
    return [...(this.#byHost.get(host) ?? [])];
  }

  countOn(host: string): number {
    return this.#byHost.get(host)?.size ?? 0;
  }

  countOfImage(digest: string): number {
    return this.#byImage.get(digest) ?? 0;
  }

  /** Images by digest, with how many instances are made of each. */
  images(): IterableIterator<readonly [digest: string, instances: number]> {
    return this.#byImage.entries();
  }

  /** Inserts a record with an ordinal that is greater than all before, or replaces the one with its id. */
  put(record: InstanceRecord): void {
    const { id, spec, status } = record.instance;
    const old = this.#records.get(id);
    this.#records.set(id, record);
    this.#counts[status.phase]++;
    if (old !== undefined) {
      this.#counts[old.instance.status.phase]--;
      return;
    }
    // Groups commit in order, but a record may be let in after one that was accepted later.
    const { ordinal } = record;
    this.#order.splice(this.#indexOf(ordinal), 0, { ordinal, id });
    const onHost = this.#byHost.get(spec.host);
    if (onHost === undefined) this.#byHost.set(spec.host, new Set([id]));
    else onHost.add(id);
    this.#byImage.set(spec.image, this.countOfImage(spec.image) + 1);
  }

  remove(id: string): InstanceRecord | undefined {
    const record = this.#records.get(id);
    if (record === undefined) return undefined;
    const { spec, status } = record.instance;
    this.#records.delete(id);
    this.#counts[status.phase]--;
    this.#order.splice(this.#indexOf(record.ordinal), 1);
    this.#byHost.get(spec.host)?.delete(id);
    const left = this.countOfImage(spec.image) - 1;
    if (left > 0) this.#byImage.set(spec.image, left);
    else this.#byImage.delete(spec.image);
    return record;
  }

  /**
   * At most `limit` instances after an ordinal that match, of at most `scan` that are looked at. `next` is the ordinal to go on
   * after, or null at the end.
   */
  page(
    after: number,
    limit: number,
    scan: number,
    matches: (instance: Instance) => boolean,
  ): { readonly items: Instance[]; readonly next: number | null } {
    const items: Instance[] = [];
    let index = this.#indexOf(after + 1);
    const end = Math.min(this.#order.length, index + scan);
    for (; index < end && items.length < limit; index++) {
      const record = this.#records.get(this.#order[index]?.id ?? '');
      if (record !== undefined && matches(record.instance)) items.push(record.instance);
    }
    const last = this.#order[index - 1];
    return { items, next: index < this.#order.length && last !== undefined ? last.ordinal : null };
  }

  /** Index of the first entry whose ordinal is not less. */
  #indexOf(ordinal: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#order[middle]?.ordinal ?? Infinity) < ordinal) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
