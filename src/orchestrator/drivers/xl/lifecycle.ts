// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, UnicoreError } from '../../../errors/index.js';
import {
  type GuestStore,
  isNameless,
  type PlacedImages,
  type XlCommands,
  type XlListRow,
} from '../dom0/index.js';
import type { DomainSpec } from '../driver.js';
import { commandLineFor, PARK_OPTION } from '../guest-command-line.js';
import { LifecycleCalls } from '../lifecycle-calls.js';
import type { DomainTable } from './domain-table.js';
import { domainName, type XlDomainRecord } from './domains.js';
import type { HostView } from './host-view.js';
import { domainNotFound } from './not-found.js';

const MEBIBYTE = 1024 * 1024;

/**
 * With fewer domains than this on the host, libxl looks for a name faster than xl is started once more to let a domain run. Measured on a
 * host in QEMU, beside 267 domains: 2.7 s with the search, 2.4 without it, and 1.3 and 2.3 beside few.
 */
const NAMELESS_FROM = 200;

/** A domain that xl makes. */
export interface Making {
  readonly name: string;
  readonly nameless: boolean;
  /** Its being named, once it is there. */
  naming: Promise<void> | null;
}

export interface XlLifecycleParts {
  readonly xl: XlCommands;
  readonly table: DomainTable;
  readonly view: HostView;
  readonly images: PlacedImages;
  readonly guests: GuestStore;
  /** Those for which xl runs, by id, kept here: from then on, a domain with that id is the one that it makes. */
  readonly making: Map<string, Making>;
  /** From how many domains on they are made without names. */
  readonly namelessFrom?: number | undefined;
}

/**
 * Makes and destroys domains, one call at a time for each id, and removes what those calls that were broken off have left.
 *
 * On a host with many domains, xl makes one paused and without a name; we name it as soon as xenstore has it, and let it run. libxl would
 * see to it that a name is there once, at the cost of a read for each domain of the host; so it is seen to here that one instance is made once: an
 * `xl create` that nobody waits for any more is ended before there is another one for the same id.
 */
export class XlLifecycle {
  readonly #parts: XlLifecycleParts;
  readonly #calls = new LifecycleCalls();
  /** Whose last creation failed: what it has left is looked for before there is another one. */
  readonly #doubtful = new Set<string>();

  constructor(parts: XlLifecycleParts) {
    this.#parts = parts;
  }

  /** Looks for creations that an earlier daemon, or a connection that was lost, has left under way in dom0. */
  async connected(): Promise<void> {
    for (const id of await this.#parts.xl.underWay()) {
      if (!this.#parts.making.has(id)) this.#doubtful.add(id);
    }
  }

  /** Takes in that a domain is there. Its name is written at once, before xenconsoled looks what to call its log. */
  made(domid: number, id: string): void {
    const making = this.#parts.making.get(id);
    if (making === undefined) return;
    const { name } = making;
    // It is watched from its first moment, so that all it reports is seen.
    this.#parts.table.add({ id, name, domid }).reportsRead = true;
    if (!making.nameless || making.naming !== null) return;
    making.naming = this.#parts.guests.name({ domid, id }, name);
    making.naming.catch(() => undefined);
  }

  /** Resolves when nothing is being made or destroyed. */
  idle(): Promise<void> {
    return this.#calls.idle();
  }

  /** @throws as `HypervisorDriver.create` */
  async create(spec: DomainSpec, signal?: AbortSignal): Promise<void> {
    await this.#calls.create(spec.id, () => this.#create(spec));
    // xl is never broken off: what it has made by then would stay.
    if (signal?.aborted === true) {
      await this.destroy(spec.id);
      signal.throwIfAborted();
    }
  }

  /** @throws as `HypervisorDriver.destroy` */
  async destroy(id: string): Promise<void> {
    await this.#calls.destroy(id, () => this.#destroy(id));
  }

  async #create(spec: DomainSpec): Promise<void> {
    await this.#lookForLeftover(spec.id);
    const known = this.#parts.table.get(spec.id);
    if (known !== undefined) return this.#goOn(known, spec);
    await this.#removeStranger(spec.id, ({ name }) => occupied(name));
    await this.#parts.images.use(spec.image, (kernel) => this.#createFrom(kernel, spec));
  }

