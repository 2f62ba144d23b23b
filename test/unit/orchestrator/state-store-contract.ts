// SPDX-License-Identifier: BSD-3-Clause
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StateStore, StoredInstance } from '../../../src/orchestrator/state/index.js';

/** Where a store's data is, so that it can be opened again. */
export interface StorePlace {
  open(): Promise<StateStore>;
  remove(): Promise<void>;
}

export function storedInstance(ordinal: number, name = `name-${ordinal}`): StoredInstance {
  return {
    ordinal,
    id: `id-${ordinal}`,
    definition: {
      name,
      createdAt: '2030-01-01T00:00:00.000Z',
      generation: 1,
      restartGeneration: 0,
      origin: { operation: 'op', index: ordinal },
      spec: {
        image: 'sha256:00',
        app: 'hello',
        target: 'sim-x86_64',
        host: 'local',
        memoryBytes: 2 ** 42,
        vcpus: 1,
        args: ["it's", '"quoted"', '\u0000\u{1f600}', "'); DROP TABLE instances; --"],
        labels: { a: 'b' },
        restartPolicy: 'never',
        desired: 'running',
      },
    },
    progress: {
      status: {
        observedGeneration: 0,
        phase: 'pending',
        conditions: [],
        provisioning: 'cold',
        readiness: 'guest',
        exitCode: null,
        bootNanoseconds: null,
        timings: {},
        restarts: 0,
      },
      progress: { domain: 'absent', ready: false, lostFrom: null, restartedGeneration: 0 },
    },
  };
}

export function storedEvent(seq: number) {
  return {
    seq,
    time: '2030-01-01T00:00:00.000Z',
    type: 'instance.phase',
    resource: { kind: 'instance', id: 'id-1' },
    data: { phase: 'running' },
  } as const;
}

/** What every `StateStore` promises. */
export function describeStateStore(name: string, make: () => Promise<StorePlace>): void {
  describe(`${name} state store`, () => {
    let place: StorePlace;
    let store: StateStore;
    const reopen = async (): Promise<StateStore> => {
      await store.close();
      store = await place.open();
      return store;
    };
    beforeEach(async () => {
      place = await make();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    test('is empty at first, and keeps its id', async () => {
      expect(await store.load()).toEqual({
        instances: [],
        events: [],
        lastSeq: 0,
        lastOrdinal: 0,
        operations: [],
        answers: [],
        pools: [],
      });
      const { stateId } = store;
      expect(stateId).toMatch(/^[0-9a-f-]{36}$/);
      expect((await reopen()).stateId).toBe(stateId);
    });

    test('gives back what was committed, in order', async () => {
      const [one, two] = [storedInstance(1), storedInstance(2)];
      await store.commit([{ type: 'put-instance', instance: two }], true);
      await store.commit(
        [
          { type: 'put-instance', instance: one },
          { type: 'append-event', event: storedEvent(1) },
          { type: 'append-event', event: storedEvent(2) },
          { type: 'put-operation', operation: { id: 'b', document: { n: 1 } } },
          { type: 'put-operation', operation: { id: 'a', document: [null, 'x'] } },
          { type: 'put-operation', operation: { id: 'b', document: { n: 2 } } },
          { type: 'put-answer', answer: { id: 'key', document: { status: 201 } } },
          { type: 'put-pool', pool: { id: 'web', document: { n: 2 } } },
          { type: 'put-pool', pool: { id: 'web', document: { n: 3 } } },
        ],
        false,
      );
      expect(await (await reopen()).load()).toEqual({
        instances: [one, two],
        events: [storedEvent(1), storedEvent(2)],
        lastSeq: 2,
        lastOrdinal: 2,
        operations: [
          { id: 'b', document: { n: 2 } },
          { id: 'a', document: [null, 'x'] },
        ],
        answers: [{ id: 'key', document: { status: 201 } }],
        pools: [{ id: 'web', document: { n: 3 } }],
      });
    });

    test('writes definition and progress apart, and ignores those of what is gone', async () => {
      const one = storedInstance(1);
      const definition = { ...one.definition, generation: 2 };
      const progress = { ...one.progress, status: { ...one.progress.status, restarts: 3 } };
      await store.commit(
        [
          { type: 'put-instance', instance: one },
          { type: 'put-definition', id: one.id, definition },
          { type: 'put-progress', id: one.id, progress },
          { type: 'put-progress', id: 'gone', progress },
          { type: 'put-definition', id: 'gone', definition },
          { type: 'delete-instance', id: 'gone' },
        ],
        true,
      );
      expect((await (await reopen()).load()).instances).toEqual([{ ...one, definition, progress }]);
    });

    test('remembers the greatest numbers when all is deleted', async () => {
      await store.commit(
        [
          { type: 'put-instance', instance: storedInstance(7) },
          { type: 'append-event', event: storedEvent(1) },
          { type: 'append-event', event: storedEvent(2) },
          { type: 'put-operation', operation: { id: 'a', document: 1 } },
          { type: 'put-answer', answer: { id: 'a', document: 1 } },
          { type: 'put-pool', pool: { id: 'a', document: 1 } },
        ],
        true,
      );
      await store.commit(
        [
          { type: 'delete-instance', id: 'id-7' },
          { type: 'trim-events', through: 2 },
          { type: 'delete-operation', id: 'a' },
          { type: 'delete-answer', id: 'a' },
          { type: 'delete-pool', id: 'a' },
        ],
        true,
      );
      expect(await (await reopen()).load()).toEqual({
        instances: [],
        events: [],
        lastSeq: 2,
        lastOrdinal: 7,
        operations: [],
        answers: [],
        pools: [],
      });
    });
  });
}
