// SPDX-License-Identifier: BSD-3-Clause
import { expect, it } from 'vitest';
import {
  connectAnswering,
  errorReply,
  eventReply,
  textReply,
} from '../../../../test/support/answering-xenstored.js';
import { watchGuests } from './guest-watch.js';
import { encodeMessage, MESSAGE, type Message, stringsOf } from './xenstore/wire.js';

const UUID = 'f8efd042-f679-49b4-a5e3-2827beae1f33';

/** A listener to a store with these values, and what it was told. `fire` changes paths. */
async function listen(values: Readonly<Record<string, string>>) {
  const told: unknown[][] = [];
  const reads: string[] = [];
  const { xenstore, server } = connectAnswering(({ type, payload }) => {
    const [path = ''] = stringsOf(payload);
    if (type !== MESSAGE.READ) return textReply('OK\0');
    reads.push(path);
    const value = values[path];
    return value === undefined ? errorReply('ENOENT') : textReply(value);
  });
  const tell =
    (what: string) =>
    (...words: unknown[]): void => {
      told.push([what, ...words]);
    };
  const watch = await watchGuests(xenstore, {
    changed: tell('changed'),
    node: tell('node'),
    made: tell('made'),
    report: tell('report'),
    lost: tell('lost'),
  });
  const fire = (...paths: string[]): void => {
    const events = paths.map((path) => {
      const token = path.startsWith('@') ? '1' : '2';
      const empty: Message = { type: 0, requestId: 0, transaction: 0, payload: Buffer.alloc(0) };
      return encodeMessage({ ...empty, ...eventReply(path, token) });
    });
    server.write(Buffer.concat(events));
  };
  return { told, reads, fire, watch };
}

const VALUES = {
  '/local/domain/7/vm': `/vm/${UUID}`,
  '/local/domain/7/data/unicore-ready': '1234',
  '/local/domain/7/data/unicore-exit': '42',
  '/local/domain/8/vm': 'no uuid',
  '/local/domain/8/data/unicore-exit': '1',
  '/local/domain/7/data/unicore-parked': 'yes',
};

it('tells things in their order, with what was written', async () => {
  const { told, fire } = await listen(VALUES);
  fire(
    '/local/domain/7',
    '/local/domain/7/vm',
    '/local/domain/7/data/other',
    '/local/domain/7/data/unicore-ready',
    '/local/domain/7/data/unicore-exit',
    '@releaseDomain',
    '/local/domain/7',
  );
  await expect
    .poll(() => told)
    .toEqual([
      ['node', 7],
      ['made', 7, UUID],
      ['report', 7, UUID, { bootNanoseconds: 1234 }],
      ['report', 7, UUID, { exitCode: 42 }],
      ['changed'],
      ['node', 7],
    ]);
});

it('passes over what is gone by now, and what no guest of ours writes', async () => {
  const { told, fire } = await listen(VALUES);
  fire(
    '/local/domain/9/vm',
    '/local/domain/9/data/unicore-exit',
    '/local/domain/8/vm',
    '/local/domain/8/data/unicore-exit',
    '/local/domain/7/data/unicore-parked',
    '@releaseDomain',
  );
  await expect.poll(() => told).toEqual([['changed']]);
});

it('reads no more for a guest that writes without end', async () => {
  const { told, reads, fire } = await listen(VALUES);
  const path = '/local/domain/7/data/unicore-ready';
  fire(...Array.from({ length: 1000 }, () => path), '@releaseDomain');
  await expect.poll(() => told.at(-1)).toEqual(['changed']);
  expect(reads.filter((read) => read === path).length).toBeLessThanOrEqual(2);
});

it('reads nothing of a guest that was claimed to hear that it is ready, once', async () => {
  const { told, reads, fire, watch } = await listen(VALUES);
  watch.expectReady({ domid: 7, id: UUID });
  watch.expectReady({ domid: 8, id: UUID })();
  const path = '/local/domain/7/data/unicore-ready';
  fire(path, '/local/domain/8/data/unicore-ready');
  await expect
    .poll(() => told)
    .toEqual([['report', 7, UUID, { parked: false, bootNanoseconds: 0 }]]);
  expect(reads).not.toContain(path);
  fire(path);
  await expect.poll(() => told.at(-1)).toEqual(['report', 7, UUID, { bootNanoseconds: 1234 }]);
});
