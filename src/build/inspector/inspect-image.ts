// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import type { BootProtocol } from '../image.js';
import { parseTarget } from '../target.js';
import { detectBootProtocols } from './boot-protocols.js';
import { FormatError } from './byte-reader.js';
import { hasElfMagic, parseElf, SEGMENT, type ElfFile } from './elf.js';
import { notesOf } from './notes.js';
import { readUnicoreNote, type UnicoreNote } from './unicore-note.js';

/** What an image file says of itself. */
export interface ImageInspection {
  readonly architecture: string;
  /** At least one. */
  readonly bootProtocols: readonly BootProtocol[];
  /** What our own build rules wrote into it, or null for a foreign image. */
  readonly unicore: UnicoreNote | null;
}

/**
 * Tells what an image is and how it is entered. The bytes may come from anyone: all of them are checked.
 * @throws NOT_A_UNIKERNEL, saying what was found instead
 */
export function inspectImage(bytes: Uint8Array): ImageInspection {
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
  return { architecture: elf.architecture, bootProtocols, unicore };
}

function elfOf(bytes: Uint8Array): ElfFile {
  if (!hasElfMagic(bytes)) {
    const found = bytes.length === 0 ? 'is empty' : 'is not an ELF file';
    throw new UnicoreError(
      'NOT_A_UNIKERNEL',
      `The file ${found}. An image is an ELF file with a boot protocol.`,
    );
  }
  try {
    return parseElf(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new UnicoreError('NOT_A_UNIKERNEL', `The ELF file is damaged: ${error.message}.`, {
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
