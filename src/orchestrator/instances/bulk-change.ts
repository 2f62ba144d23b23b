// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { UnicoreError } from '../../errors/index.js';
import type { InstanceRecord } from '../lifecycle/index.js';
import {
  itemErrorOf,
  type ItemError,
  type LiveOperation,
  type OperationDocument,
  type OperationRegistry,
} from '../operations/operation-registry.js';
import type {
  ChangeOptions,
  InstanceChange,
  InstanceSelection,
  Operation,
  OperationItem,
} from '../ports.js';
import type { StoredDocument } from '../state/index.js';
import type { InstanceRegistry } from './instance-registry.js';
import { markDeletedAfter } from './edits.js';
import { changeOutcome, type ItemOutcome } from './item-outcome.js';
import { matcherOf } from './selector.js';
import type { Edit, SpecEditor } from './spec-editor.js';

/** What a bulk needs to go on after a restart. Items before `applied` have been written, with the write that says so. */
interface ChangePlan {
  readonly change: InstanceChange;
  /** Who asked. */
  readonly client: string;
  /** Absent in what was written before bulk deletions had one. */
  readonly graceSeconds?: number;
  /** Id and name of each instance that was selected. */
  readonly selected: readonly (readonly [id: string, name: string])[];
  readonly applied: number;
}

export interface BulkChangeOptions {
  readonly registry: InstanceRegistry;
  readonly editor: SpecEditor;
  readonly edits: Readonly<Record<InstanceChange, Edit>>;
  readonly operations: OperationRegistry;
  /** How many are changed and written together. Default 500. */
  readonly chunk?: number | undefined;
}

/** An item of an operation that waits for its instance. */
interface Watch {
  readonly operation: string;
  readonly index: number;
  readonly change: InstanceChange;
}

const KIND = /^instances\.(delete|pause|resume|restart)$/;
const CHANGES: readonly InstanceChange[] = ['delete', 'pause', 'resume', 'restart'];
const MOST_ITEMS = 100_000;
const CHUNK = 500;

/** One change of many instances that a selector names, as an operation that survives the daemon. */
export class BulkChange {
  readonly #o: BulkChangeOptions;
  /** What is being written, by operation. */
  readonly #applying = new Map<string, Promise<void>>();
  readonly #watches = new Map<string, readonly Watch[]>();
  #stopped = false;

