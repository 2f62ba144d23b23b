// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EXIT_KEY, PARKED_KEY, parseEvent, READY_KEY, reportOf, uuidOf } from './guest-keys.js';

const UUID = 'f8efd042-f679-49b4-a5e3-2827beae1f33';

it.each([
  ['@introduceDomain', { type: 'introduced' }],
  ['@releaseDomain', { type: 'released' }],
  ['@other', null],
  ['/local/domain/7/data', { type: 'data', domid: 7 }],
  ['/local/domain/12/data/unicore-ready', { type: 'key', domid: 12, key: READY_KEY }],
  ['/local/domain/12/data/unicore-claim', null],
  ['/local/domain/12/data/x/y', null],
  ['/local/domain/12/vm', null],
  ['/local/domain/7', null],
  ['/local/domain/123456/data', null],
  ['/local/domain', null],
  ['', null],
])('reads the path %s', (path, event) => {
  expect(parseEvent(path)).toEqual(event);
});

it('lets nothing through but numbers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      const value = Buffer.from(bytes);
      const isNumber = /^\d{1,15}$/.test(value.toString('latin1'));
      expect(reportOf(READY_KEY, value) !== null).toBe(isNumber);
    }),
  );
  expect(reportOf(READY_KEY, Buffer.from('345'))).toEqual({ bootNanoseconds: 345 });
  expect(reportOf(EXIT_KEY, Buffer.from('298'))).toEqual({ exitCode: 42 });
  expect(reportOf(PARKED_KEY, Buffer.from('1'))).toEqual({ parked: true });
  expect(reportOf(PARKED_KEY, Buffer.from('2'))).toEqual({ parked: false });
  expect(reportOf(PARKED_KEY, Buffer.from('1\n'))).toBeNull();
  expect(reportOf(PARKED_KEY, null)).toBeNull();
});

it('reads a domain’s UUID, and nothing else', () => {
  expect(uuidOf(Buffer.from(`/vm/${UUID}`))).toBe(UUID);
  for (const text of ['', UUID, `/vm/${UUID}/x`, '/vm/x'])
    expect(uuidOf(Buffer.from(text))).toBeNull();
  expect(uuidOf(null)).toBeNull();
});
