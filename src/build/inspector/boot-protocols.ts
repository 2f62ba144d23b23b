// SPDX-License-Identifier: BSD-3-Clause
import type { BootProtocol } from '../image.js';
import type { ElfFile } from './elf.js';
import { numberOf, textOf, type ElfNote } from './notes.js';
import { sectionNamed } from './sections.js';
import { readSolo5Notes } from './solo5.js';
import { readUnicoreNote } from './unicore-note.js';

/** Looks for one family of boot protocols in an ELF file. To add a protocol, add a detector to `DETECTORS`. */
type Detector = (elf: ElfFile, notes: readonly ElfNote[]) => readonly BootProtocol[];

/** Source: Xen's public headers, xen/include/public/elfnote.h. */
const XEN_NOTE = { xenVersion: 5, loader: 8, physical32Entry: 18 } as const;

const MOST_GUEST_SECTION_BYTES = 4_096;

/**
 * PVH needs a 32-bit physical entry. PV needs what Xen's loader checks before it takes a kernel: the generic loader
 * and the interface of Xen 3.0 (all later versions keep it). Source: xen/common/libelf/libelf-dominfo.c.
 */
function xen(elf: ElfFile, notes: readonly ElfNote[]): readonly BootProtocol[] {
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
  const hasXenNotes = notes.some((note) => note.name === 'Xen');
  const pv = hasXenNotes
    ? text(XEN_NOTE.loader) === 'generic' && text(XEN_NOTE.xenVersion).startsWith('xen-3.0')
    : hasGuestSection(elf);
  if (pv) protocols.push('xen-pv');
  return protocols;
}

/**
 * Guests of before there were notes describe themselves in a section `__xen_guest`: `KEY=value` with commas between. Xen's loader still
 * takes it where there are no notes; Mini-OS had it for long. Source: xen/common/libelf/libelf-dominfo.c, elf_xen_parse_guest_info.
 */
function hasGuestSection(elf: ElfFile): boolean {
  const section = sectionNamed(elf, '__xen_guest');
  if (section === null || section.byteLength > MOST_GUEST_SECTION_BYTES) return false;
  const pairs = new Map(
    textOf(section)
      .split(',')
      .map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
  );
  return pairs.get('LOADER') === 'generic' && pairs.get('XEN_VER')?.startsWith('xen-3.0') === true;
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

function solo5(_elf: ElfFile, notes: readonly ElfNote[]): readonly BootProtocol[] {
  return readSolo5Notes(notes) === null ? [] : ['solo5'];
}

/** ARM has no note for it: an ELF file is entered where it says. So only our own images, which say what they are, count. */
function devicetree(elf: ElfFile, notes: readonly ElfNote[]): readonly BootProtocol[] {
  const isArm = elf.architecture === 'arm' || elf.architecture === 'arm64';
  const target = readUnicoreNote(notes)?.target;
  return isArm && target === `kvm-${elf.architecture}` ? ['devicetree'] : [];
}

const DETECTORS: readonly Detector[] = [xen, multiboot, solo5, devicetree];

/** The boot protocols that an ELF file declares in notes or headers. */
export function detectBootProtocols(
  elf: ElfFile,
  notes: readonly ElfNote[],
): readonly BootProtocol[] {
  return DETECTORS.flatMap((detect) => [...detect(elf, notes)]);
}
