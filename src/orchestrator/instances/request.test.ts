// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateInstance } from '../ports.js';
import { generateName, isInstanceName, itemId } from './naming.js';
import { parseSelector } from './selector.js';
import { roundMemory, validateCreate } from './validation.js';

describe('names', () => {
  test('that are made up are good, whatever the application is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (app) => {
        expect(isInstanceName(generateName(app))).toBe(true);
      }),
    );
    expect(generateName('hello')).toMatch(/^hello-[a-z0-9]{6}$/);
    expect(generateName(null)).toMatch(/^instance-[a-z0-9]{6}$/);
  });

  test.each(['', '-a', 'a-', 'A', 'a.b', '../x', 'a\n', 'x'.repeat(64), 'ä'])(
    '%j is refused',
    (name) => {
      expect(isInstanceName(name)).toBe(false);
    },
  );

  test('of items are the same each time, and UUIDs', () => {
    expect(itemId('op', 3)).toBe(itemId('op', 3));
    expect(itemId('op', 3)).not.toBe(itemId('op', 4));
    expect(itemId('op', 3)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});

describe('selectors', () => {
  const labels = { app: 'web', tier: 'front', empty: '' };
  test.each([
    ['app=web', true],
    ['app==web', true],
    ['app=api', false],
    ['app!=api', true],
    ['missing!=x', true],
    ['app', true],
    ['missing', false],
    ['!missing', true],
    ['!app', false],
    ['empty=', true],
    ['app=web, tier=front', true],
    ['app=web,tier=back', false],
    ['toString', false],
    ['!constructor', true],
  ])('%s', (selector, selected) => {
    expect(parseSelector(selector)(labels)).toBe(selected);
  });

  test.each(['', ',', 'a=b=c', '=x', '!', 'a b', '!a=b', Array(40).fill('a').join(',')])(
    '%j is refused',
    (selector) => {
      expect(() => parseSelector(selector)).toThrow(
        expect.objectContaining({ code: 'INVALID_REQUEST' }),
      );
    },
  );
});

describe('a request', () => {
  const image = `sha256:${'0'.repeat(64)}` as const;
  const good: CreateInstance = { source: { image } };
  const bad: [string, Partial<CreateInstance>][] = [
    ['name', { name: '../../etc/passwd' }],
    ['image', { source: { image: 'sha256:12' } }],
    ['memory', { memoryBytes: -1 }],
    ['memory', { memoryBytes: 1.5e9 + 0.5 }],
    ['memory', { memoryBytes: Number.MAX_SAFE_INTEGER }],
    ['vcpus', { vcpus: 0 }],
    ['args', { args: ['x'.repeat(20_000)] }],
    ['args', { args: Array<string>(300).fill('') }],
    ['args.1', { args: ['', 'a\0b'] }],
    ['labels.a b', { labels: { 'a b': 'x' } }],
    ['labels.a', { labels: { a: '<x>' } }],
  ];

  test.each(bad)('with a bad %s is refused by it', (path, changes) => {
    let thrown: unknown;
    try {
      validateCreate({ ...good, ...changes });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path }] });
  });

  test('that is good is not', () => {
    validateCreate({
      ...good,
      name: 'web-1',
      args: ["$(rm -rf /) '<x>'"],
      labels: { 'a.b/c': 'd' },
    });
    expect(roundMemory(2 ** 20 + 1)).toBe(2 ** 21);
  });
});
