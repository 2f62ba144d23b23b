// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, UnicoreError } from '../../errors/index.js';
import type { ConsoleChunk, ConsoleReading, DomainStats } from '../drivers/driver.js';
import type { ManagedHost } from '../hosts/managed-host.js';
import { ENDED_PHASES, type Instance, type InstancePhase } from '../instance.js';
import type {
  CreateInstance,
  ChangeOptions,
  InstanceChange,
  InstanceQuery,
  Instances,
  InstanceSelection,
  InstanceUpdate,
  Operation,
  Page,
  QuotaUsage,
} from '../ports.js';
import type { WarmPoolRegistry } from '../pools/warm-pools.js';
import type { Acceptance, Acceptor, InstanceTemplate } from './acceptance.js';
import type { BulkChange } from './bulk-change.js';
import type { BulkCreate } from './bulk-create.js';
import type { EarlyCreations } from './early-creations.js';
import { hostOf, markDeletedAfter, updateOf } from './edits.js';
import type { InstanceRegistry } from './instance-registry.js';
import { parseSelector } from './selector.js';
import { unknownInstance, type Edit, type SpecEditor } from './spec-editor.js';

export interface InstanceServiceOptions {
  readonly registry: InstanceRegistry;
  readonly hosts: ReadonlyMap<string, ManagedHost>;
  readonly acceptor: Acceptor;
  readonly editor: SpecEditor;
  readonly edits: Readonly<Record<InstanceChange, Edit>>;
  readonly early: EarlyCreations;
  readonly bulk: BulkCreate;
  readonly changes: BulkChange;
  /** A function, because warm pools take part in acceptance. */
  readonly pools: () => WarmPoolRegistry;
  /** Throws SHUTTING_DOWN when nothing new is taken any more. */
  readonly requireOpen: () => void;
}

const DEFAULT_LIMIT = 100;
const MOST_LIMIT = 500;
/** How many instances one page looks at; a rare selector gives pages that are not full. */
const MOST_SCANNED = 20_000;
/** The flow of instances that were asked for one by one. */
const SINGLE = 'single';

export class InstanceService implements Instances {
  readonly #o: InstanceServiceOptions;

  constructor(options: InstanceServiceOptions) {
    this.#o = options;
  }

  async create(request: CreateInstance, signal?: AbortSignal): Promise<Instance> {
    const { acceptor, registry, requireOpen } = this.#o;
    requireOpen();
    const existing = registry.madeBy(request.requestId ?? '');
    if (existing !== undefined) return existing.instance;
    const template = await acceptor.template(request, signal);
    requireOpen();
    const warm = await this.#o.pools().claim(template, request);
    if (warm !== null) return warm;
    const accepted = this.#o.early.begin(await this.#accept(template, request));
    await acceptor.commit([accepted], SINGLE);
    const { instance } = accepted.record;
    return registry.get(instance.id)?.instance ?? instance;
  }

  /** Pools give way to requests that find no room. */
  async #accept(template: InstanceTemplate, request: CreateInstance): Promise<Acceptance> {
    const { acceptor, pools } = this.#o;
    const name = request.name ?? null;
    try {
      return await acceptor.accept(template, name);
    } catch (error) {
      if (!isUnicoreError(error, 'NO_CAPACITY')) throw error;
      if (!(await pools().makeRoom(template))) throw error;
      return acceptor.accept(template, name);
    }
  }

  createMany(
    request: CreateInstance,
    count: number,
    options: { readonly allOrNothing?: boolean } = {},
  ): Promise<Operation> {
    this.#o.requireOpen();
    return this.#o.bulk.start(request, count, options.allOrNothing ?? false);
  }

  changeMany(
    change: InstanceChange,
    selection: InstanceSelection,
    options: ChangeOptions = {},
  ): Promise<Operation> {
    this.#o.requireOpen();
    return this.#o.changes.start(change, selection, options);
  }

  get(id: string): Instance {
    const record = this.#o.registry.get(id);
    if (record === undefined) throw unknownInstance(id);
    return record.instance;
  }

  list(query: InstanceQuery): Page<Instance> {
    const { selector, phase, host, limit = DEFAULT_LIMIT } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LIMIT) {
      throw invalidField('limit', `must be 1 to ${MOST_LIMIT}`);
    }
    const selects = selector === undefined || selector === '' ? null : parseSelector(selector);
    const matches = (instance: Instance): boolean =>
      (phase === undefined || instance.status.phase === phase) &&
      (host === undefined || instance.spec.host === host) &&
      (selects === null || selects(instance.spec.labels));
    const after = query.cursor === undefined ? 0 : readCursor(query.cursor);
    const { items, next } = this.#o.registry.table.page(after, limit, MOST_SCANNED, matches);
    return { items, next: next === null ? null : writeCursor(next) };
  }

  usageOf(client: string): QuotaUsage {
    return this.#o.acceptor.quotas.usageOf(client);
  }

  counts(): Readonly<Record<InstancePhase, number>> {
    return this.#o.registry.table.counts;
  }

  waitUntil(
    id: string,
    predicate: (instance: Instance) => boolean,
    signal?: AbortSignal,
  ): Promise<Instance | null> {
    return this.#o.registry.waitUntil(id, predicate, signal);
  }

  delete(id: string, ifGeneration?: number, graceSeconds = 0): Promise<Instance> {
    return this.#o.editor.edit(id, markDeletedAfter(graceSeconds), ifGeneration);
  }

  update(id: string, changes: InstanceUpdate, ifGeneration?: number): Promise<Instance> {
    return this.#o.editor.edit(id, updateOf(changes), ifGeneration);
  }

  pause(id: string): Promise<Instance> {
    return this.#o.editor.edit(id, this.#o.edits.pause);
  }

  resume(id: string): Promise<Instance> {
    return this.#o.editor.edit(id, this.#o.edits.resume);
  }

  async restart(id: string): Promise<Instance> {
    const { editor, edits, registry } = this.#o;
    const edited = await editor.edit(id, edits.restart);
    if (!ENDED_PHASES.has(edited.status.phase) || registry.get(id) === undefined) return edited;
    // What has ended begins again at once, so that the answer does not show the end that is being undone.
    const { capacity } = this.#hostOf(id);
    if (capacity.tryReserve(id, edited.spec)) {
      registry.apply(id, { type: 'restarted' }, true);
    }
    return registry.get(id)?.instance ?? edited;
  }

  readConsole(
    id: string,
    fromOffset: number,
    reading?: ConsoleReading,
  ): AsyncIterable<ConsoleChunk> {
    return this.#hostOf(id).driver.readConsole(id, fromOffset, reading);
  }

  async writeConsole(id: string, data: Uint8Array): Promise<void> {
    await this.#hostOf(id).driver.writeConsole(id, data);
  }

  async stats(id: string): Promise<DomainStats | null> {
    const host = this.#hostOf(id);
    if (!host.driver.capabilities.stats || host.state === 'down') return null;
    return (await host.stats()).get(id) ?? null;
  }

  #hostOf(id: string): ManagedHost {
    return hostOf(this.#o.hosts, this.get(id).spec.host);
  }
}

function invalidField(path: string, message: string): UnicoreError {
  return new UnicoreError('INVALID_REQUEST', `${path} ${message}.`, {
    errors: [{ path, message }],
  });
}

function writeCursor(ordinal: number): string {
  return Buffer.from(`i${ordinal}`).toString('base64url');
}

function readCursor(cursor: string): number {
  const match = /^i(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match === null) throw invalidField('cursor', 'must be the `next` of an earlier page');
  return Number(match[1]);
}
