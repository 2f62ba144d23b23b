// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';

type Labels = Readonly<Record<string, string>>;

const TERM = /^(!?)([A-Za-z0-9][-A-Za-z0-9_./]*)(?:(!?=)([-A-Za-z0-9_.:/@+]*))?$/;

/** Parses `key=value`, `key!=value`, `key`, `!key`, joined by commas, into a predicate. @throws INVALID_REQUEST */
export function parseSelector(selector: string): (labels: Labels) => boolean {
  const terms = selector
    .split(',')
    .map((term) => term.trim())
    .filter((term) => term !== '')
    .map(parseTerm);
  return (labels) => terms.every((holds) => holds(labels));
}

function parseTerm(term: string): (labels: Labels) => boolean {
  const [, not, key, operator, value] = TERM.exec(term) ?? [];
  if (key === undefined || (not === '!' && operator !== undefined)) {
    const message = 'use key=value, key!=value, key or !key, joined by commas';
    throw new UnicoreError(
      'INVALID_REQUEST',
      `The selector's "${term.slice(0, 80)}": ${message}.`,
      {
        errors: [{ path: 'selector', message }],
      },
    );
  }
  if (operator === undefined) return (labels) => Object.hasOwn(labels, key) === (not !== '!');
  return (labels) => {
    const actual = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return (actual === value) === (operator === '=');
  };
}
