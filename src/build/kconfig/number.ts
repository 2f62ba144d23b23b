// SPDX-License-Identifier: BSD-3-Clause
import type { SymbolType } from './model.js';

const MAXIMUM = (1n << 63n) - 1n;
const MINIMUM = -(1n << 63n);
const UNSIGNED_MAXIMUM = (1n << 64n) - 1n;

/** Whether the text is a value of the type, as it may stand in a `.config`: an int has no needless zero in front. */
export function isValidText(type: SymbolType, text: string): boolean {
  switch (type) {
    case 'string':
      return true;
    case 'int':
      return /^-?(0|[1-9][0-9]*)$/.test(text);
    case 'hex':
      return /^(0[xX])?[0-9a-fA-F]+$/.test(text);
    case 'bool':
    case 'tristate':
      return text === 'y' || text === 'm' || text === 'n';
    case 'unknown':
      return false;
  }
}

/** The number that the text begins with, 0 if it begins with none, held within 64 bits: C's strtoll(3). */
export function leadingInteger(text: string, base: 10 | 16): bigint {
  const pattern =
    base === 10 ? /^\s*([+-]?)([0-9]+)/ : /^\s*([+-]?)(?:0[xX](?=[0-9a-fA-F]))?([0-9a-fA-F]+)/;
  const match = pattern.exec(text);
  const digits = match?.[2];
  if (match === null || digits === undefined) return 0n;
  // 24 digits are beyond 64 bits in either base; more are not worth the time of converting them.
  const significant = digits.replace(/^0+(?=.)/, '');
  if (significant.length > 24) return match[1] === '-' ? MINIMUM : MAXIMUM;
  const magnitude = BigInt(base === 10 ? significant : `0x${significant}`);
  const value = match[1] === '-' ? -magnitude : magnitude;
  return value > MAXIMUM ? MAXIMUM : value < MINIMUM ? MINIMUM : value;
}

export type Comparable =
  { readonly kind: 'text' } | { readonly kind: 'signed' | 'unsigned'; readonly value: bigint };

const TEXT: Comparable = { kind: 'text' };

/** How a value takes part in a comparison: as a number if all of it is one within 64 bits, else as text. */
export function comparable(text: string, type: SymbolType): Comparable {
  if (text.length > 128) return TEXT;
  switch (type) {
    case 'bool':
    case 'tristate':
      return TEXT;
    case 'int':
      return signed(text, /^\s*([+-]?)()([0-9]+)$/);
    case 'hex': {
      const match = /^\s*([+-]?)(?:0[xX])?([0-9a-fA-F]+)$/.exec(text);
      if (match?.[2] === undefined) return TEXT;
      const magnitude = BigInt(`0x${match[2]}`);
      if (magnitude > UNSIGNED_MAXIMUM) return TEXT;
      const value = match[1] === '-' ? BigInt.asUintN(64, -magnitude) : magnitude;
      return { kind: 'unsigned', value };
    }
    case 'string':
    case 'unknown': {
      const hexadecimal = signed(text, /^\s*([+-]?)(0[xX])([0-9a-fA-F]+)$/);
      if (hexadecimal.kind !== 'text') return hexadecimal;
      const octal = signed(text, /^\s*([+-]?)(0)([0-7]+)$/);
      if (octal.kind !== 'text') return octal;
      return signed(text, /^\s*([+-]?)()([1-9][0-9]*|0)$/);
    }
  }
}

function signed(text: string, pattern: RegExp): Comparable {
  const match = pattern.exec(text);
  if (match?.[3] === undefined) return TEXT;
  const prefix = match[2] ?? '';
  const notation = prefix === '' ? '' : prefix === '0' ? '0o' : '0x';
  const magnitude = BigInt(notation + match[3]);
  const value = match[1] === '-' ? -magnitude : magnitude;
  return value > MAXIMUM || value < MINIMUM ? TEXT : { kind: 'signed', value };
}

/** Negative, zero or positive, as the left value is less than, equal to or greater than the right one. */
export function compareValues(
  left: string,
  leftType: SymbolType,
  right: string,
  rightType: SymbolType,
): number {
  if (leftType !== 'string' || rightType !== 'string') {
    const first = comparable(left, leftType);
    const second = first.kind === 'text' ? TEXT : comparable(right, rightType);
    if (first.kind !== 'text' && second.kind !== 'text') {
      const unsigned = first.kind === 'unsigned' || second.kind === 'unsigned';
      const a = unsigned ? BigInt.asUintN(64, first.value) : first.value;
      const b = unsigned ? BigInt.asUintN(64, second.value) : second.value;
      return a < b ? -1 : a > b ? 1 : 0;
    }
  }
  if (left === right) return 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
