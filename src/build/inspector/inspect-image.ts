// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import type { BootProtocol } from '../image.js';
import { parseTarget } from '../target.js';
import { hasArm64ImageMagic, parseArm64Image } from './arm64-image.js';
import { hasLinuxBootHeader, parseBzImage } from './bz-image.js';
import { detectBootProtocols } from './boot-protocols.js';
import { FormatError } from './byte-reader.js';
import { hasElfMagic, parseElf, SEGMENT, type ElfFile } from './elf.js';
import { notesOf, printableText, type ElfNote } from './notes.js';
import { describeSolo5, readSolo5Notes } from './solo5.js';
import { readUnicoreNote, type UnicoreNote } from './unicore-note.js';

/** XEN_ELFNOTE_GUEST_OS and XEN_ELFNOTE_GUEST_VERSION. Source: Xen's public headers, xen/include/public/elfnote.h. */
const XEN_GUEST_OS = 6;
const XEN_GUEST_VERSION = 7;

/** Kernels are often kept packed; whoever tries to import one is told. */
const COMPRESSIONS = [
  { name: 'gzip', magic: [0x1f, 0x8b] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd] },
] as const;

/** What an image file says of itself. */
export interface ImageInspection {
  readonly architecture: string;
  /** At least one. */
  readonly bootProtocols: readonly BootProtocol[];
  /** What our own build rules wrote into it, or null for a foreign image. */
  readonly unicore: UnicoreNote | null;
  /** What a foreign image says it needs, or null if it does not say. */
  readonly minimumMemoryBytes: number | null;
  /** One line for people about a foreign image, or null. */
  readonly description: string | null;
}

/**
 * Tells what an image is and how it is entered. The bytes may come from anyone: all of them are checked.
 * @throws NOT_A_UNIKERNEL, saying what was found instead
 */
export function inspectImage(bytes: Uint8Array): ImageInspection {
  if (hasElfMagic(bytes)) return inspectElf(bytes);
  if (hasArm64ImageMagic(bytes)) return inspectArm64Image(bytes);
  return hasLinuxBootHeader(bytes) ? inspectBzImage(bytes) : inspectElf(bytes);
}

function inspectArm64Image(bytes: Uint8Array): ImageInspection {
  const image = orRefuse('kernel image for arm64', () => parseArm64Image(bytes));
  const unicore = readUnicoreNote(image.notes);
  return {
    architecture: 'arm64',
    bootProtocols: ['linux-image'],
    unicore,
    minimumMemoryBytes: unicore === null ? image.memoryBytes : unicore.minimumMemoryBytes,
    description: unicore === null ? 'Kernel image for arm64' : null,
  };
}

function inspectBzImage(bytes: Uint8Array): ImageInspection {
  const kernel = orRefuse('kernel with a Linux boot header', () => parseBzImage(bytes));
  return {
    architecture: kernel.architecture,
    bootProtocols: ['linux-boot'],
    unicore: null,
    minimumMemoryBytes: kernel.minimumMemoryBytes,
    description: `Kernel ${kernel.kernelVersion ?? 'of no version'}, Linux boot protocol ${kernel.protocolVersion}`,
  };
}

function inspectElf(bytes: Uint8Array): ImageInspection {
  const elf = elfOf(bytes);
  const notes = notesOf(elf);
  const unicore = readUnicoreNote(notes);
  const declared = detectBootProtocols(elf, notes);
  const bootProtocols: readonly BootProtocol[] = isLinuxProcess(elf, unicore)
    ? ['linux-elf', ...declared]
    : declared;
  if (bootProtocols.length === 0) {
    throw new UnicoreError(
      'NOT_A_UNIKERNEL',
      `The file is ${describe(elf)} that declares no boot protocol: it has no Xen note (PVH entry or PV loader), ` +
        'no multiboot header, no Solo5 note and no Unicore note. Link the image with one of them.',
    );
  }
  return {
    architecture: elf.architecture,
    bootProtocols,
    unicore,
    minimumMemoryBytes: unicore?.minimumMemoryBytes ?? null,
    description: unicore === null ? describeForeign(elf, notes) : null,
  };
}

/** What a foreign guest says of itself: Solo5's notes, or the names in Xen's. */
function describeForeign(elf: ElfFile, notes: readonly ElfNote[]): string {
  const solo5 = readSolo5Notes(notes);
  if (solo5 !== null) return describeSolo5(solo5);
  const named = [XEN_GUEST_OS, XEN_GUEST_VERSION].flatMap((type) => {
    const note = notes.find((each) => each.name === 'Xen' && each.type === type);
    return note === undefined ? [] : printableText(note.description.bytes);
  });
  return named.length === 0 ? `A ${elf.bits}-bit ELF kernel` : `Xen guest ${named.join(' ')}`;
}

function elfOf(bytes: Uint8Array): ElfFile {
  if (!hasElfMagic(bytes)) throw new UnicoreError('NOT_A_UNIKERNEL', describeOther(bytes));
  return orRefuse('ELF file', () => parseElf(bytes));
}

function describeOther(bytes: Uint8Array): string {
  const wanted = 'An image is an ELF file with a boot protocol, a bzImage, or an Image for arm64.';
  if (bytes.length === 0) return `The file is empty. ${wanted}`;
  const packed = COMPRESSIONS.find(({ magic }) => magic.every((byte, at) => bytes[at] === byte));
  return packed === undefined
    ? `The file is not an ELF file. ${wanted}`
    : `The file is compressed by ${packed.name}. ${wanted} Unpack it first.`;
}

/** @throws NOT_A_UNIKERNEL for what the parser finds wrong */
function orRefuse<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new UnicoreError('NOT_A_UNIKERNEL', `The ${what} is damaged: ${error.message}.`, {
      cause: error,
    });
  }
}

/** Only a program of our own is run as a Linux process: a static executable that says it was built for linuxu. */
function isLinuxProcess(elf: ElfFile, unicore: UnicoreNote | null): boolean {
  return (
    unicore !== null &&
    parseTarget(unicore.target)?.platform === 'linuxu' &&
    elf.type !== 'other' &&
    !hasInterpreter(elf)
  );
}

function hasInterpreter(elf: ElfFile): boolean {
  return elf.segments.some(({ type }) => type === SEGMENT.interpreter);
}

function describe(elf: ElfFile): string {
  if (hasInterpreter(elf)) {
    return `a dynamically linked ${elf.bits}-bit ${elf.architecture} program`;
  }
  return elf.type === 'other'
    ? `a ${elf.bits}-bit ${elf.architecture} ELF object`
    : `a ${elf.bits}-bit ${elf.architecture} ELF executable`;
}
