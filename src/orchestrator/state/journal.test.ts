// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { UnicoreError } from '../../errors/index.js';
import { DurableEventLog } from '../events/event-log.js';
import type { Clock } from '../clock.js';
import { silentLogger } from '../logger.js';
import { silentObserver } from '../observer.js';
import { Journal } from './journal.js';
import { MemoryStateStore } from './memory-state-store.js';
import type { StateChange, StoredProgress } from './state-store.js';

/** A store whose commits end when the test says so. */
class SlowStore extends MemoryStateStore {
  readonly batches: { readonly changes: readonly StateChange[]; readonly durable: boolean }[] = [];
  readonly #gates: (() => void)[] = [];
  full = false;
  slow = false;

  override async commit(changes: readonly StateChange[], durable = false): Promise<void> {
    this.batches.push({ changes, durable });
    if (this.slow) await new Promise<void>((resolve) => this.#gates.push(resolve));
    if (this.full) throw new UnicoreError('STORAGE_FULL', 'full');
    await super.commit(changes);
  }

  release(): void {
    this.#gates.shift()?.();
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function begin(eventRetention = 100) {
  const store = new SlowStore();
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    schedule: (_milliseconds, action) => {
      timers.push(action);
      return () => timers.splice(timers.indexOf(action), 1);
    },
  };
  const tick = async () => {
    for (const action of timers.splice(0)) action();
    await turn();
  };
  let log: DurableEventLog | null = null;
  const journal = new Journal(store, {
    lastSeq: 0,
    eventRetention,
    clock,
    logger: silentLogger,
    observer: silentObserver,
    onEvents: (events) => log?.publish(events),
  });
  const append = journal.append.bind(journal);
  const options = { append, retention: eventRetention, logger: silentLogger };
  log = new DurableEventLog({ events: [], lastSeq: 0 }, options);
  return { store, journal, log, tick };
}

const event = (id: string) =>
  ({ type: 'test', resource: { kind: 'instance', id }, data: {} }) as const;
const operation = (id: string) =>
  ({ type: 'put-operation', operation: { id, document: 1 } }) as const;
const progress = (restarts: number) => ({ status: { restarts } }) as unknown as StoredProgress;

describe('group commit', () => {
  test('writes at once when idle, and gathers what comes meanwhile into one batch', async () => {
    const { store, journal } = begin();
    store.slow = true;
    const all = [journal.commit([operation('a')])];
    await turn();
    for (const id of ['b', 'c', 'd']) all.push(journal.commit([operation(id)]));
    await turn();
    expect(store.batches).toHaveLength(1);
    store.release();
    await turn();
    store.release();
    await Promise.all(all);
    expect(store.batches.map(({ changes }) => changes.length)).toEqual([1, 3]);
    expect(store.batches.every(({ durable }) => durable)).toBe(true);
  });

  test('writes what nobody waits for later, once, in the newest version, and not durably', async () => {
    const { store, journal, tick } = begin();
    for (let n = 1; n <= 5; n++) journal.putProgress('x', progress(n));
    await turn();
    expect(store.batches).toEqual([]);
    await tick();
    const change = { type: 'put-progress', id: 'x', progress: progress(5) };
    expect(store.batches).toEqual([{ changes: [change], durable: false }]);
  });

  test('never splits what one caller waits for', async () => {
    const { store, journal } = begin(1_000);
    for (let n = 0; n < 900; n++) journal.append(event(String(n)));
    await journal.commit(Array.from({ length: 500 }, (_, n) => operation(String(n))));
    expect(store.batches[0]?.changes.length).toBeGreaterThanOrEqual(1_400);
  });

  test('a barrier resolves when all before it is written', async () => {
    const { store, journal } = begin();
    journal.putProgress('x', progress(1));
    await journal.barrier();
    expect(store.batches[0]?.changes).toHaveLength(1);
  });
});

describe('a full disk', () => {
  test('refuses who waits and leaves nothing of it, keeps the rest, and numbers events without a gap', async () => {
    const { store, journal, log, tick } = begin();
    const heard: string[] = [];
    log.subscribe(({ seq, resource }) => heard.push(`${seq} ${resource.id}`));
    store.full = true;
    journal.append(event('kept'));
    journal.putProgress('x', progress(1));
    await expect(journal.commit([operation('a')], [event('refused')])).rejects.toMatchObject({
      code: 'STORAGE_FULL',
    });
    journal.putProgress('x', progress(2));
    expect(heard).toEqual([]);
    store.full = false;
    await tick();
    await journal.commit([operation('b')], [event('later')]);
    expect(heard).toEqual(['1 kept', '2 later']);
    const { operations, lastSeq } = await store.load();
    expect([operations.map(({ id }) => id), lastSeq]).toEqual([['b'], 2]);
    const written = store.batches.at(-2)?.changes.find(({ type }) => type === 'put-progress');
    expect(written).toMatchObject({ progress: progress(2) });
  });

  test('that lasts skips numbers of events rather than keeping them all', async () => {
    const { store, journal, log, tick } = begin(100);
    store.full = true;
    for (let n = 0; n < 1_000; n++) journal.append(event(String(n)));
    expect(journal.depth).toBeLessThanOrEqual(401);
    store.full = false;
    await tick();
    await journal.barrier();
    expect(log.lastSeq).toBe(1_000);
    expect(() => log.read(0, 10)).toThrow(expect.objectContaining({ code: 'EVENTS_EXPIRED' }));
  });
});

describe('the event log', () => {
  test('is heard after it is written, in order, by all, whatever one of them throws', async () => {
    const { store, journal, log, tick } = begin();
    const heard: number[] = [];
    log.subscribe(() => {
      throw new Error('a bad listener');
    });
    const leave = log.subscribe(({ seq }) => heard.push(seq));
    store.slow = true;
    log.append(event('a'));
    log.append(event('b'));
    await tick();
    expect([heard, log.lastSeq]).toEqual([[], 0]);
    store.release();
    await turn();
    expect([heard, log.lastSeq]).toEqual([[1, 2], 2]);
    leave();
    store.slow = false;
    await journal.commit([], [event('c')]);
    expect(heard).toEqual([1, 2]);
  });

  test('is read from a number on, and says when that is too old or from another life', async () => {
    const { store, journal, log } = begin(100);
    for (let n = 1; n <= 250; n++) await journal.commit([], [event(String(n))], false);
    expect(log.read(248, 10).map(({ seq }) => seq)).toEqual([249, 250]);
    expect(log.read(150, 3).map(({ seq }) => seq)).toEqual([151, 152, 153]);
    expect(log.read(250, 10)).toEqual([]);
    for (const since of [149, 0, 251]) {
      expect(() => log.read(since, 10)).toThrow(
        expect.objectContaining({ code: 'EVENTS_EXPIRED' }),
      );
    }
    const kept = (await store.load()).events.length;
    expect(kept).toBeGreaterThanOrEqual(100);
    expect(kept).toBeLessThan(100 + 100 / 8 + 1);
  });
});
