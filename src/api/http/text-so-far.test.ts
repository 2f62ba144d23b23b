// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { textSoFar } from './text-so-far.js';

const never = new AbortController().signal;

function chunkOf(offset: number, text: string) {
  return { offset, data: Buffer.from(text) };
}

/** Comes to no end until its signal fires. */
async function quiet(signal: AbortSignal): Promise<void> {
  await sleep(600_000, undefined, { signal }).catch(() => undefined);
}

it('waits for what is there, however long that takes to come, and goes on from it', async () => {
  const offsets: number[] = [];
  const { data, next } = await textSoFar(
    {
      async *there(from) {
        offsets.push(from);
        await sleep(400);
        yield chunkOf(from, 'there ');
      },
      async *live(from, signal) {
        offsets.push(from);
        yield chunkOf(from, 'and live');
        await quiet(signal);
      },
    },
    3,
    never,
  );
  expect(data.toString()).toBe('there and live');
  expect(next).toBe(17);
  expect(offsets).toEqual([3, 9]);
});

it('takes no more than it may', async () => {
  const { data } = await textSoFar(
    {
      async *live(from) {
        for (let offset = from; ; offset += 1024 * 1024) {
          yield await Promise.resolve({ offset, data: Buffer.alloc(1024 * 1024) });
        }
      },
    },
    0,
    never,
  );
  expect(data.byteLength).toBe(4 * 1024 * 1024);
});

it('passes an error on', async () => {
  const live = async function* () {
    yield await Promise.reject(new Error('gone'));
  };
  await expect(textSoFar({ live }, 0, never)).rejects.toThrow('gone');
});
