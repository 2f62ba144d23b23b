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
import type { CreateInstance, Operation, OperationItem } from '../ports.js';
import type { StoredDocument } from '../state/index.js';
import type { Acceptance, Acceptor, InstanceTemplate } from './acceptance.js';
import type { InstanceRegistry } from './instance-registry.js';
import {
  generateName,
  isInstanceName,
  itemId,
  LONGEST_NAME,
  nameTemplate,
  operationIdOf,
} from './naming.js';
import { startOutcome } from './item-outcome.js';
import { markDeleted } from './edits.js';
import type { SpecEditor } from './spec-editor.js';

/** What a bulk needs to go on after a restart. Items before `accepted` have been, with the write that says so. */
interface BulkPlan {
  readonly template: InstanceTemplate;
  /** A name template. */
  readonly name: string;
  readonly accepted: number;
}

export interface BulkCreateOptions {
  readonly registry: InstanceRegistry;
  readonly acceptor: Acceptor;
  readonly editor: SpecEditor;
  readonly operations: OperationRegistry;
  /** How many are accepted and written together. Default 250. */
  readonly chunk?: number | undefined;
}

export const BULK_KIND = 'instances.create';
const MOST_ITEMS = 10_000;
const CHUNK = 250;

/** Many instances from one request, as an operation that survives the daemon. */
export class BulkCreate {
  readonly #o: BulkCreateOptions;
  /** The acceptance that is under way, by operation. */
  readonly #accepting = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(options: BulkCreateOptions) {
    this.#o = options;
    options.operations.onCancel(BULK_KIND, (operation) => this.#cancel(operation));
    options.registry.onChange((record) => this.#settle(record));
    options.registry.onRemoved((record) => this.#removed(record));
  }

  /** Accepts no more; the next start goes on. */
  stop(): void {
    this.#stopped = true;
  }

  async start(request: CreateInstance, count: number, allOrNothing: boolean): Promise<Operation> {
    if (!Number.isInteger(count) || count < 1 || count > MOST_ITEMS) {
      throw new UnicoreError('INVALID_REQUEST', `count must be 1 to ${MOST_ITEMS}.`, {
        errors: [{ path: 'count', message: `must be 1 to ${MOST_ITEMS}` }],
      });
    }
    const { acceptor, operations } = this.#o;
    const { name: asked, requestId, ...common } = request;
    const id = requestId === undefined ? randomUUID() : operationIdOf(requestId);
    if (operations.has(id)) return operations.get(id);
    if (asked !== undefined) requireNames(asked, count);
    const template = await acceptor.template(common);
    const name = asked ?? generateName(template.spec.app);
    const plan: BulkPlan = { template, name, accepted: 0 };
    const whole = allOrNothing ? await this.#acceptAll(id, plan, count) : null;
    let operation: LiveOperation;
    try {
      operation = await operations.begin(id, BULK_KIND, plan, itemsOf(id, name, count));
    } catch (error) {
      if (whole !== null) acceptor.abandon(whole);
      throw error;
    }
    this.#track(
      id,
      whole === null ? this.#acceptRest(operation) : this.#commit(operation, whole, count),
    );
    return operations.get(id);
  }

  /** Goes on with an operation from the store, once the instances are there. */
  resume(stored: StoredDocument): void {
    const document = stored.document as OperationDocument;
    const plan = document.plan as BulkPlan;
    const { operations, registry } = this.#o;
    const items = itemsOf(stored.id, plan.name, document.total);
    const operation = operations.restore(stored, items);
    if (operation.phase !== 'running') return;
    for (let index = 0; index < plan.accepted; index++) {
      const record = registry.get(itemId(stored.id, index));
      // It was there and is not any more: somebody deleted it, and its item is over.
      if (record === undefined) operations.settle(operation, index, null);
      else this.#settle(record);
    }
    if (!operations.conclude(operation)) this.#track(stored.id, this.#acceptRest(operation));
  }

  #track(id: string, acceptance: Promise<void>): void {
    const tracked = acceptance.finally(() => this.#accepting.delete(id));
    this.#accepting.set(id, tracked);
  }

  async #acceptAll(id: string, plan: BulkPlan, count: number): Promise<Acceptance[]> {
    this.#o.acceptor.requireQuota(plan.template, count);
    this.#o.acceptor.requireRoom(plan.template, count);
    const accepted: Acceptance[] = [];
    try {
      for (let index = 0; index < count; index++)
        accepted.push(await this.#accept(id, plan, index));
    } catch (error) {
      this.#o.acceptor.abandon(accepted);
      throw error;
    }
    return accepted;
  }

  #accept(id: string, plan: BulkPlan, index: number): Promise<Acceptance> {
    const origin = { operation: id, index };
    const name = namesOf(plan.name)(index);
    return this.#o.acceptor.accept(plan.template, name, itemId(id, index), origin);
  }

