// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import type { Instance } from '../instance.js';
import type { InstanceRecord } from '../lifecycle/index.js';
import type { Journal, NewEvent, StateChange, StoredDefinition } from '../state/index.js';
import { definitionOf, type InstanceRegistry } from './instance-registry.js';

/** What an edit changes; null for nothing. */
export type Edit = (
  definition: StoredDefinition,
  record: InstanceRecord,
) => Partial<Pick<StoredDefinition, 'spec' | 'restartGeneration'>> | null;

/** Edits of specs: durable first, then seen. Edits of one instance that overlap build on one another. */
export class SpecEditor {
  readonly #registry: InstanceRegistry;
  readonly #journal: Journal;
  /** The newest definition of each instance that is being written, and when it is. */
  readonly #pending = new Map<string, PendingEdit>();

  constructor(registry: InstanceRegistry, journal: Journal) {
    this.#registry = registry;
    this.#journal = journal;
  }

  /** @throws UNKNOWN_INSTANCE, GENERATION_MISMATCH, STORAGE_FULL, and what the edit throws */
  async edit(id: string, edit: Edit, ifGeneration?: number): Promise<Instance> {
    const prepared = this.#prepare(id, edit, ifGeneration);
    // Where there is nothing to change, it may be because somebody else's change is on its way: that is waited for.
    if (prepared === null) await this.#pending.get(id)?.written;
    else await this.#write([prepared], []);
    return this.#require(id).instance;
  }

  /**
   * Edits many as one, with other changes. Instances that are gone are left out. What the edit throws for one goes to
   * `refused`, and the others are edited; without it, none is.
   */
  async editMany(
    ids: readonly string[],
    edit: Edit,
    others: readonly StateChange[] = [],
    refused: (id: string, error: unknown) => void = rethrow,
  ): Promise<void> {
    const prepared: PreparedEdit[] = [];
    for (const id of ids) {
      if (this.#registry.get(id) === undefined) continue;
      try {
        const each = this.#prepare(id, edit);
        if (each !== null) prepared.push(each);
      } catch (error) {
        refused(id, error);
      }
    }
    await this.#write(prepared, others);
  }

  #prepare(id: string, edit: Edit, ifGeneration?: number): PreparedEdit | null {
    const record = this.#require(id);
    const current = this.#pending.get(id)?.definition ?? definitionOf(record);
    if (ifGeneration !== undefined && ifGeneration !== current.generation) {
      const text = `The instance is at generation ${current.generation}, not ${ifGeneration}. Read it again.`;
      throw new UnicoreError('GENERATION_MISMATCH', text);
    }
    const changed = edit(current, record);
    if (changed === null) return null;
    return { id, definition: { ...current, ...changed, generation: current.generation + 1 } };
  }

  async #write(edits: readonly PreparedEdit[], others: readonly StateChange[]): Promise<void> {
    const changes = edits.map(({ id, definition }) => {
      return { type: 'put-definition', id, definition } as const;
    });
    const written = this.#journal.commit([...changes, ...others], edits.map(specEvent));
    for (const { id, definition } of edits) this.#pending.set(id, { definition, written });
    try {
      await written;
    } finally {
      for (const { id, definition } of edits) {
        if (this.#pending.get(id)?.definition === definition) this.#pending.delete(id);
      }
    }
    for (const { id, definition } of edits) this.#registry.redefine(id, definition);
  }

  #require(id: string): InstanceRecord {
    const record = this.#registry.get(id);
    if (record === undefined) throw unknownInstance(id);
    return record;
  }
}

interface PendingEdit {
  readonly definition: StoredDefinition;
  readonly written: Promise<void>;
}

interface PreparedEdit {
  readonly id: string;
  readonly definition: StoredDefinition;
}

function rethrow(_id: string, error: unknown): never {
  throw error;
}

export function unknownInstance(id: string): UnicoreError {
  return new UnicoreError('UNKNOWN_INSTANCE', `There is no instance ${id.slice(0, 64)}.`);
}

function specEvent({ id, definition }: PreparedEdit): NewEvent {
  const { name, generation, spec } = definition;
  return {
    type: 'instance.spec',
    resource: { kind: 'instance', id },
    data: { name, host: spec.host, labels: spec.labels, generation, desired: spec.desired },
  };
}
