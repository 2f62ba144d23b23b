// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import type { Instance } from '../instance.js';
import type { InstanceSelection } from '../ports.js';

type Labels = Readonly<Record<string, string>>;

const TERM =
  /^(?:!(?<without>[^=!,\s]+)|(?<key>[^=!,\s]+)(?:(?<operator>!=|==?)(?<value>[^=!,\s]*))?)$/;
const MOST_TERMS = 32;

/**
 * A test of labels from `key=value`, `key!=value`, `key` and `!key`, joined by commas; all must hold. As in Kubernetes, a label
 * that is not there is unequal to every value.
 * @throws INVALID_REQUEST
 */
export function parseSelector(text: string): (labels: Labels) => boolean {
  const terms = text.split(',').map((term) => parseTerm(term.trim()));
  if (terms.length > MOST_TERMS) refuse(`has more than ${MOST_TERMS} terms`);
  return (labels) => terms.every((term) => term(labels));
}

/**
 * Whether an instance is among those that a request selects. A selection that names nothing is refused, so that a field that
 * was forgotten does not stand for all.
 * @throws INVALID_REQUEST
 */
export function matcherOf(selection: InstanceSelection): (instance: Instance) => boolean {
  if ('all' in selection) return () => true;
  if (selection.selector.trim() === '') return refuse('is empty; it must say which instances');
  const selects = parseSelector(selection.selector);
  return ({ spec }) => selects(spec.labels);
}

function parseTerm(text: string): (labels: Labels) => boolean {
  const groups = TERM.exec(text)?.groups;
  if (groups === undefined) return refuse(`cannot be read at "${text.slice(0, 80)}"`);
  const { without, key = '', operator, value } = groups;
  if (without !== undefined) return (labels) => !Object.hasOwn(labels, without);
  if (operator === undefined) return (labels) => Object.hasOwn(labels, key);
  const equal = (labels: Labels): boolean => Object.hasOwn(labels, key) && labels[key] === value;
  return operator === '!=' ? (labels) => !equal(labels) : equal;
}

function refuse(message: string): never {
  throw new UnicoreError(
    'INVALID_REQUEST',
    `The selector ${message}. Write key=value, key!=value, key or !key, joined by commas.`,
    { errors: [{ path: 'selector', message }] },
  );
}
