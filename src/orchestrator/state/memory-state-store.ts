// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import type { EventRecord } from '../ports.js';
import type {
  StateChange,
  StateStore,
  StoredDocument,
  StoredInstance,
  StoredState,
} from './state-store.js';

/** A store that lives as long as its object: for tests, and for daemons that are to forget. */
export class MemoryStateStore implements StateStore {
  readonly stateId = randomUUID();
  readonly #instances = new Map<string, StoredInstance>();
  readonly #operations = new Map<string, StoredDocument>();
  readonly #answers = new Map<string, StoredDocument>();
  readonly #pools = new Map<string, StoredDocument>();
  #events: EventRecord[] = [];
  #lastSeq = 0;
  #lastOrdinal = 0;

  load(): Promise<StoredState> {
    return Promise.resolve({
      instances: [...this.#instances.values()].sort((a, b) => a.ordinal - b.ordinal),
      events: [...this.#events],
      lastSeq: this.#lastSeq,
      lastOrdinal: this.#lastOrdinal,
      operations: [...this.#operations.values()],
      answers: [...this.#answers.values()],
      pools: [...this.#pools.values()],
    });
  }

  commit(changes: readonly StateChange[]): Promise<void> {
    for (const change of changes) this.#apply(change);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #apply(change: StateChange): void {
    switch (change.type) {
      case 'put-instance':
        this.#instances.set(change.instance.id, change.instance);
        this.#lastOrdinal = Math.max(this.#lastOrdinal, change.instance.ordinal);
        break;
      case 'put-definition':
        this.#replace(change.id, { definition: change.definition });
        break;
      case 'put-progress':
        this.#replace(change.id, { progress: change.progress });
        break;
      case 'delete-instance':
        this.#instances.delete(change.id);
        break;
      case 'append-event':
        this.#events.push(change.event);
        this.#lastSeq = change.event.seq;
        break;
      case 'trim-events':
        this.#events = this.#events.filter((event) => event.seq > change.through);
        break;
      case 'put-operation':
        this.#operations.set(change.operation.id, change.operation);
        break;
      case 'delete-operation':
        this.#operations.delete(change.id);
        break;
      case 'put-pool':
        this.#pools.set(change.pool.id, change.pool);
        break;
      case 'delete-pool':
        this.#pools.delete(change.id);
        break;
      case 'put-answer':
        this.#answers.set(change.answer.id, change.answer);
        break;
      case 'delete-answer':
        this.#answers.delete(change.id);
        break;
    }
  }

  #replace(id: string, part: Partial<StoredInstance>): void {
    const old = this.#instances.get(id);
    if (old !== undefined) this.#instances.set(id, { ...old, ...part });
  }
}
