// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import type { Clock } from '../clock.js';
import { WorkQueue, type Placement } from './work-queue.js';

type Lane = 'work' | 'end';
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function begin(place: (key: string) => Placement<Lane>) {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const timers: { readonly milliseconds: number; readonly action: () => void }[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    schedule: (milliseconds, action) => {
      const timer = { milliseconds, action };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  };
  const queue = new WorkQueue<Lane>({
    lanes: { work: () => 2, end: () => 1 },
    place,
    run: (key) => {
      log.push(key);
      return new Promise((resolve) => ends.set(key, resolve));
    },
    clock,
  });
  const finish = async (key: string) => {
    ends.get(key)?.();
    await turn();
  };
  return { queue, log, finish, timers };
}

/** Each key is placed once, then left alone. */
function once(flowOf: (key: string) => string = () => 'one', lane: Lane = 'work') {
  const placed = new Set<string>();
  return (key: string): Placement<Lane> => {
    if (placed.has(key)) return null;
    placed.add(key);
    return { lane, client: key.charAt(0), flow: flowOf(key) };
  };
}

describe('the work queue', () => {
  test('bounds each lane, and one lane does not wait for the other', async () => {
    const done = new Set<string>();
    const { queue, log, finish } = begin((key) =>
      done.has(key)
        ? null
        : { lane: key.startsWith('end') ? 'end' : 'work', client: '', flow: 'one' },
    );
    for (const key of ['a', 'b', 'c', 'end1', 'end2']) queue.poke(key);
    expect(log).toEqual(['a', 'b', 'end1']);
    expect(queue.depth).toEqual({ waiting: 2, running: 3, delayed: 0 });
    done.add('a');
    await finish('a');
    expect(log).toEqual(['a', 'b', 'end1', 'c']);
  });

  test('works on a key once at a time, and again if it was poked meanwhile or there is more to do', async () => {
    let steps = 2;
    const { queue, log, finish } = begin(() =>
      steps > 0 ? { lane: 'work', client: '', flow: 'one' } : null,
    );
    queue.poke('a');
    queue.poke('a');
    queue.poke('a');
    expect(log).toEqual(['a']);
    steps = 1;
    await finish('a');
    expect(log).toEqual(['a', 'a']);
    steps = 0;
    await finish('a');
    expect(log).toEqual(['a', 'a']);
    expect(queue.depth).toEqual({ waiting: 0, running: 0, delayed: 0 });
  });

  test('lets flows take turns', async () => {
    const { queue, log, finish } = begin(once((key) => key.charAt(1)));
    for (let i = 0; i < 5; i++) queue.poke(`xb${i}`);
    queue.poke('xs0');
    await finish('xb0');
    await finish('xb1');
    expect(log.indexOf('xs0')).toBeLessThanOrEqual(3);
  });

  test('lets clients take turns, however many flows one of them has', async () => {
    const { queue, log, finish } = begin(once((key) => key.slice(0, 2)));
    for (let flow = 0; flow < 5; flow++) {
      for (let i = 0; i < 5; i++) queue.poke(`a${flow}${i}`);
    }
    for (const key of ['b00', 'c00', 'b01', 'b10']) queue.poke(key);
    for (let i = 0; i < 8; i++) await finish(log[i] ?? '');
    expect(log.slice(2).join(' ')).toBe('a02 b00 c00 a10 b10 a20 b01 a30');
  });

  test('moves a key that waits when it belongs elsewhere', async () => {
    let lane: Lane = 'work';
    const { queue, log, finish } = begin((key) => ({
      lane: key === 'x' ? lane : 'work',
      client: '',
      flow: 'one',
    }));
    for (const key of ['a', 'b', 'x']) queue.poke(key);
    expect(log).toEqual(['a', 'b']);
    lane = 'end';
    queue.poke('x');
    expect(log).toEqual(['a', 'b', 'x']);
    await finish('x');
  });

  test('comes back after a wait, once, and a poke is sooner', async () => {
    let placement: Placement<Lane> = { waitMilliseconds: 50 };
    const { queue, log, timers } = begin(() => placement);
    queue.poke('a');
    queue.poke('a');
    expect(timers.map(({ milliseconds }) => milliseconds)).toEqual([50]);
    placement = { lane: 'work', client: '', flow: 'one' };
    queue.poke('a');
    expect(log).toEqual(['a']);
    expect(timers).toEqual([]);
    await turn();
  });

  test('stops when what runs has ended, and starts nothing more', async () => {
    const { queue, log, finish } = begin(once());
    for (const key of ['a', 'b', 'c']) queue.poke(key);
    let stopped = false;
    const stop = queue.stop().then(() => {
      stopped = true;
    });
    await finish('a');
    expect(stopped).toBe(false);
    await finish('b');
    await stop;
    expect(log).toEqual(['a', 'b']);
  });
});