  /** A creation that was broken off at its last step has left the domain whole, and paused. */
  async #goOn(record: XlDomainRecord, spec: DomainSpec): Promise<void> {
    if (record.state === 'paused' && !spec.paused) await this.#complete(record, record.name, false);
  }

  /** Lets a domain that has its name run. */
  async #complete(record: XlDomainRecord, name: string, paused: boolean): Promise<void> {
    record.name = name;
    await this.#parts.xl.complete(name, record.domid, paused);
    // A look at the host in between has seen it paused.
    if (!paused && record.state === 'paused') record.state = 'running';
  }

  async #createFrom(kernel: string, spec: DomainSpec): Promise<void> {
    const { xl, table, view, making, guests } = this.#parts;
    const type = spec.image.manifest.bootProtocols.includes('pvh') ? 'pvh' : 'pv';
    const name = domainName(spec.name, spec.id);
    const domain = {
      name,
      uuid: spec.id,
      type,
      kernel,
      commandLine: spec.park ? PARK_OPTION : commandLineFor(spec.image.manifest, spec.args),
      memoryMebibytes: Math.ceil(spec.memoryBytes / MEBIBYTE),
      vcpus: spec.vcpus,
    } as const;
    const nameless = table.size >= (this.#parts.namelessFrom ?? NAMELESS_FROM);
    const under: Making = { name, nameless, naming: null };
    making.set(spec.id, under);
    const how = nameless ? 'nameless' : spec.paused ? 'paused' : 'running';
    try {
      const outcome = await xl.create(domain, how);
      // Mostly the watch has told which domain it is, which costs nothing; else the host is looked at.
      if (outcome === 'exists' || table.get(spec.id) === undefined) {
        if (outcome === 'exists') making.delete(spec.id);
        await view.refresh();
        if (outcome === 'exists' && table.get(spec.id) === undefined) throw occupied(name);
      }
      const record = table.get(spec.id);
      if (record !== undefined && outcome === 'created' && nameless) {
        await (under.naming ?? guests.name({ domid: record.domid, id: spec.id }, name));
        await this.#complete(record, name, spec.paused);
      }
    } catch (error) {
      this.#doubtful.add(spec.id);
      await this.#undo(spec.id, error);
      throw error;
    } finally {
      making.delete(spec.id);
    }
    const record = table.get(spec.id);
    if (record === undefined) return;
    if (spec.paused && !record.told.ready) record.state = 'paused';
    table.tellStarted(record);
  }

  async #destroy(id: string): Promise<void> {
    const { table } = this.#parts;
    await this.#lookForLeftover(id);
    await this.#removeStranger(id, () => domainNotFound(id));
    const record = table.get(id);
    if (record === undefined) return;
    await this.#end(record);
    table.forget(record);
  }

  /** An xl that died has told nobody how far it came, and Xen makes a second domain with the same UUID. */
  async #lookForLeftover(id: string): Promise<void> {
    if (!this.#doubtful.has(id)) return;
    const { xl, table, view } = this.#parts;
    // It would make what is looked for in vain, a moment later.
    await xl.endCreation(id);
    await view.refresh();
    const record = table.get(id);
    if (record !== undefined && !(await xl.kernels(record.domid)).has(id)) {
      await this.#remove(record);
    }
    this.#doubtful.delete(id);
  }

  /** Removes what a failed creation has left. Where nothing is known of it, the next list will tell. */
  async #undo(id: string, error: unknown): Promise<void> {
    const record = this.#parts.table.get(id);
    const unknown =
      isUnicoreError(error, 'HOST_UNAVAILABLE') || isUnicoreError(error, 'DEADLINE_EXCEEDED');
    if (record === undefined || unknown) return;
    await this.#remove(record).catch(() => undefined);
  }

  /** Destroys one that was never whole. */
  async #remove(record: XlDomainRecord): Promise<void> {
    await this.#end(record);
    this.#parts.table.drop(record);
  }

  async #end(record: XlDomainRecord): Promise<void> {
    record.destroying = true;
    try {
      await this.#parts.xl.destroy(record);
    } catch (error) {
      record.destroying = false;
      throw error;
    }
  }

  /**
   * Destroys what has this id and is not known as ours, if a creation of ours has left it half made: one with an id of ours that
   * has no name, or no configuration, which libxl keeps last, was broken off, or begun by a daemon that is dead.
   * @throws `refusal` if it is a stranger's own
   */
  async #removeStranger(id: string, refusal: (row: XlListRow) => UnicoreError): Promise<void> {
    const { xl, table } = this.#parts;
    const stranger = table.stranger(id);
    if (stranger === undefined) return;
    if (!isNameless(stranger) && !table.isUndecided(id)) throw refusal(stranger);
    await xl.destroy({ ...stranger, id });
  }
}

function occupied(name: string): UnicoreError {
  return new UnicoreError(
    'DRIVER_FAILED',
    `The Xen host has a domain '${name}' that is not ours: it is left alone. Remove it, or delete the instance.`,
  );
}
