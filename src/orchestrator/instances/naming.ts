// SPDX-License-Identifier: BSD-3-Clause
import { createHash, randomInt } from 'node:crypto';
import { formatUuid } from '../uuid.js';

const NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SUFFIX_LENGTH = 6;

/** The longest name. It is a DNS label (RFC 1035), so that it can be a host name too. */
export const LONGEST_NAME = 63;

export function isInstanceName(text: string): boolean {
  return NAME.test(text);
}

const TEMPLATE = /^([-a-z0-9]*)\{n(?::0([1-9]))?\}([-a-z0-9]*)$/;

/**
 * The name of the n-th instance of many, n from 1: `{n}` in the template stands for n, `{n:04}` for n with zeros in front up
 * to four digits. A template without either is followed by `-{n}`. Null if it is no template.
 */
export function nameTemplate(template: string): ((n: number) => string) | null {
  const [, before, width, after] =
    TEMPLATE.exec(`${template}${/[{}]/.test(template) ? '' : '-{n}'}`) ?? [];
  if (before === undefined || after === undefined) return null;
  return (n) => `${before}${String(n).padStart(Number(width ?? 0), '0')}${after}`;
}

/** A name that nobody chose: the application's (or `instance`), and six characters at random. */
export function generateName(app: string | null): string {
  const base = (app ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME - SUFFIX_LENGTH - 1)
    .replaceAll(/^-+|-+$/g, '');
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++) suffix += LETTERS.charAt(randomInt(LETTERS.length));
  return `${base === '' ? 'instance' : base}-${suffix}`;
}

/**
 * The id of an operation's item, which is the same each time it is asked for: a UUID of version 8 (RFC 9562) from a
 * SHA-256 of both. So an operation that goes on after a crash knows its items.
 */
export function itemId(operation: string, index: number): string {
  return stableId(`${operation}/${index}`);
}

/** The id of the operation that a request of this name begins, the same each time. */
export function operationIdOf(requestId: string): string {
  return stableId(`request/${requestId}`);
}

function stableId(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return formatUuid(bytes.toString('hex'));
}