  constructor(options: BulkChangeOptions) {
    this.#o = options;
    for (const change of CHANGES) {
      options.operations.onCancel(`instances.${change}`, (operation) => this.#cancel(operation));
    }
    options.registry.onChange(({ instance }) => this.#look(instance.id));
    options.registry.onRemoved(({ instance }) => this.#look(instance.id));
  }

  /** Whether operations of this kind are made here. */
  static owns(kind: string): boolean {
    return KIND.test(kind);
  }

  /** Writes no more; the next start goes on. */
  stop(): void {
    this.#stopped = true;
  }

  /** @throws INVALID_REQUEST, STORAGE_FULL */
  async start(
    change: InstanceChange,
    selection: InstanceSelection,
    { client, graceSeconds = 0 }: ChangeOptions = {},
  ): Promise<Operation> {
    const { registry, operations } = this.#o;
    const matches = matcherOf(selection);
    const selected: (readonly [string, string])[] = [];
    for (const { instance } of registry.table.values()) {
      if (!matches(instance) || instance.spec.desired === 'deleted') continue;
      selected.push([instance.id, instance.name]);
    }
    if (selected.length > MOST_ITEMS) {
      const message = `matches ${selected.length} instances; at most ${MOST_ITEMS} are changed at once`;
      throw new UnicoreError('INVALID_REQUEST', `The selector ${message}.`, {
        errors: [{ path: 'selector', message }],
      });
    }
    const plan: ChangePlan = {
      change,
      client: client?.name ?? '',
      graceSeconds,
      selected,
      applied: 0,
    };
    const operation = await operations.begin(
      randomUUID(),
      `instances.${change}`,
      plan,
      itemsOf(plan),
    );
    if (!operations.conclude(operation)) this.#track(operation);
    return operations.get(operation.id);
  }

  /** Goes on with an operation from the store, once the instances are there. */
  resume(stored: StoredDocument): void {
    const { operations } = this.#o;
    const plan = (stored.document as OperationDocument).plan as ChangePlan;
    const operation = operations.restore(stored, itemsOf(plan));
    if (operation.phase !== 'running') return;
    this.#watch(operation, 0, plan.applied);
    if (!operations.conclude(operation)) this.#track(operation);
  }

  #track(operation: LiveOperation): void {
    const applying = this.#apply(operation).finally(() => this.#applying.delete(operation.id));
    this.#applying.set(operation.id, applying);
  }

  async #apply(operation: LiveOperation): Promise<void> {
    const { registry, editor, edits, operations } = this.#o;
    for (;;) {
      const plan = operation.plan as ChangePlan;
      const end = Math.min(plan.applied + (this.#o.chunk ?? CHUNK), operation.total);
      if (plan.applied >= end || operation.cancelling || this.#stopped) return;
      const indexes = new Map<string, number>();
      for (let index = plan.applied; index < end; index++) {
        const [id] = plan.selected[index] ?? [];
        if (id !== undefined && !operation.settled.has(index)) indexes.set(id, index);
      }
      // From here on they take turns with others as what this operation is about.
      const turn = { client: plan.client, flow: operation.id };
      for (const id of indexes.keys()) registry.join(id, turn);
      const refused = (id: string, error: unknown): void => {
        operations.settle(operation, indexes.get(id) ?? 0, itemErrorOf(error));
      };
      operation.plan = { ...plan, applied: end };
      try {
        const written = operations.changeOf(operation);
        const { change, graceSeconds = 0 } = plan;
        const edit = change === 'delete' ? markDeletedAfter(graceSeconds) : edits[change];
        await editor.editMany([...indexes.keys()], edit, [written], refused);
      } catch (error) {
        for (const id of indexes.keys()) refused(id, error);
      }
      this.#watch(operation, plan.applied, end);
    }
  }

  #watch(operation: LiveOperation, from: number, to: number): void {
    const { change, selected } = operation.plan as ChangePlan;
    for (let index = from; index < to; index++) {
      const [id] = selected[index] ?? [];
      if (id === undefined || operation.settled.has(index)) continue;
      const watch: Watch = { operation: operation.id, index, change };
      this.#watches.set(id, [...(this.#watches.get(id) ?? []), watch]);
      this.#look(id);
    }
  }

  /** Settles what an instance's state has decided. */
  #look(id: string): void {
    const watches = this.#watches.get(id);
    if (watches === undefined) return;
    const record = this.#o.registry.get(id);
    const open = watches.filter(({ operation: of, index, change }) => {
      const operation = this.#o.operations.running(of);
      if (operation === undefined) return false;
      const outcome = outcomeOf(change, record);
      if (outcome === 'open') return true;
      this.#o.operations.settle(operation, index, outcome);
      return false;
    });
    if (open.length === 0) this.#watches.delete(id);
    else if (open.length < watches.length) this.#watches.set(id, open);
  }

  /** Changes no more. What was written already is carried out all the same. */
  async #cancel(operation: LiveOperation): Promise<void> {
    const { editor, operations } = this.#o;
    operation.cancelling = true;
    await this.#applying.get(operation.id);
    if (operation.phase !== 'running') return;
    const { applied } = operation.plan as ChangePlan;
    const errorOf = (index: number): ItemError => (index < applied ? UNDER_WAY : CANCELLED);
    try {
      await operations.cancelled(operation, errorOf, (change) =>
        editor.editMany([], () => null, [change]),
      );
    } catch (error) {
      operation.cancelling = false;
      this.#track(operation);
      throw error;
    }
  }
}

function outcomeOf(change: InstanceChange, record: InstanceRecord | undefined): ItemOutcome {
  if (record !== undefined) return changeOutcome(change, record);
  return change === 'delete' ? null : GONE;
}

function itemsOf({ selected }: ChangePlan): OperationItem[] {
  return selected.map(([id, name]) => ({ id, name, error: null }));
}

const GONE: ItemError = {
  code: 'UNKNOWN_INSTANCE',
  message: 'The instance was deleted by another request.',
};

const CANCELLED: ItemError = {
  code: 'OPERATION_CANCELLED',
  message: 'The operation was cancelled before it came to this instance.',
};

const UNDER_WAY: ItemError = {
  code: 'OPERATION_CANCELLED',
  message: 'The operation was cancelled while this was under way; it is carried out all the same.',
};
