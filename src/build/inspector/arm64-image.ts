// SPDX-License-Identifier: BSD-3-Clause
import { ByteReader, FormatError } from './byte-reader.js';
import { readNotes, type ElfNote } from './notes.js';

/** What the header of a kernel image for arm64 says, and the notes of ours behind it. */
export interface Arm64Image {
  /** What it takes from its load address on, with what is zero. Null where an old kernel does not say. */
  readonly memoryBytes: number | null;
  /** Unicore's, which a foreign image has not. */
  readonly notes: readonly ElfNote[];
}

/** Source: Linux, Documentation/arch/arm64/booting.rst, "Call the kernel image". */
const FIELD = { textOffset: 8, imageSize: 16, flags: 24, magic: 56 } as const;

const MAGIC = 0x644d5241; // "ARM\x64"
const HEADER_BYTES = 64;
const BIG_ENDIAN = 1;
const MOST_MEMORY_BYTES = 2 ** 40;
/** Source: pools/plat/xen/header_arm64.S. */
const NOTES_AT = HEADER_BYTES;
const MOST_NOTE_BYTES = 64 * 1024;

/** Whether the bytes have the mark of an image for arm64. */
export function hasArm64ImageMagic(bytes: Uint8Array): boolean {
  return bytes.byteLength >= HEADER_BYTES && new ByteReader(bytes, true).u32(FIELD.magic) === MAGIC;
}

/**
 * Reads the header, which is little endian whatever the kernel is.
 * @throws FormatError; a kernel that runs big endian is refused, too
 */
export function parseArm64Image(bytes: Uint8Array): Arm64Image {
  const reader = new ByteReader(bytes, true);
  if ((reader.u32(FIELD.flags) & BIG_ENDIAN) !== 0) throw new FormatError('it runs big endian');
  const memoryBytes = reader.u64(FIELD.textOffset) + reader.u64(FIELD.imageSize);
  if (memoryBytes > MOST_MEMORY_BYTES) {
    throw new FormatError(`it says that it needs ${memoryBytes} bytes of memory`);
  }
  return {
    memoryBytes: reader.u64(FIELD.imageSize) === 0 ? null : memoryBytes,
    notes: notesOf(reader),
  };
}

/** What follows the last of our notes is code, which is not read as more of them. */
function notesOf(reader: ByteReader): readonly ElfNote[] {
  const size = Math.min(reader.length - NOTES_AT, MOST_NOTE_BYTES);
  const found: ElfNote[] = [];
  readNotes(reader.slice(NOTES_AT, size), true, 4, found);
  const foreign = found.findIndex(({ name }) => name !== 'Unicore');
  return foreign < 0 ? found : found.slice(0, foreign);
}
