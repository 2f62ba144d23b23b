// SPDX-License-Identifier: BSD-3-Clause
import { isTarget, type Target } from '../target.js';
import { numberOf, textOf, type ElfNote } from './notes.js';

/** What a Unicore image says of itself. */
export interface UnicoreNote {
  readonly app: string;
  readonly target: Target;
  /** The libraries that were linked, by kind and name: `lib/libc`, `plat/kvm`. */
  readonly libraries: readonly string[];
  /** The least guest memory that it boots in, or null if it does not say. */
  readonly minimumMemoryBytes: number | null;
  /** A hash of what was linked, hexadecimal, or null if it does not say. */
  readonly buildId: string | null;
  /** Whether it can wait before `main` for its arguments. */
  readonly parks: boolean;
}

/** The types of the notes that our build rules write. Source: pools/support/README.md, "Notes". */
const TYPE = {
  app: 1,
  target: 2,
  libraries: 4,
  minimumMemory: 5,
  buildId: 6,
  features: 7,
} as const;

const MAX_BYTES = 64 * 1024;
const BUILD_ID_BYTES = 32;
const NAME = /^[a-z][a-z0-9_-]{0,63}$/;
const LIBRARY = /^[a-z]{1,8}\/[a-z][a-z0-9_-]{0,63}$/;

/** Reads the notes with the name `Unicore`. Null if there are none, or if they are not as our build rules write them. */
export function readUnicoreNote(notes: readonly ElfNote[]): UnicoreNote | null {
  const find = (type: number): ElfNote | undefined =>
    notes.find(
      (note) =>
        note.name === 'Unicore' && note.type === type && note.description.length <= MAX_BYTES,
    );
  const text = (type: number): string => {
    const note = find(type);
    return note === undefined ? '' : textOf(note.description.bytes);
  };
  const app = text(TYPE.app);
  const target = text(TYPE.target);
  if (!NAME.test(app) || !isTarget(target)) return null;

  const libraries = find(TYPE.libraries)?.description.bytes ?? new Uint8Array();
  const memory = find(TYPE.minimumMemory);
  const buildId = find(TYPE.buildId)?.description.bytes;
  const minimum = memory === undefined ? null : numberOf(memory.description);
  return {
    app,
    target,
    libraries: Buffer.from(libraries)
      .toString('latin1')
      .split('\0')
      .filter((name) => LIBRARY.test(name)),
    minimumMemoryBytes:
      minimum !== null && Number.isSafeInteger(minimum) && minimum > 0 ? minimum : null,
    buildId: buildId?.byteLength === BUILD_ID_BYTES ? Buffer.from(buildId).toString('hex') : null,
    parks: text(TYPE.features).split(' ').includes('park'),
  };
}
