// SPDX-License-Identifier: BSD-3-Clause
import type { BootProtocol } from '../image.js';
import type { ElfFile } from './elf.js';
import { numberOf, textOf, type ElfNote } from './notes.js';

/** Looks for one family of boot protocols in an ELF file. To add a protocol, add a detector to `DETECTORS`. */
type Detector = (elf: ElfFile, notes: readonly ElfNote[]) => readonly BootProtocol[];

/** Source: Xen's public headers, xen/include/public/elfnote.h. */
const XEN_NOTE = { xenVersion: 5, loader: 8, physical32Entry: 18 } as const;

/**
 * PVH needs a 32-bit physical entry. PV needs what Xen's loader checks before it takes a kernel: the generic loader
 * and the interface of Xen 3.0 (all later versions keep it). Source: xen/common/libelf/libelf-dominfo.c.
 */
function xen(_elf: ElfFile, notes: readonly ElfNote[]): readonly BootProtocol[] {
  const find = (type: number): ElfNote | undefined =>
    notes.find((note) => note.name === 'Xen' && note.type === type);
  const text = (type: number): string => {
    const note = find(type);
    return note === undefined ? '' : textOf(note.description.bytes);
  };
  const protocols: BootProtocol[] = [];
  const entry = find(XEN_NOTE.physical32Entry);
  if (entry !== undefined) {
    const address = numberOf(entry.description);
    if (address !== null && address > 0 && address <= 0xffffffff) protocols.push('pvh');
  }
  if (text(XEN_NOTE.loader) === 'generic' && text(XEN_NOTE.xenVersion).startsWith('xen-3.0')) {
    protocols.push('xen-pv');
  }
  return protocols;
}

/**
 * A header of 32-bit numbers within the first bytes of the file whose sum is zero.
 * Sources: Multiboot Specification 0.6.96, section 3.1.1; Multiboot2 Specification 2.0, section 3.1.1.
 */
function multiboot(elf: ElfFile): readonly BootProtocol[] {
  const protocols: BootProtocol[] = [];
  if (hasHeader(elf, { magic: 0x1badb002, within: 8_192, alignment: 4, words: 3 })) {
    protocols.push('multiboot1');
  }
  if (hasHeader(elf, { magic: 0xe85250d6, within: 32_768, alignment: 8, words: 4 })) {
    protocols.push('multiboot2');
  }
  return protocols;
}

interface HeaderShape {
  readonly magic: number;
  /** The whole header is in this many bytes from the file's start. */
  readonly within: number;
  readonly alignment: number;
  /** How many words the checksum covers. */
  readonly words: number;
}

function hasHeader({ reader }: ElfFile, shape: HeaderShape): boolean {
  const last = Math.min(reader.length, shape.within) - shape.words * 4;
  for (let at = 0; at <= last; at += shape.alignment) {
    if (reader.u32(at) !== shape.magic) continue;
    let sum = 0;
    for (let word = 0; word < shape.words; word += 1) sum = (sum + reader.u32(at + word * 4)) >>> 0;
    if (sum === 0) return true;
  }
  return false;
}

/** The `ABI1` note, 16 bytes, names the Solo5 target and its version. Source: Solo5's public guest interface headers. */
const SOLO5_ABI_NOTE = 0x31494241;

function solo5(_elf: ElfFile, notes: readonly ElfNote[]): readonly BootProtocol[] {
  const found = notes.some(
    (note) =>
      note.name === 'Solo5' && note.type === SOLO5_ABI_NOTE && note.description.length >= 16,
  );
  return found ? ['solo5'] : [];
}

const DETECTORS: readonly Detector[] = [xen, multiboot, solo5];

/** The boot protocols that an ELF file declares in notes or headers. */
export function detectBootProtocols(
  elf: ElfFile,
  notes: readonly ElfNote[],
): readonly BootProtocol[] {
  return DETECTORS.flatMap((detect) => [...detect(elf, notes)]);
}
