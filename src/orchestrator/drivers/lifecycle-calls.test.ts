// SPDX-License-Identifier: BSD-3-Clause
import { expect, it } from 'vitest';
import { LifecycleCalls } from './lifecycle-calls.js';

/** A call that ends when it is told to, and says when it begins and ends. */
function held(told: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const call = async () => {
    told.push(`${name} begins`);
    await promise.finally(() => told.push(`${name} ends`));
  };
  return { call, resolve: () => resolve(undefined), reject };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

it('makes one creation of an id, and gives its end to all who asked', async () => {
  const calls = new LifecycleCalls();
  const told: string[] = [];
  const first = held(told, 'first');
  const both = Promise.allSettled([
    calls.create('a', first.call),
    calls.create('a', held(told, 'second').call),
  ]);
  await settle();
  expect(calls.isCreating('a')).toBe(true);
  expect(calls.isCreating('b')).toBe(false);
  first.reject(new Error('no memory'));
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(told).toEqual(['first begins', 'first ends']);
  expect(calls.isCreating('a')).toBe(false);
});

it('destroys after a creation has ended, even if that failed', async () => {
  const calls = new LifecycleCalls();
  const told: string[] = [];
  const creation = held(told, 'creation');
  const created = calls.create('a', creation.call).catch(() => told.push('creation failed'));
  await settle();
  const destroyed = calls.destroy('a', () => {
    told.push('destruction');
    return Promise.resolve();
  });
  await settle();
  creation.reject(new Error('no memory'));
  await Promise.all([created, destroyed]);
  expect(told.indexOf('destruction')).toBeGreaterThan(told.indexOf('creation ends'));
});

it('creates after a destruction, and not if that failed', async () => {
  const calls = new LifecycleCalls();
  const told: string[] = [];
  const destruction = held(told, 'destruction');
  const destroyed = calls.destroy('a', destruction.call).catch(() => undefined);
  await settle();
  const created = calls.create('a', held(told, 'creation').call);
  await settle();
  destruction.reject(new Error('dom0 does not answer'));
  await expect(created).rejects.toThrow('dom0 does not answer');
  await destroyed;
  expect(told).toEqual(['destruction begins', 'destruction ends']);
});

it('does not make one id wait for another, and is idle when all have ended', async () => {
  const calls = new LifecycleCalls();
  const told: string[] = [];
  const a = held(told, 'a');
  const b = held(told, 'b');
  const all = [calls.create('a', a.call), calls.destroy('b', b.call)];
  await settle();
  expect(told).toEqual(['a begins', 'b begins']);
  const idle = calls.idle().then(() => told.push('idle'));
  b.resolve();
  await settle();
  a.resolve();
  await Promise.all([...all, idle]);
  expect(told).toEqual(['a begins', 'b begins', 'b ends', 'a ends', 'idle']);
});
