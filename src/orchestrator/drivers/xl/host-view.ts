// SPDX-License-Identifier: BSD-3-Clause
import {
  type GuestReport,
  type GuestStore,
  isNameless,
  type PlacedImages,
  type XlCommands,
  type XlListRow,
} from '../dom0/index.js';
import { nameSuffix, type XlDomainRecord } from './domains.js';
import type { DomainTable } from './domain-table.js';

/** Looks that nobody waits for begin not before this many times their own duration have passed since the last one. */
const REST = 4;
/** How often they see whether creations are under way, which they let go first, and for how long they do so at most. */
const PATIENCE = { step: 200, most: 10_000 } as const;
/** With more unknown domains than this, one command that tells of all is faster than one for each. */
const FEW = 4;

/**
 * Brings the table up to date. Looking at the whole host costs time in proportion to its domains, so that nothing that happens to
 * one domain waits for it: single domains are looked at singly, and the whole host at most one part in `REST` + 1 of the time.
 */
export class HostView {
  readonly #table: DomainTable;
  readonly #xl: XlCommands;
  readonly #guests: GuestStore;
  readonly #images: PlacedImages;
  /** Those for which xl runs, by id. */
  readonly #creating: ReadonlyMap<string, unknown>;
  /** Domains that another look was asked for while they were looked at. */
  readonly #again = new WeakSet<XlDomainRecord>();
  #looking: Promise<void> | null = null;
  #nextLook: Promise<void> | null = null;
  #restUntil = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    table: DomainTable,
    xl: XlCommands,
    guests: GuestStore,
    images: PlacedImages,
    creating: ReadonlyMap<string, unknown>,
  ) {
    this.#table = table;
    this.#xl = xl;
    this.#guests = guests;
    this.#images = images;
    this.#creating = creating;
  }

  /** Looks at the whole host. What is asked for during one look is answered by the next, for all who asked. */
  refresh(): Promise<void> {
    if (this.#looking === null) {
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
      });
      return this.#looking;
    }
    this.#nextLook ??= this.#looking
      .catch(() => undefined)
      .then(() => {
        this.#nextLook = null;
        return this.refresh();
      });
    return this.#nextLook;
  }

  /** Some domain has shut down or went, nobody says which: those that are about to, at once; the others in a while. */
  somethingEnded(): void {
    for (const record of this.#table.ours) {
      if (record.exitCode !== null && !record.told.ended) this.#ignoringErrors(this.lookAt(record));
    }
    if (this.#timer === null) this.#lookLater(performance.now() + PATIENCE.most);
  }

  /** Looks at one domain of ours. */
  lookAt(record: XlDomainRecord): Promise<void> {
    if (record.look !== null) {
      this.#again.add(record);
      return record.look;
    }
    record.look = this.#lookAt(record).finally(() => {
      record.look = null;
    });
    return record.look;
  }

  /** Takes in what a guest has reported. */
  apply(record: XlDomainRecord, report: GuestReport): void {
    if (report.exitCode !== undefined) record.exitCode = report.exitCode;
    const { parked, bootNanoseconds } = report;
    if (parked !== undefined) record.wasParked = true;
    record.parked = parked ?? record.parked;
    if (bootNanoseconds !== undefined) {
      this.#table.ready(record, record.wasParked ? null : bootNanoseconds);
    } else if (parked === true) this.#table.parked(record);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await Promise.allSettled([this.#looking, this.#nextLook]);
  }

  /** Mostly it was one that we have destroyed ourselves, and the look finds nothing. */
  #lookLater(atTheLatest: number): void {
    const rest = this.#restUntil - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        if (this.#creating.size > 0 && performance.now() < atTheLatest)
          this.#lookLater(atTheLatest);
        else this.#ignoringErrors(this.refresh());
      },
      Math.max(PATIENCE.step, rest),
    );
  }

  async #look(): Promise<void> {
    const since = this.#table.now();
    const begun = performance.now();
    const rows = await this.#xl.list();
    const candidates = this.#candidates(this.#table.unknown(rows));
    const kernels = await this.#kernelsOf(candidates);
    const isOurs = (row: XlListRow): boolean | null => {
      if (this.#creating.has(row.uuid)) return true;
      const kernel = kernels.get(row.uuid);
      if (kernel !== undefined) return this.#images.holds(kernel);
      // Of one that has no name yet, the next look knows more.
      return candidates.includes(row) || isNameless(row) ? null : false;
    };
    this.#table.merge(rows, since, isOurs);
    // An adopted domain reported before we watched; one that has shut down may have reported since we last looked.
    await this.#takeIn(
      this.#table.ours.filter(
        (record) => !record.reportsRead || (record.hasShutDown && !record.told.ended),
      ),
    );
    const now = performance.now();
    this.#restUntil = now + REST * (now - begun);
  }

  async #lookAt(record: XlDomainRecord): Promise<void> {
    do {
      this.#again.delete(record);
      const row = await this.#xl.show(record);
      if (row === null) return;
      record.update(row);
      if (record.hasShutDown) await this.#takeIn([record]);
    } while (this.#again.has(record) && !record.told.ended);
  }

  async #takeIn(records: readonly XlDomainRecord[]): Promise<void> {
    if (records.length === 0) return;
    const reports = await this.#guests.read(records.map(({ domid }) => domid));
    for (const record of records) {
      const report = reports.get(record.domid);
      if (report !== undefined) this.apply(record, report);
      record.reportsRead = true;
      if (record.hasShutDown) this.#table.tellEnded(record);
    }
  }

  /** Those that may be ours. The name of a domain of ours says so. */
  #candidates(rows: readonly XlListRow[]): readonly XlListRow[] {
    return rows.filter(
      ({ uuid, name }) => name.endsWith(nameSuffix(uuid)) && !this.#creating.has(uuid),
    );
  }

  /** Which kernels these domains run; xl knows none of one that is only being made. */
  async #kernelsOf(candidates: readonly XlListRow[]): Promise<ReadonlyMap<string, string>> {
    if (candidates.length > FEW) return this.#xl.kernels(null);
    const found = await Promise.all(candidates.map(({ domid }) => this.#xl.kernels(domid)));
    return new Map(found.flatMap((kernels) => [...kernels]));
  }

  /** What a look finds that fails, the next one finds; that the host is gone, the watch tells. */
  #ignoringErrors(work: Promise<void>): void {
    work.catch(() => undefined);
  }
}
