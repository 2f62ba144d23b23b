// SPDX-License-Identifier: BSD-3-Clause
import { ByteReader, FormatError } from './byte-reader.js';

/** A program header. Sizes and offsets are in bytes. */
export interface ElfSegment {
  readonly type: number;
  readonly offset: number;
  readonly physicalAddress: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

/** What is needed of an ELF file to tell how it boots. */
export interface ElfFile {
  readonly reader: ByteReader;
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  readonly type: 'executable' | 'shared' | 'other';
  /** As in targets: `x86_64`, `x86`, `arm64`, `arm`, or `machine-<e_machine>` for others. */
  readonly architecture: string;
  readonly segments: readonly ElfSegment[];
}

/** Segment types. Source: System V ABI, chapter 5, "Program Header". */
export const SEGMENT = { load: 1, interpreter: 3, note: 4 } as const;

/** More program headers than any kernel has; a file with more is refused before any of them is read. */
const MAX_SEGMENTS = 1_024;

/** Source: System V ABI, chapter 4, `e_machine`. */
const ARCHITECTURES: ReadonlyMap<number, string> = new Map([
  [3, 'x86'],
  [8, 'mips'],
  [40, 'arm'],
  [62, 'x86_64'],
  [183, 'arm64'],
  [243, 'riscv'],
]);

/** Where the fields are in each class of file. Source: System V ABI, chapter 4 and 5. */
const LAYOUT = {
  32: { headerSize: 52, phoff: 28, phentsize: 42, phnum: 44, entrySize: 32 },
  64: { headerSize: 64, phoff: 32, phentsize: 54, phnum: 56, entrySize: 56 },
} as const;

/** Whether the bytes begin as an ELF file does. */
export function hasElfMagic(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/**
 * Reads the headers of an ELF file. Every offset is checked against the file: a loadable or note segment that reaches
 * past its end is an error, as it is for a loader.
 * @throws FormatError
 */
export function parseElf(bytes: Uint8Array): ElfFile {
  if (!hasElfMagic(bytes)) throw new FormatError('it does not begin with the ELF magic');
  const ident = new ByteReader(bytes, true);
  const bits = oneOf(ident.u8(4), { 1: 32, 2: 64 } as const, 'class');
  const littleEndian = oneOf(ident.u8(5), { 1: true, 2: false } as const, 'byte order');
  if (ident.u8(6) !== 1) throw new FormatError(`ELF version ${ident.u8(6)} is not known`);

  const reader = new ByteReader(bytes, littleEndian);
  const layout = LAYOUT[bits];
  reader.slice(0, layout.headerSize);
  const machine = reader.u16(18);
  const type = reader.u16(16);
  return {
    reader,
    bits,
    littleEndian,
    type: type === 2 ? 'executable' : type === 3 ? 'shared' : 'other',
    architecture: ARCHITECTURES.get(machine) ?? `machine-${machine}`,
    segments: parseSegments(reader, bits),
  };
}

function parseSegments(reader: ByteReader, bits: 32 | 64): readonly ElfSegment[] {
  const layout = LAYOUT[bits];
  const count = reader.u16(layout.phnum);
  if (count === 0) return [];
  if (count > MAX_SEGMENTS) throw new FormatError(`${count} program headers are too many`);
  const size = reader.u16(layout.phentsize);
  if (size !== layout.entrySize) {
    throw new FormatError(
      `program headers of ${size} bytes do not fit a ${bits}-bit file, which has ${layout.entrySize}`,
    );
  }
  const start = bits === 64 ? reader.u64(layout.phoff) : reader.u32(layout.phoff);
  const segments: ElfSegment[] = [];
  for (let index = 0; index < count; index += 1) {
    const segment = parseSegment(reader, bits, start + index * size);
    if (segment.type === SEGMENT.load || segment.type === SEGMENT.note) {
      reader.slice(segment.offset, segment.fileSize);
      if (segment.type === SEGMENT.load && segment.memorySize < segment.fileSize) {
        throw new FormatError(`segment ${index} is larger in the file than in memory`);
      }
    }
    segments.push(segment);
  }
  return segments;
}

function parseSegment(reader: ByteReader, bits: 32 | 64, at: number): ElfSegment {
  return bits === 64
    ? {
        type: reader.u32(at),
        offset: reader.u64(at + 8),
        physicalAddress: reader.u64(at + 24),
        fileSize: reader.u64(at + 32),
        memorySize: reader.u64(at + 40),
        alignment: reader.u64(at + 48),
      }
    : {
        type: reader.u32(at),
        offset: reader.u32(at + 4),
        physicalAddress: reader.u32(at + 12),
        fileSize: reader.u32(at + 16),
        memorySize: reader.u32(at + 20),
        alignment: reader.u32(at + 28),
      };
}

function oneOf<T>(value: number, choices: Readonly<Record<number, T>>, what: string): T {
  const choice = choices[value];
  if (choice === undefined) throw new FormatError(`ELF ${what} ${value} is not known`);
  return choice;
}
