// SPDX-License-Identifier: BSD-3-Clause
import type { ElfFile } from './elf.js';
import { textOf } from './notes.js';

/** More sections than any kernel has (without those of each function, which a linked file has not). */
const MAX_SECTIONS = 4_096;
const NO_BITS = 8;
/** Where the fields are in each class of file. Source: System V ABI, chapter 4, "Sections". */
const LAYOUT = {
  32: { shoff: 32, shentsize: 46, shnum: 48, shstrndx: 50, entrySize: 40, offset: 16, size: 20 },
  64: { shoff: 40, shentsize: 58, shnum: 60, shstrndx: 62, entrySize: 64, offset: 24, size: 32 },
} as const;

/**
 * The content of the first section of this name, or null. No loader of kernels needs sections, so a table that is not there or
 * damaged is no error, but has no such section.
 */
export function sectionNamed(elf: ElfFile, name: string): Uint8Array | null {
  const { reader, bits } = elf;
  const layout = LAYOUT[bits];
  const address = (at: number): number => (bits === 64 ? reader.u64(at) : reader.u32(at));
  const start = address(layout.shoff);
  const count = reader.u16(layout.shnum);
  if (start === 0 || count === 0 || count > MAX_SECTIONS) return null;
  if (reader.u16(layout.shentsize) !== layout.entrySize) return null;
  if (!isInside(start, count * layout.entrySize, reader.length)) return null;

  const contentOf = (index: number): Uint8Array | null => {
    const at = start + index * layout.entrySize;
    const offset = address(at + layout.offset);
    const size = address(at + layout.size);
    if (reader.u32(at + 4) === NO_BITS || !isInside(offset, size, reader.length)) return null;
    return reader.slice(offset, size);
  };
  const namesIndex = reader.u16(layout.shstrndx);
  const names = namesIndex < count ? contentOf(namesIndex) : null;
  if (names === null) return null;
  for (let index = 0; index < count; index += 1) {
    const nameAt = reader.u32(start + index * layout.entrySize);
    // No further than this name is long: each name would else be read to the end of the table.
    if (textOf(names.subarray(nameAt, nameAt + name.length + 1)) === name) return contentOf(index);
  }
  return null;
}

function isInside(offset: number, size: number, length: number): boolean {
  return Number.isSafeInteger(offset + size) && offset + size <= length;
}
