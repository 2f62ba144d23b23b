// SPDX-License-Identifier: BSD-3-Clause
import type { Target } from '../target.js';
import { isTarget } from '../target.js';
import type { ElfNote } from './notes.js';

/** What a Unicore image says of itself. */
export interface UnicoreNote {
  readonly app: string;
  readonly target: Target;
  readonly libraries: readonly string[];
  /** The least guest memory that it boots in, or null if it does not say. */
  readonly minimumMemoryBytes: number | null;
}

const UNICORE_NOTE = { name: 'Unicore', type: 1 } as const;
const MAX_BYTES = 64 * 1024;
const NAME = /^[a-z][a-z0-9_-]{0,63}$/;

/**
 * Reads the Unicore note: text, one `key=value` a line, keys `app`, `target`, `libraries` (separated by blanks) and
 * others that we do not need. Null if there is none, or if it is not one that our build rules would write.
 */
export function readUnicoreNote(notes: readonly ElfNote[]): UnicoreNote | null {
  const note = notes.find(
    ({ name, type }) => name === UNICORE_NOTE.name && type === UNICORE_NOTE.type,
  );
  if (note === undefined || note.description.length > MAX_BYTES) return null;

  const fields = new Map<string, string>();
  const text = Buffer.from(note.description.bytes).toString('latin1').replaceAll('\0', '');
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) fields.set(line.slice(0, equals), line.slice(equals + 1).trim());
  }
  const app = fields.get('app') ?? '';
  const target = fields.get('target') ?? '';
  if (!NAME.test(app) || !isTarget(target)) return null;
  const memory = Number(fields.get('memory') ?? NaN);
  return {
    app,
    target,
    libraries: (fields.get('libraries') ?? '').split(/\s+/).filter((name) => NAME.test(name)),
    minimumMemoryBytes: Number.isSafeInteger(memory) && memory > 0 ? memory : null,
  };
}
