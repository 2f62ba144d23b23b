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

/** A listener to a store with these values, and what it was told. `fire` changes paths, of which those watch that are watched. */
async function listen(values: Record<string, string>) {
  const told: unknown[][] = [];
  const reads: string[] = [];
  const watches = new Map<string, string>();
  const { xenstore, server } = connectAnswering(({ type, payload }) => {
    const [path = '', token = ''] = stringsOf(payload);
    if (type === MESSAGE.WATCH) {
      watches.set(path, token);
      return [textReply('OK\0'), eventReply(path, token)];
    }
    if (type === MESSAGE.UNWATCH) {
      watches.delete(path);
      return textReply('OK\0');
    }
    if (type === MESSAGE.DIRECTORY) return textReply(`0\0${domidsOf(values)}`);
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
    made: tell('made'),
    gone: tell('gone'),
    report: tell('report'),
    lost: tell('lost'),
  });
  await expect.poll(() => told).toEqual([['changed']]);
  told.length = 0;
  const fire = (...paths: string[]): void => {
    const events = paths.flatMap((path) => {
      const watched = path.startsWith('@') ? path : path.split('/').slice(0, 5).join('/');
      const token = watches.get(watched);
      const empty: Message = { type: 0, requestId: 0, transaction: 0, payload: Buffer.alloc(0) };
      return token === undefined ? [] : [encodeMessage({ ...empty, ...eventReply(path, token) })];
    });
    server.write(Buffer.concat(events));
  };
  return { told, reads, fire, watch, watches };
}

function domidsOf(values: Readonly<Record<string, string>>): string {
  const domids = Object.keys(values).map((path) => path.split('/')[3] ?? '');
  return [...new Set(domids)].map((domid) => `${domid}\0`).join('');
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
  const { told, fire, watch } = await listen(VALUES);
  await watch.follow(7);
  fire(
    '/local/domain/7/data/other',
    '/local/domain/7/data/unicore-ready',
    '/local/domain/7/data/unicore-exit',
    '@releaseDomain',
    '@introduceDomain',
  );
  await expect
    .poll(() => told)
    .toEqual([
      ['report', 7, UUID, { bootNanoseconds: 1234 }],
      ['report', 7, UUID, { exitCode: 42 }],
      ['changed'],
    ]);
});

it('finds a domain that is introduced, tells what it has reported, and follows it until it goes', async () => {
  const other = UUID.replace('f8', 'a1');
  const values: Record<string, string> = { ...VALUES };
  const { told, fire, watches } = await listen(values);
  values['/local/domain/9/vm'] = `/vm/${other}`;
  values['/local/domain/9/data/unicore-parked'] = '1';
  fire('@introduceDomain', '@introduceDomain');
  await expect
    .poll(() => told)
    .toEqual([
      ['made', 9, other],
      ['report', 9, other, { parked: true }],
    ]);
  values['/local/domain/9/data/unicore-ready'] = '5';
  fire('/local/domain/9/data/unicore-ready');
  await expect.poll(() => told.at(-1)).toEqual(['report', 9, other, { bootNanoseconds: 5 }]);
  delete values['/local/domain/9/vm'];
  fire('/local/domain/9/data');
  await expect.poll(() => told.at(-1)).toEqual(['gone', 9]);
  await expect.poll(() => [...watches.keys()]).toEqual(['@releaseDomain', '@introduceDomain']);
  // Its number is another's now.
  values['/local/domain/9/vm'] = `/vm/${UUID}`;
  fire('@introduceDomain');
  await expect.poll(() => told.slice(4)).toContainEqual(['made', 9, UUID]);
});

it('passes over what is gone by now, and what no guest of ours writes', async () => {
  const { told, fire, watch } = await listen(VALUES);
  for (const domid of [7, 8, 9]) await watch.follow(domid);
  fire(
    '/local/domain/9/data/unicore-exit',
    '/local/domain/8/data/unicore-exit',
    '/local/domain/7/data/unicore-parked',
    '@releaseDomain',
  );
  await expect.poll(() => told).toEqual([['changed']]);
});

it('reads no more for a guest that writes without end', async () => {
  const { told, reads, fire, watch } = await listen(VALUES);
  await watch.follow(7);
  const path = '/local/domain/7/data/unicore-ready';
  fire(...Array.from({ length: 1000 }, () => path), '@releaseDomain');
  await expect.poll(() => told.at(-1)).toEqual(['changed']);
  expect(reads.filter((read) => read === path).length).toBeLessThanOrEqual(2);
});

it('reads nothing of a guest that was claimed to hear that it is ready, once', async () => {
  const { told, reads, fire, watch } = await listen(VALUES);
  for (const domid of [7, 8]) await watch.follow(domid);
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