  async #acceptRest(operation: LiveOperation): Promise<void> {
    for (;;) {
      const plan = operation.plan as BulkPlan;
      const end = Math.min(plan.accepted + (this.#o.chunk ?? CHUNK), operation.total);
      if (plan.accepted >= end || operation.cancelling || this.#stopped) return;
      const chunk: Acceptance[] = [];
      for (let index = plan.accepted; index < end; index++) {
        if (operation.settled.has(index)) continue;
        try {
          chunk.push(await this.#accept(operation.id, plan, index));
        } catch (error) {
          this.#o.operations.settle(operation, index, itemErrorOf(error));
        }
      }
      await this.#commit(operation, chunk, end);
    }
  }

  async #commit(
    operation: LiveOperation,
    chunk: readonly Acceptance[],
    accepted: number,
  ): Promise<void> {
    const { acceptor, operations } = this.#o;
    if (operation.cancelling || this.#stopped) {
      acceptor.abandon(chunk);
      return;
    }
    const before = operation.plan as BulkPlan;
    operation.plan = { ...before, accepted };
    try {
      await acceptor.commit(chunk, operation.id, [operations.changeOf(operation)]);
    } catch (error) {
      for (const { record } of chunk) {
        operations.settle(operation, record.origin?.index ?? 0, itemErrorOf(error));
      }
    }
  }

  #settle(record: InstanceRecord): void {
    const { origin } = record;
    if (origin === null) return;
    const operation = this.#o.operations.running(origin.operation);
    if (operation === undefined) return;
    const outcome = startOutcome(record);
    if (outcome !== 'open') this.#o.operations.settle(operation, origin.index, outcome);
  }

  #removed({ origin }: InstanceRecord): void {
    if (origin === null) return;
    const operation = this.#o.operations.running(origin.operation);
    if (operation !== undefined) this.#o.operations.settle(operation, origin.index, DELETED);
  }

  /** Accepts no more, and deletes what has not come to run. One write, so that a crash does all of it or nothing. */
  async #cancel(operation: LiveOperation): Promise<void> {
    const { editor, operations } = this.#o;
    operation.cancelling = true;
    await this.#accepting.get(operation.id);
    if (operation.phase !== 'running') return;
    const unfinished = operation.items
      .filter((_, index) => !operation.settled.has(index))
      .map(({ id }) => id)
      .filter((id) => id !== null);
    try {
      await operations.cancelled(
        operation,
        () => CANCELLED,
        (change) => editor.editMany(unfinished, markDeleted, [change]),
      );
    } catch (error) {
      operation.cancelling = false;
      this.#track(operation.id, this.#acceptRest(operation));
      throw error;
    }
  }
}

const CANCELLED: ItemError = {
  code: 'OPERATION_CANCELLED',
  message: 'The operation was cancelled before the instance ran.',
};

const DELETED: ItemError = {
  code: 'OPERATION_CANCELLED',
  message: 'The instance was deleted before it ran.',
};

function itemsOf(operation: string, name: string, count: number): OperationItem[] {
  const nameOf = namesOf(name);
  return Array.from({ length: count }, (_, index) => ({
    id: itemId(operation, index),
    name: nameOf(index),
    error: null,
  }));
}

/** Names of items, by their index from 0. */
function namesOf(template: string): (index: number) => string {
  const name = nameTemplate(template);
  return (index) => name?.(index + 1) ?? '';
}

/** @throws INVALID_REQUEST if a template does not give `count` good names */
function requireNames(template: string, count: number): void {
  const nameOf = namesOf(template);
  if (isInstanceName(nameOf(0)) && isInstanceName(nameOf(count - 1))) return;
  const message = `must be a name of a-z, 0-9 and -, with at most one {n} or {n:04} in it, that for n = ${count} has at most ${LONGEST_NAME} characters`;
  throw new UnicoreError('INVALID_REQUEST', `name ${message}.`, {
    errors: [{ path: 'name', message }],
  });
}
