// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NO_BACKGROUND, type ImageDigest, type StoredImage } from '../../../src/build/image.js';

const SOURCE = fileURLToPath(new URL('guest.c', import.meta.url));

export type GuestName =
  | 'hello'
  | 'daemon'
  | 'silent'
  | 'failing'
  | 'crash'
  | 'arguments'
  | 'echo'
  | 'surroundings'
  | 'flood'
  | 'hog'
  | 'forking'
  | 'forgetful'
  | 'parking';

/** Compiles one of guest.c's guests into the directory, as the image store would hold it. */
export function compileGuest(directory: string, name: GuestName): StoredImage {
  const path = join(directory, name);
  execFileSync(
    'gcc',
    ['-O1', '-Wall', '-Wextra', '-Werror', '-Wno-builtin-declaration-mismatch'].concat(
      ['-ffreestanding', '-fno-stack-protector', '-fno-pie', '-no-pie', '-static', '-nostdlib'],
      ['-Wl,--build-id=none', '-Wl,-z,noexecstack', `-DGUEST=${name}`, '-o', path, SOURCE],
    ),
    { timeout: 60_000 },
  );
  chmodSync(path, 0o555);
  return storedImage(path, name !== 'silent');
}

/** What the image store says of a Linux executable. */
export function storedImage(path: string, reportsReady: boolean): StoredImage {
  const bytes = readFileSync(path);
  const digest: ImageDigest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return {
    path,
    manifest: {
      digest,
      bytes: bytes.length,
      app: null,
      target: 'linuxu-x86_64',
      architecture: 'x86_64',
      bootProtocols: ['linux-elf'],
      reportsReady,
      parks: reportsReady,
      minimumMemoryBytes: null,
      libraries: [],
      configuration: null,
      inputsHash: null,
      ...NO_BACKGROUND,
      origin: 'imported',
      createdAt: '2026-01-01T00:00:00Z',
    },
  };
}
