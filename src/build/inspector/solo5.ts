// SPDX-License-Identifier: BSD-3-Clause
import type { ByteReader } from './byte-reader.js';
import { printableText, type ElfNote } from './notes.js';

/** What the notes of a Solo5 unikernel say. */
export interface Solo5Notes {
  /** Which tender or hypervisor it was linked for: `hvt`, `spt`, `virtio`, `muen`, `genode`, `xen`, or `target-<n>`. */
  readonly target: string;
  readonly abiVersion: number;
  /** Devices that it wants to have, or null if it has no manifest that can be read. */
  readonly devices: readonly { readonly name: string; readonly kind: string }[] | null;
}

/** Source: Solo5's public headers elf_abi.h (the note `ABI1`) and mft_abi.h (the note `MFT1`). */
const NOTE_NAME = 'Solo5';
const ABI_TYPE = 0x31494241;
const MANIFEST_TYPE = 0x3154464d;
const ABI_BYTES = 16;
const TARGETS = ['hvt', 'spt', 'virtio', 'muen', 'genode', 'xen'];

/** The manifest begins behind 4 bytes, which align it to 8: version, number of entries, entries. */
const MANIFEST_AT = 4;
const MANIFEST_HEAD_BYTES = 8;
const MANIFEST_VERSION = 1;
const ENTRY_BYTES = 104;
const ENTRY_NAME_BYTES = 68;
const MOST_ENTRIES = 64;
const DEVICE_KINDS: ReadonlyMap<number, string> = new Map([
  [1, 'block'],
  [2, 'network'],
]);

/** Reads the notes named `Solo5`; null if there is none that gives the ABI. */
export function readSolo5Notes(notes: readonly ElfNote[]): Solo5Notes | null {
  const find = (type: number): ElfNote | undefined =>
    notes.find((note) => note.name === NOTE_NAME && note.type === type);
  const abi = find(ABI_TYPE)?.description;
  if (abi === undefined || abi.length < ABI_BYTES) return null;
  const target = abi.u32(0);
  const manifest = find(MANIFEST_TYPE)?.description;
  return {
    target: TARGETS[target - 1] ?? `target-${target}`,
    abiVersion: abi.u32(4),
    devices: manifest === undefined ? null : devicesOf(manifest),
  };
}

function devicesOf(note: ByteReader): Solo5Notes['devices'] {
  if (note.length < MANIFEST_AT + MANIFEST_HEAD_BYTES) return null;
  const entries = note.u32(MANIFEST_AT + 4);
  if (note.u32(MANIFEST_AT) !== MANIFEST_VERSION || entries > MOST_ENTRIES) return null;
  if (note.length < MANIFEST_AT + MANIFEST_HEAD_BYTES + entries * ENTRY_BYTES) return null;
  return Array.from({ length: entries }, (_, index) => {
    const at = MANIFEST_AT + MANIFEST_HEAD_BYTES + index * ENTRY_BYTES;
    return {
      name: printableText(note.slice(at, ENTRY_NAME_BYTES)),
      kind: DEVICE_KINDS.get(note.u32(at + ENTRY_NAME_BYTES)) ?? 'reserved',
    };
  }).filter(({ kind }) => kind !== 'reserved');
}

/** One line for people. */
export function describeSolo5({ target, abiVersion, devices }: Solo5Notes): string {
  const wanted = (devices ?? []).map(({ name, kind }) => `${kind} ${name}`);
  const wants = wanted.length === 0 ? '' : `; wants the devices ${wanted.join(', ')}`;
  return `Solo5 unikernel for ${target}, ABI version ${abiVersion}${wants}`;
}
