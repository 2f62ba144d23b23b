// SPDX-License-Identifier: BSD-3-Clause
import { ByteReader, FormatError } from './byte-reader.js';
import { printableText } from './notes.js';

/** What the header of an x86 kernel for the Linux boot protocol says. */
export interface BzImage {
  /** `x86_64` if it has a 64-bit entry, which since protocol 2.12 is told; else `x86`. */
  readonly architecture: 'x86_64' | 'x86';
  readonly protocolVersion: string;
  /** As in `6.1.0-13-amd64 (builder@host) #1 SMP`, or null if it does not say. */
  readonly kernelVersion: string | null;
  /** What it takes from address 0 on until its own allocator works; it needs more to do anything. Null before protocol 2.10. */
  readonly minimumMemoryBytes: number | null;
}

/** Offsets in the file. Source: Linux, Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header". */
const FIELD = {
  setupSectors: 0x1f1,
  systemSize: 0x1f4,
  bootFlag: 0x1fe,
  magic: 0x202,
  version: 0x206,
  kernelVersion: 0x20e,
  loadFlags: 0x211,
  extendedLoadFlags: 0x236,
  payloadOffset: 0x248,
  payloadLength: 0x24c,
  preferredAddress: 0x258,
  initialSize: 0x260,
} as const;

const BOOT_FLAG = 0xaa55;
const MAGIC = 0x53726448; // HdrS
const LOADED_HIGH = 1;
const KERNEL_64 = 1;
const SECTOR = 512;
const PARAGRAPH = 16;
/** The last version of the protocol that has been defined so far is 2.15; 2.x are made to be compatible. */
const OLDEST_VERSION = 0x0200;
const NEWEST_VERSION = 0x02ff;
const MOST_MEMORY_BYTES = 2 ** 40;

/** Whether the bytes have both marks of a kernel for the Linux boot protocol. */
export function hasLinuxBootHeader(bytes: Uint8Array): boolean {
  if (bytes.byteLength < FIELD.magic + 4) return false;
  const reader = new ByteReader(bytes, true);
  return reader.u16(FIELD.bootFlag) === BOOT_FLAG && reader.u32(FIELD.magic) === MAGIC;
}

/**
 * Reads the boot header. All that it points to has to be in the file.
 * @throws FormatError; a zImage, which is loaded below 1 MiB, is refused, too
 */
export function parseBzImage(bytes: Uint8Array): BzImage {
  const reader = new ByteReader(bytes, true);
  const version = reader.u16(FIELD.version);
  if (version < OLDEST_VERSION || version > NEWEST_VERSION) {
    throw new FormatError(`version ${versionText(version)} of the boot protocol is not known`);
  }
  if ((reader.u8(FIELD.loadFlags) & LOADED_HIGH) === 0) {
    throw new FormatError('it is a zImage; only a bzImage, which is loaded above 1 MiB, is run');
  }
  // A bit of history: 0 means 4.
  const setupBytes = ((reader.u8(FIELD.setupSectors) || 4) + 1) * SECTOR;
  // Before 2.04 the upper half of the size is something else.
  const size = reader.u32(FIELD.systemSize) & (version >= 0x0204 ? 0xffffffff : 0xffff);
  const systemBytes = (size >>> 0) * PARAGRAPH;
  if (systemBytes === 0) throw new FormatError('it has no kernel behind its setup code');
  // The size is rounded up, and old kernels are not padded to it.
  reader.slice(setupBytes, systemBytes - (PARAGRAPH - 1));
  if (version >= 0x0208) checkPayload(reader, setupBytes);
  const is64 = version >= 0x020c && (reader.u16(FIELD.extendedLoadFlags) & KERNEL_64) !== 0;
  return {
    architecture: is64 ? 'x86_64' : 'x86',
    protocolVersion: versionText(version),
    kernelVersion: kernelVersionOf(reader, setupBytes),
    minimumMemoryBytes: version >= 0x020a ? minimumMemoryOf(reader) : null,
  };
}

/** The compressed kernel; 0 and 0 if the kernel does not say where it is. */
function checkPayload(reader: ByteReader, setupBytes: number): void {
  const offset = reader.u32(FIELD.payloadOffset);
  const length = reader.u32(FIELD.payloadLength);
  if (offset !== 0 || length !== 0) reader.slice(setupBytes + offset, length);
}

function kernelVersionOf(reader: ByteReader, setupBytes: number): string | null {
  const pointer = reader.u16(FIELD.kernelVersion);
  if (pointer === 0) return null;
  const at = pointer + SECTOR;
  if (at >= setupBytes) throw new FormatError('its version is not in its setup code');
  const text = printableText(reader.slice(at, setupBytes - at));
  return text === '' ? null : text;
}

function minimumMemoryOf(reader: ByteReader): number | null {
  const bytes = reader.u64(FIELD.preferredAddress) + reader.u32(FIELD.initialSize);
  if (bytes > MOST_MEMORY_BYTES) {
    throw new FormatError(`it says that it needs ${bytes} bytes of memory`);
  }
  return bytes > 0 ? bytes : null;
}

function versionText(version: number): string {
  return `${version >> 8}.${String(version & 0xff).padStart(2, '0')}`;
}
