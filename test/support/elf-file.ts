// SPDX-License-Identifier: BSD-3-Clause

/** A note to put into a test's ELF file. */
export interface NoteSpec {
  readonly name: string;
  readonly type: number;
  readonly description: Uint8Array;
}

export interface ElfSpec {
  readonly bits?: 32 | 64;
  /** `e_type`: 2 is an executable. */
  readonly type?: number;
  /** `e_machine`: 62 is x86_64. */
  readonly machine?: number;
  readonly notes?: readonly NoteSpec[];
  readonly interpreter?: string;
  /** What stands in the loadable segment. */
  readonly content?: Uint8Array;
}

/** Writes an ELF file from scratch, so that the parser is not tested against itself. */
export function elfFile(spec: ElfSpec = {}): Buffer {
  const bits = spec.bits ?? 64;
  const wide = bits === 64;
  const headerSize = wide ? 64 : 52;
  const entrySize = wide ? 56 : 32;
  const parts: { type: number; bytes: Buffer; offset: number }[] = [];
  parts.push({ type: 1, bytes: Buffer.from(spec.content ?? Buffer.alloc(64)), offset: 0 });
  if (spec.notes !== undefined) {
    parts.push({ type: 4, bytes: Buffer.concat(spec.notes.map(noteBytes)), offset: 0 });
  }
  if (spec.interpreter !== undefined) {
    parts.push({ type: 3, bytes: Buffer.from(`${spec.interpreter}\0`), offset: 0 });
  }
  let end = headerSize + parts.length * entrySize;
  for (const part of parts) {
    part.offset = end = Math.ceil(end / 8) * 8;
    end += part.bytes.length;
  }
  const file = Buffer.alloc(end);
  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 1, 1]);
  file.writeUInt16LE(spec.type ?? 2, 16);
  file.writeUInt16LE(spec.machine ?? (wide ? 62 : 3), 18);
  file.writeUInt32LE(1, 20);
  if (wide) file.writeBigUInt64LE(BigInt(headerSize), 32);
  else file.writeUInt32LE(headerSize, 28);
  file.writeUInt16LE(entrySize, wide ? 54 : 42);
  file.writeUInt16LE(parts.length, wide ? 56 : 44);
  parts.forEach(({ type, bytes, offset }, index) => {
    const at = headerSize + index * entrySize;
    file.writeUInt32LE(type, at);
    if (wide) {
      file.writeBigUInt64LE(BigInt(offset), at + 8);
      file.writeBigUInt64LE(0x100000n, at + 24);
      file.writeBigUInt64LE(BigInt(bytes.length), at + 32);
      file.writeBigUInt64LE(BigInt(bytes.length), at + 40);
      file.writeBigUInt64LE(4n, at + 48);
    } else {
      file.writeUInt32LE(offset, at + 4);
      file.writeUInt32LE(0x100000, at + 12);
      file.writeUInt32LE(bytes.length, at + 16);
      file.writeUInt32LE(bytes.length, at + 20);
      file.writeUInt32LE(4, at + 28);
    }
    file.set(bytes, offset);
  });
  return file;
}

/** A note as it lies in a file, little-endian. */
export function noteBytes({ name, type, description }: NoteSpec): Buffer {
  const nameBytes = Buffer.from(`${name}\0`);
  const header = Buffer.alloc(12);
  header.writeUInt32LE(nameBytes.length, 0);
  header.writeUInt32LE(description.length, 4);
  header.writeUInt32LE(type, 8);
  return Buffer.concat([header, padded(nameBytes), padded(description)]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** Numbers of 32 bits, little-endian. */
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value >>> 0, index * 4));
  return bytes;
}

/** The note by which a kernel declares a PVH entry. */
export const PVH_NOTE: NoteSpec = { name: 'Xen', type: 18, description: words(0x100000) };

/** The notes of a Unicore image, as pools/support/README.md describes them. */
export function unicoreNotes(image: {
  readonly app: string;
  readonly target: string;
  readonly libraries?: readonly string[];
  readonly memory?: number;
}): readonly NoteSpec[] {
  const note = (type: number, description: Uint8Array): NoteSpec => ({
    name: 'Unicore',
    type,
    description,
  });
  const strings = (values: readonly string[]): Buffer =>
    Buffer.from(values.map((value) => `${value}\0`).join(''));
  return [
    note(1, strings([image.app])),
    note(2, strings([image.target])),
    ...(image.libraries === undefined ? [] : [note(4, strings(image.libraries))]),
    ...(image.memory === undefined ? [] : [note(5, words(image.memory, 0))]),
  ];
}
