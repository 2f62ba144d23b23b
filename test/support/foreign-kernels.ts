// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCES = join(import.meta.dirname, 'foreign');
const FLAGS = ['-ffreestanding', '-nostdlib', '-static', '-no-pie', '-Wall', '-Wextra', '-Werror'];
const START =
  '-Wl,-Ttext-segment=0x100000,--build-id=none,--no-warn-rwx-segments,-z,noseparate-code';

/** Kernels for other boot protocols than ours, and how to make each with the system's own assembler and linker. */
const KERNELS = {
  /** Prints `entered by multiboot: <command line>` and resets. */
  multiboot1: ['multiboot1.S', '-m32', START],
  /** Prints `entered by the Linux boot protocol: <command line>` and resets. */
  'bz-image': ['bz-image.S', '-m32', '-Wl,-Ttext=0,--build-id=none,--oformat=binary'],
  multiboot2: ['recognised.S', START, '-DMULTIBOOT2'],
  solo5: ['recognised.S', START, '-DSOLO5'],
  'xen-guest': ['recognised.S', START, '-DXEN_GUEST'],
} as const;

export type ForeignKernel = keyof typeof KERNELS;

/** Builds one into a folder, and returns its path. */
export function buildForeignKernel(kernel: ForeignKernel, folder: string): string {
  const [source, ...options] = KERNELS[kernel];
  const path = join(folder, kernel);
  execFileSync('gcc', [...FLAGS, ...options, '-o', path, join(SOURCES, source)]);
  return path;
}

/** The bytes of one. */
export function foreignKernel(kernel: ForeignKernel): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'unicore-foreign-'));
  try {
    return readFileSync(buildForeignKernel(kernel, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
