// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import { isUnicoreError } from '../../errors/index.js';
import { JobQueue } from './job-queue.js';

const never = new AbortController().signal;

describe('JobQueue', () => {
  it('lets clients take turns', async () => {
    const queue = new JobQueue({ slots: 1, maxWaiting: 100 });
    const order: string[] = [];
    const add = (name: string, client: string, signal = never): Promise<unknown> =>
      queue.run(() => Promise.resolve(order.push(name)), signal, client).catch(() => undefined);
    const leaving = new AbortController();
    const jobs = [
      ...['a1', 'a2', 'a3', 'a4'].map((name) => add(name, 'a')),
      ...['b1', 'b2'].map((name) => add(name, 'b')),
      add('c1', 'c', leaving.signal),
      add('d1', 'd'),
    ];
    leaving.abort(new Error('gone'));
    await Promise.all(jobs);
    expect(order).toEqual(['a1', 'a2', 'b1', 'd1', 'a3', 'b2', 'a4']);
  });

  it('bounds what waits, in all and for each client', async () => {
    const queue = new JobQueue({ slots: 1, maxWaiting: 3, maxWaitingPerClient: 2 });
    const gate = Promise.withResolvers<null>();
    const run = (client: string): Promise<unknown> => queue.run(() => gate.promise, never, client);
    const refused = (jobs: number, client: string): boolean => {
      try {
        queue.requireRoom(jobs, client);
        return false;
      } catch (error) {
        return isUnicoreError(error, 'BUILD_QUEUE_FULL');
      }
    };
    const jobs = [run('a'), run('a'), run('a')];
    expect(refused(1, 'a')).toBe(true);
    expect(refused(1, 'b')).toBe(false);
    expect(refused(2, 'b')).toBe(true);
    jobs.push(run('b'));
    expect(refused(1, 'c')).toBe(true);
    gate.resolve(null);
    await Promise.all(jobs);
    expect(refused(3, 'a')).toBe(false);
  });
});
