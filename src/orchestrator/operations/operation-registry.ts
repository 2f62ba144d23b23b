// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, messageOf, UnicoreError } from '../../errors/index.js';
import { timestamp, type Clock } from '../clock.js';
import type { Operation, OperationItem, Operations } from '../ports.js';
import type { Journal, NewEvent, StateChange, StoredDocument } from '../state/index.js';

export type ItemError = NonNullable<OperationItem['error']>;

/** An operation as it is stored. While it runs, only its failures are: what went well can be seen from the instances. */
export interface OperationDocument {
  readonly kind: string;
  readonly total: number;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly phase: Operation['phase'];
  /** What its kind needs to go on after a restart. */
  readonly plan: unknown;
  readonly failures: readonly (readonly [index: number, error: ItemError])[];
}

/** An operation under way: `settle` each item once. */
export interface LiveOperation {
  readonly id: string;
  readonly kind: string;
  readonly total: number;
  readonly createdAt: string;
  phase: Operation['phase'];
  finishedAt: string | null;
  done: number;
  failed: number;
  readonly items: OperationItem[];
  readonly settled: Set<number>;
  /** Set while a cancellation waits for what is under way. */
  cancelling: boolean;
  plan: unknown;
}

export interface OperationRegistryOptions {
  readonly journal: Journal;
  readonly append: (event: NewEvent) => void;
  readonly clock: Clock;
}

const MOST_FINISHED = 200;
const MOST_FINISHED_ITEMS = 50_000;
const PROGRESS_MILLISECONDS = 250;

/** All operations that run, and the newest of those that have ended. */
export class OperationRegistry implements Operations {
  readonly #o: OperationRegistryOptions;
  readonly #operations = new Map<string, LiveOperation>();
  readonly #waiters = new Map<string, Set<() => void>>();
  readonly #cancellers = new Map<string, (operation: LiveOperation) => Promise<void>>();
  readonly #announced = new Set<string>();

  constructor(options: OperationRegistryOptions) {
    this.#o = options;
  }

  /** Says how operations of a kind are cancelled. */
  onCancel(kind: string, cancel: (operation: LiveOperation) => Promise<void>): void {
    this.#cancellers.set(kind, cancel);
  }

  has(id: string): boolean {
    return this.#operations.has(id);
  }

  get(id: string): Operation {
    return view(this.live(id));
  }

  list(): readonly Operation[] {
    return [...this.#operations.values()].map(view).reverse();
  }

  async cancel(id: string): Promise<Operation> {
    const operation = this.live(id);
    if (operation.phase === 'running') await this.#cancellers.get(operation.kind)?.(operation);
    return view(operation);
  }

  wait(id: string, signal?: AbortSignal): Promise<Operation> {
    const operation = this.live(id);
    if (operation.phase !== 'running') return Promise.resolve(view(operation));
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const waiters = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiters);
      const done = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve(view(operation));
      };
      const abort = (): void => {
        waiters.delete(done);
        reject(signal?.reason as Error);
      };
      waiters.add(done);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** @throws UNKNOWN_OPERATION */
  live(id: string): LiveOperation {
    const operation = this.#operations.get(id);
    if (operation !== undefined) return operation;
    throw new UnicoreError(
      'UNKNOWN_OPERATION',
      `There is no operation ${id.slice(0, 64)}. Operations that ended long ago are forgotten.`,
    );
  }

  /** The operation, or undefined if it is not known or has ended. */
  running(id: string): LiveOperation | undefined {
    const operation = this.#operations.get(id);
    return operation?.phase === 'running' ? operation : undefined;
  }

