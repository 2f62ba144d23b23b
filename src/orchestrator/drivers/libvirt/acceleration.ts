// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firmwarePath } from './firmware.js';

/** A host that takes longer is no faster than TCG. */
const PROBE_MILLISECONDS = 5000;
const LOAD_ADDRESS = 0x100000;
const HEADERS_BYTES = 52 + 2 * 32;
const NOTE_BYTES = 20;

/**
 * 32-bit code: clears an SSE register, as compiled code does, writes `K` to the serial port, then resets the machine through the
 * keyboard controller. There are hosts whose KVM emulates what a guest executes and knows no SSE: it stops the guest there.
 */
const CODE = Uint8Array.of(
  ...[0x0f, 0x20, 0xe0], // mov eax, cr4
  ...[0x66, 0x0d, 0x00, 0x02], // or ax, 0x200: OSFXSR
  ...[0x0f, 0x22, 0xe0], // mov cr4, eax
  ...[0x0f, 0x57, 0xc0], // xorps xmm0, xmm0
  ...[0xb0, 0x4b], // mov al, 'K'
  ...[0x66, 0xba, 0xf8, 0x03], // mov dx, 0x3f8
  ...[0xee], // out dx, al
  ...[0xb0, 0xfe], // mov al, 0xfe
  ...[0xe6, 0x64], // out 0x64, al
  ...[0xf4], // hlt
  ...[0xeb, 0xfd], // jmp to the hlt
);

/**
 * The smallest guest that QEMU boots: a 32-bit ELF file with one segment, and the note that gives its PVH entry
 * (XEN_ELFNOTE_PHYS32_ENTRY, Xen's public/elfnote.h).
 */
export function probeGuest(): Uint8Array {
  const entry = LOAD_ADDRESS + HEADERS_BYTES + NOTE_BYTES;
  const size = HEADERS_BYTES + NOTE_BYTES + CODE.length;
  const file = Buffer.alloc(size);
  let at = 0;
  const put = (...words: number[]) => words.forEach((word) => (at = file.writeUInt32LE(word, at)));
  const putHalf = (...halves: number[]) =>
    halves.forEach((half) => (at = file.writeUInt16LE(half, at)));

  put(0x464c457f, 0x00010101, 0, 0); // e_ident: ELF, 32-bit, little-endian, version 1
  putHalf(2, 3); // ET_EXEC, EM_386
  put(1, entry, 52, 0, 0); // version, entry, program headers' offset, no sections, flags
  putHalf(52, 32, 2, 0, 0, 0); // sizes and counts
  put(1, 0, LOAD_ADDRESS, LOAD_ADDRESS, size, size, 7, 4); // PT_LOAD: the whole file
  const note = LOAD_ADDRESS + HEADERS_BYTES;
  put(4, HEADERS_BYTES, note, note, NOTE_BYTES, NOTE_BYTES, 4, 4); // PT_NOTE
  put(4, 4, 18, 0x006e6558, entry); // "Xen"
  file.set(CODE, at);
  return file;
}

let probed: Promise<boolean> | null = null;

/**
 * Whether guests run with KVM here. /dev/kvm may be there and yet not run any, so a real guest is started, with the
 * processor model that our domains have; once in the life of the process.
 */
export async function probeKvm(): Promise<boolean> {
  probed ??= bootProbe('qemu-system-x86_64');
  return probed;
}

async function bootProbe(emulator: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'unicore-kvm-'));
  try {
    const image = join(folder, 'guest');
    await writeFile(image, probeGuest());
    return (await bootOutput(emulator, image)).includes('K');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bootOutput(emulator: string, image: string): Promise<string> {
  const args = ['-machine', 'pc,accel=kvm', '-cpu', 'qemu64', '-m', '16', '-nodefaults'];
  args.push('-display', 'none', '-serial', 'stdio', '-no-reboot', '-no-user-config');
  args.push('-kernel', image);
  const firmware = firmwarePath();
  if (firmware !== null) args.push('-bios', firmware);
  return new Promise((resolve) => {
    const options = {
      timeout: PROBE_MILLISECONDS,
      killSignal: 'SIGKILL',
      maxBuffer: 4096,
    } as const;
    const child = execFile(emulator, args, options, (error, stdout) =>
      resolve(error === null ? stdout : ''),
    );
    child.stdin?.end();
    // QEMU does not end when KVM gives up a guest: it stops it, and says so.
    child.stderr?.on('data', (said: string) => {
      if (said.includes('KVM internal error')) child.kill('SIGKILL');
    });
  });
}
