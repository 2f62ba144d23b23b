// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImageDigest, NO_BACKGROUND, type StoredImage } from '../../src/build/image.js';
import type { ContractGuests } from '../drivers/contract.js';

const CONTRACT = fileURLToPath(new URL('guest', import.meta.url));
const SILENT = fileURLToPath(new URL('guest/silent.S', import.meta.url));

export type GuestKind = 'pvh' | 'pv';

/** The guests of the contract, built into a folder: our own, from the pools, and one that is none of ours. */
export function contractGuests(folder: string, kind: GuestKind): ContractGuests {
  const image = xenImage(buildApplication(CONTRACT, folder), kind);
  return {
    hello: { image, args: ['hello'], output: 'argument 1: <hello>\n' },
    daemon: { image, args: ['hold'], output: 'argument 1: <hold>\n' },
    exit: { image, args: ['exit=42'], code: 42 },
    crash: { image, args: ['crash'] },
    echoArguments: {
      image,
      render: (args) => args.map((each, index) => `argument ${index + 1}: <${each}>\n`).join(''),
    },
    echoInput: { image, args: ['echo'] },
    silent: { image: silentImage(folder), args: [] },
    parking: null,
  };
}

/** The same guest as one that waits before `main`: that is up to its command line. */
export function parkingGuest({
  echoArguments: { image, render },
}: ContractGuests): NonNullable<ContractGuests['parking']> {
  const parks = { ...image, manifest: { ...image.manifest, parks: true } };
  return { image: parks, render: (_name, args) => render(args) };
}

/** Builds an application for Xen; gives the image's path. */
export function buildApplication(source: string, folder: string): string {
  const name = source.slice(source.lastIndexOf('/') + 1);
  const configuration = join(folder, `${name}.config`);
  writeFileSync(configuration, 'CONFIG_TARGET_XEN_X86_64=y\n');
  const output = join(folder, name);
  const variables = [`O=${output}`, `UC_CONFIG=${configuration}`];
  execFileSync('make', ['-s', '-C', source, ...variables], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 120_000,
  });
  return join(output, `${name === 'guest' ? 'contract' : name}_xen-x86_64`);
}

function silentImage(folder: string): StoredImage {
  const path = join(folder, 'silent');
  execFileSync('gcc', [
    ...['-m32', '-nostdlib', '-static', '-no-pie', '-o', path, SILENT],
    '-Wl,-N,-estart,-Ttext=0x100000,--section-start=.note.Xen=0x100100,--build-id=none',
  ]);
  return xenImage(path, 'pvh', false);
}

/** What the image store says of an image. The driver starts one that says PVH as PVH, so this decides what is tried. */
export function xenImage(path: string, kind: GuestKind, reportsReady = true): StoredImage {
  chmodSync(path, 0o555);
  const content = readFileSync(path);
  const digest: ImageDigest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return {
    path,
    manifest: {
      digest,
      bytes: content.length,
      app: null,
      target: 'xen-x86_64',
      architecture: 'x86_64',
      bootProtocols: kind === 'pvh' ? ['pvh', 'xen-pv'] : ['xen-pv'],
      reportsReady,
      minimumMemoryBytes: null,
      libraries: [],
      configuration: null,
      inputsHash: null,
      parks: false,
      ...NO_BACKGROUND,
      origin: reportsReady ? 'built' : 'imported',
      createdAt: new Date().toISOString(),
    },
  };
}