  /** Writes a new operation. */
  async begin(
    id: string,
    kind: string,
    plan: unknown,
    items: readonly OperationItem[],
  ): Promise<LiveOperation> {
    const operation: LiveOperation = {
      id,
      kind,
      total: items.length,
      createdAt: timestamp(this.#o.clock),
      phase: 'running',
      finishedAt: null,
      done: 0,
      failed: 0,
      items: [...items],
      settled: new Set(),
      cancelling: false,
      plan,
    };
    await this.#o.journal.commit([this.changeOf(operation)], [eventOf(operation)]);
    this.#operations.set(id, operation);
    return operation;
  }

  /** Takes in an operation from the store. */
  restore({ id, document }: StoredDocument, items: readonly OperationItem[]): LiveOperation {
    const stored = document as OperationDocument;
    const operation: LiveOperation = {
      id,
      kind: stored.kind,
      total: stored.total,
      createdAt: stored.createdAt,
      phase: stored.phase,
      finishedAt: stored.finishedAt,
      done: 0,
      failed: 0,
      items: [...items],
      settled: new Set(),
      cancelling: false,
      plan: stored.plan,
    };
    this.#operations.set(id, operation);
    for (const [index, error] of stored.failures) this.#count(operation, index, error);
    if (operation.phase !== 'running') operation.done = operation.total - operation.failed;
    return operation;
  }

  changeOf(operation: LiveOperation): StateChange {
    const { id, kind, total, createdAt, finishedAt, phase, plan, items } = operation;
    const failures = items.flatMap(({ error }, index): [number, ItemError][] =>
      error === null ? [] : [[index, error]],
    );
    const document: OperationDocument = {
      kind,
      total,
      createdAt,
      finishedAt,
      phase,
      plan,
      failures,
    };
    return { type: 'put-operation', operation: { id, document } };
  }

  /** Counts an item as done, or as failed with the error. The last one ends the operation. */
  settle(operation: LiveOperation, index: number, error: ItemError | null): void {
    if (operation.phase !== 'running' || !this.#count(operation, index, error)) return;
    if (!this.conclude(operation)) this.#announce(operation);
  }

  /** Ends an operation whose items are all settled, and says whether it has ended. */
  conclude(operation: LiveOperation): boolean {
    if (operation.settled.size < operation.total) return false;
    const { failed, total } = operation;
    const changes = this.#finish(
      operation,
      failed > 0 && failed === total ? 'failed' : 'succeeded',
    );
    // If it cannot be written, the next start finds that all items are settled and ends it again.
    this.#o.journal.commit(changes, [eventOf(operation)], false).catch(() => undefined);
    return true;
  }

  /**
   * Ends an operation as cancelled: what is not settled gets an error, by its index. `write` is given what says so, to be written together
   * with what the cancellation does; the operation has ended when it returns.
   */
  async cancelled(
    operation: LiveOperation,
    errorOf: (index: number) => ItemError,
    write: (change: StateChange) => Promise<void>,
  ): Promise<void> {
    // Whole as it is written, so that a crash right after it leaves an operation that has ended.
    const items = operation.items.map((item, index) =>
      operation.settled.has(index) ? item : { ...item, error: errorOf(index) },
    );
    const finishedAt = timestamp(this.#o.clock);
    await write(this.changeOf({ ...operation, phase: 'cancelled', finishedAt, items }));
    if (operation.phase !== 'running') return;
    for (let index = 0; index < operation.total; index++) {
      this.#count(operation, index, errorOf(index));
    }
    const changes = this.#finish(operation, 'cancelled');
    this.#o.journal.commit(changes, [eventOf(operation)], false).catch(() => undefined);
  }

  #finish(operation: LiveOperation, phase: Operation['phase']): StateChange[] {
    operation.phase = phase;
    operation.finishedAt = timestamp(this.#o.clock);
    for (const wake of this.#waiters.get(operation.id) ?? []) wake();
    this.#waiters.delete(operation.id);
    return [this.changeOf(operation), ...this.#forgetOld()];
  }

  /** Counts an item without ending the operation; false if it was counted before. */
  #count(operation: LiveOperation, index: number, error: ItemError | null): boolean {
    if (operation.settled.has(index)) return false;
    operation.settled.add(index);
    if (error === null) operation.done++;
    else {
      operation.failed++;
      const item = operation.items[index];
      if (item !== undefined) operation.items[index] = { ...item, error };
    }
    return true;
  }

  /** Progress is told now and then, not for each item. */
  #announce(operation: LiveOperation): void {
    if (this.#announced.has(operation.id)) return;
    this.#announced.add(operation.id);
    this.#o.clock.schedule(PROGRESS_MILLISECONDS, () => {
      this.#announced.delete(operation.id);
      if (operation.phase === 'running') this.#o.append(eventOf(operation));
    });
  }

  #forgetOld(): StateChange[] {
    const finished = [...this.#operations.values()].filter(({ phase }) => phase !== 'running');
    let items = finished.reduce((sum, { total }) => sum + total, 0);
    let count = finished.length;
    const changes: StateChange[] = [];
    for (const { id, total } of finished) {
      if (count <= MOST_FINISHED && (items <= MOST_FINISHED_ITEMS || count === 1)) break;
      this.#operations.delete(id);
      changes.push({ type: 'delete-operation', id });
      items -= total;
      count--;
    }
    return changes;
  }
}

/** What an item of an operation shows of an error. */
export function itemErrorOf(error: unknown): ItemError {
  return isUnicoreError(error)
    ? { code: error.code, message: error.message }
    : { code: 'INTERNAL', message: messageOf(error) };
}

function view(operation: LiveOperation): Operation {
  const { id, kind, phase, total, done, failed, items, createdAt, finishedAt } = operation;
  return { id, kind, phase, total, done, failed, items, createdAt, finishedAt };
}

function eventOf(operation: LiveOperation): NewEvent {
  const { id, kind, phase, total, done, failed } = operation;
  return {
    type: phase === 'running' ? 'operation.progress' : 'operation.finished',
    resource: { kind: 'operation', id },
    data: { kind, phase, total, done, failed },
  };
}
