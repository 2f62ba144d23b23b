// SPDX-License-Identifier: BSD-3-Clause
import { ByteReader, FormatError } from './byte-reader.js';
import { SEGMENT, type ElfFile, type ElfSegment } from './elf.js';

/** One ELF note. */
export interface ElfNote {
  /** The owner, without its closing NUL. */
  readonly name: string;
  readonly type: number;
  /** Numbers in it have the file's byte order. */
  readonly description: ByteReader;
}

/** More notes than any kernel has; the rest of a file with more is not looked at. */
const MAX_NOTES = 1_024;
const HEADER_BYTES = 12;

/**
 * The notes of all note segments. A note that reaches past its segment ends the segment's list: padding and what other
 * tools append are not errors, and nothing outside the segment is read.
 * Source: System V ABI, chapter 5, "Note Section"; 8-byte alignment as in the GNU gABI extension (p_align 8).
 */
export function notesOf(elf: ElfFile): readonly ElfNote[] {
  const notes: ElfNote[] = [];
  for (const segment of elf.segments) {
    if (segment.type === SEGMENT.note) readSegment(elf, segment, notes);
  }
  return notes;
}

function readSegment(elf: ElfFile, segment: ElfSegment, notes: ElfNote[]): void {
  const bytes = elf.reader.slice(segment.offset, segment.fileSize);
  readNotes(bytes, elf.littleEndian, segment.alignment === 8 ? 8 : 4, notes);
}

/** Adds the notes that follow each other from the start of some bytes on, as in a note segment. */
export function readNotes(
  bytes: Uint8Array,
  littleEndian: boolean,
  alignment: 4 | 8,
  notes: ElfNote[],
): void {
  const reader = new ByteReader(bytes, littleEndian);
  let at = 0;
  while (at + HEADER_BYTES <= reader.length && notes.length < MAX_NOTES) {
    const nameSize = reader.u32(at);
    const descriptionSize = reader.u32(at + 4);
    const type = reader.u32(at + 8);
    const descriptionAt = at + alignUp(HEADER_BYTES + nameSize, alignment);
    try {
      notes.push({
        name: textOf(reader.slice(at + HEADER_BYTES, nameSize)),
        type,
        description: new ByteReader(reader.slice(descriptionAt, descriptionSize), littleEndian),
      });
    } catch (error) {
      if (error instanceof FormatError) return;
      throw error;
    }
    at = alignUp(descriptionAt + descriptionSize, alignment);
  }
}

/** A C string as text: up to the first NUL, bytes as Latin-1. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
}

const MOST_TEXT = 120;

/** A C string from a file of anybody's, for people: printable ASCII only, and not long. */
export function printableText(bytes: Uint8Array): string {
  return textOf(bytes.subarray(0, MOST_TEXT))
    .replaceAll(/[^ -~]+/g, ' ')
    .trim();
}

/** A number of 4 or 8 bytes, or null if the description has another size. */
export function numberOf(description: ByteReader): number | null {
  if (description.length === 4) return description.u32(0);
  return description.length === 8 ? description.u64(0) : null;
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
