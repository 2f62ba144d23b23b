// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elfFile, PVH_NOTE, unicoreNotes, words } from '../../../test/support/elf-file.js';
import { foreignKernel } from '../../../test/support/foreign-kernels.js';
import { isUnicoreError, UnicoreError } from '../../errors/index.js';
import { inspectImage, type ImageInspection } from './inspect-image.js';

function refusal(bytes: Uint8Array): string {
  try {
    inspectImage(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(UnicoreError);
    expect(isUnicoreError(error, 'NOT_A_UNIKERNEL')).toBe(true);
    return (error as UnicoreError).message;
  }
  throw new Error('the image was accepted');
}

function inspectOrRefuse(bytes: Uint8Array): void {
  try {
    expect(inspectImage(bytes).bootProtocols.length).toBeGreaterThan(0);
  } catch (error) {
    if (!isUnicoreError(error, 'NOT_A_UNIKERNEL')) throw error;
  }
}

function protocols(bytes: Uint8Array): ImageInspection['bootProtocols'] {
  return inspectImage(bytes).bootProtocols;
}

const LOADER = { name: 'Xen', type: 8, description: Buffer.from('generic\0') };
const XEN_VERSION = { name: 'Xen', type: 5, description: Buffer.from('xen-3.0\0') };

describe('inspectImage recognises', () => {
  it.each([32, 64] as const)('a PVH entry in a %i-bit file', (bits) => {
    expect(inspectImage(elfFile({ bits, notes: [PVH_NOTE] }))).toEqual({
      architecture: bits === 64 ? 'x86_64' : 'x86',
      bootProtocols: ['pvh'],
      unicore: null,
      minimumMemoryBytes: null,
      description: `A ${bits}-bit ELF kernel`,
    });
  });

  it('a PVH entry of 8 bytes', () => {
    const notes = [{ ...PVH_NOTE, description: words(0x100000, 0) }];
    expect(protocols(elfFile({ notes }))).toEqual(['pvh']);
  });

  it('Xen PV by its loader and version, beside PVH', () => {
    expect(protocols(elfFile({ notes: [LOADER, XEN_VERSION] }))).toEqual(['xen-pv']);
    expect(protocols(elfFile({ notes: [LOADER, PVH_NOTE, XEN_VERSION] }))).toEqual([
      'pvh',
      'xen-pv',
    ]);
  });

  it('multiboot headers with a right checksum', () => {
    const one = words(0x1badb002, 3, -(0x1badb002 + 3));
    expect(protocols(elfFile({ bits: 32, content: one }))).toEqual(['multiboot1']);
    const two = words(0xe85250d6, 0, 16, -(0xe85250d6 + 16));
    expect(protocols(elfFile({ content: two }))).toEqual(['multiboot2']);
    expect(refusal(elfFile({ content: words(0x1badb002, 3, 0) }))).toContain('no boot protocol');
  });

  it.each([
    ['kvm-arm64', 64, 183],
    ['kvm-arm', 32, 40],
  ] as const)(
    'an entry that finds a device tree, of our own images only: %s',
    (target, bits, machine) => {
      const notes = unicoreNotes({ app: 'hello', target });
      expect(inspectImage(elfFile({ bits, machine, notes }))).toMatchObject({
        architecture: target.slice('kvm-'.length),
        bootProtocols: ['devicetree'],
        unicore: { app: 'hello', target },
      });
      expect(refusal(elfFile({ bits, machine }))).toContain('no boot protocol');
      expect(refusal(elfFile({ notes }))).toContain('no boot protocol');
    },
  );

  it('a Solo5 note', () => {
    const note = { name: 'Solo5', type: 0x31494241, description: words(2, 1, 0, 0) };
    expect(protocols(elfFile({ notes: [note] }))).toEqual(['solo5']);
    expect(refusal(elfFile({ notes: [{ ...note, description: words(2) }] }))).toContain('Solo5');
  });

  it('a linuxu image by its Unicore note', () => {
    const described = unicoreNotes({
      app: 'helloworld',
      target: 'linuxu-x86_64',
      libraries: ['app/helloworld', 'lib/libc'],
      memory: 1_048_576,
    });
    const features = { name: 'Unicore', type: 7, description: Buffer.from('park\0') };
    const notes = [...described, features];
    expect(inspectImage(elfFile({ notes }))).toEqual({
      architecture: 'x86_64',
      bootProtocols: ['linux-elf'],
      unicore: {
        app: 'helloworld',
        target: 'linuxu-x86_64',
        libraries: ['app/helloworld', 'lib/libc'],
        minimumMemoryBytes: 1_048_576,
        parks: true,
        buildId: null,
      },
      minimumMemoryBytes: 1_048_576,
      description: null,
    });
    expect(refusal(elfFile({ notes, interpreter: '/lib/ld.so' }))).toContain('dynamically');
    expect(refusal(elfFile({ notes, type: 1 }))).toContain('object');
  });

  it('no linuxu image without the note: a foreign program is never run as a process', () => {
    const notes = unicoreNotes({ app: '../../etc', target: 'linuxu-x86_64' });
    expect(refusal(elfFile({ notes }))).toContain('no boot protocol');
    expect(refusal(elfFile())).toContain('64-bit x86_64 ELF executable');
  });
});

describe('inspectImage on kernels that the system linker made', () => {
  it.each([
    { kernel: 'multiboot1', architecture: 'x86', bootProtocols: ['multiboot1'] },
    { kernel: 'multiboot2', architecture: 'x86_64', bootProtocols: ['multiboot2'] },
    {
      kernel: 'solo5',
      architecture: 'x86_64',
      bootProtocols: ['solo5'],
      description: 'Solo5 unikernel for hvt, ABI version 2; wants the devices network service0',
    },
    { kernel: 'xen-guest', architecture: 'x86_64', bootProtocols: ['xen-pv'] },
    {
      kernel: 'bz-image',
      architecture: 'x86',
      bootProtocols: ['linux-boot'],
      minimumMemoryBytes: 0x110000,
      description: 'Kernel 1.0-fixture, Linux boot protocol 2.12',
    },
  ] as const)('recognises $kernel', ({ kernel, ...found }) => {
    expect(inspectImage(foreignKernel(kernel))).toMatchObject(found);
  });

  it('takes a guest section for PV only with the loader that Xen has', () => {
    const file = foreignKernel('xen-guest');
    const at = file.indexOf('LOADER=generic');
    file.write('LOADER=lilo   ', at);
    expect(refusal(file)).toContain('no boot protocol');
  });

  it.each(['multiboot1', 'multiboot2', 'solo5', 'xen-guest', 'bz-image'] as const)(
    'accepts or refuses %s with any damage, in bounded time',
    (kernel) => {
      const good = foreignKernel(kernel);
      const place = fc.oneof(fc.nat(0x300), fc.nat(good.length - 1));
      const value = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));
      const damage = fc.array(fc.tuple(place, value), { minLength: 1, maxLength: 16 });
      fc.assert(
        fc.property(damage, fc.nat(good.length), (changes, cut) => {
          const bytes = Buffer.from(good);
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          inspectOrRefuse(bytes);
          inspectOrRefuse(bytes.subarray(0, cut));
        }),
        { numRuns: 2_000 },
      );
    },
  );
});

describe('inspectImage on a bzImage', () => {
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = foreignKernel('bz-image');
    change(bytes);
    return bytes;
  };

  it.each([
    { what: 'a version that is not 2.x', at: 0x206, bytes: [0, 3], says: 'version 3.00' },
    { what: 'a zImage', at: 0x211, bytes: [0], says: 'zImage' },
    { what: 'a size past its end', at: 0x1f4, bytes: [0, 1, 0, 0], says: 'ends at byte' },
    { what: 'no kernel', at: 0x1f4, bytes: [0, 0, 0, 0], says: 'no kernel' },
    { what: 'setup code past its end', at: 0x1f1, bytes: [64], says: 'ends at byte' },
    { what: 'a version outside its setup', at: 0x20e, bytes: [0xff, 0xff], says: 'its version' },
    { what: 'a payload past its end', at: 0x24c, bytes: [0, 1, 0, 0], says: 'ends at byte' },
    { what: 'absurd memory', at: 0x25e, bytes: [1], says: 'of memory' },
  ])('refuses $what', ({ at, bytes, says }) => {
    expect(refusal(changed((file) => file.set(bytes, at)))).toContain(says);
  });

  it('knows a 64-bit entry by its flag', () => {
    const bytes = changed((file) => file.writeUInt16LE(1, 0x236));
    expect(inspectImage(bytes).architecture).toBe('x86_64');
  });

  it('refuses what has only one of the two marks', () => {
    expect(refusal(changed((file) => file.writeUInt16LE(0, 0x1fe)))).toContain('not an ELF');
    expect(refusal(changed((file) => file.writeUInt32LE(0, 0x202)))).toContain('not an ELF');
  });
});

describe('inspectImage refuses', () => {
  it('a compressed kernel, and says so', () => {
    expect(refusal(gzipSync(foreignKernel('multiboot1')))).toContain('compressed by gzip');
  });

  it('what is no ELF file', () => {
    expect(refusal(new Uint8Array())).toContain('is empty');
    expect(refusal(Buffer.from('#!/bin/sh\n'))).toContain('not an ELF');
  });

  it('an ordinary program', async () => {
    expect(refusal(await readFile('/bin/ls'))).toContain('dynamically linked');
  });

  it('headers that point outside of the file', () => {
    const good = elfFile({ notes: [PVH_NOTE] });
    const phoff = Buffer.from(good);
    phoff.writeBigUInt64LE(0xffff_ffff_ffff_fff0n, 32);
    expect(refusal(phoff)).toContain('damaged');
    const phnum = Buffer.from(good);
    phnum.writeUInt16LE(0xffff, 56);
    expect(refusal(phnum)).toContain('too many');
    const offset = Buffer.from(good);
    offset.writeBigUInt64LE(0x7fff_ffff_ffff_ffffn, 64 + 8);
    expect(refusal(offset)).toContain('damaged');
    expect(refusal(good.subarray(0, 80))).toContain('damaged');
  });

  it('a note whose sizes lie, without reading past its segment', () => {
    const file = elfFile({ notes: [PVH_NOTE] });
    const at = file.indexOf(Buffer.from('Xen\0')) - 12;
    file.writeUInt32LE(0xffffffff, at + 4);
    expect(refusal(file)).toContain('no boot protocol');
    file.writeUInt32LE(4, at + 4);
    file.writeUInt32LE(0xffffffff, at);
    expect(refusal(file)).toContain('no boot protocol');
  });
});

describe('inspectImage under hostile input', () => {
  it('accepts or refuses any bytes after the magic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), (tail) => {
        inspectOrRefuse(Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), tail]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('accepts or refuses any damage to a good file', () => {
    const notes = [
      PVH_NOTE,
      LOADER,
      XEN_VERSION,
      ...unicoreNotes({ app: 'a', target: 'kvm-x86_64' }),
    ];
    const good = { 32: elfFile({ bits: 32, notes }), 64: elfFile({ bits: 64, notes }) };
    const damage = fc.array(
      fc.tuple(
        fc.nat(400),
        fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 })),
      ),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.constantFrom(32, 64), damage, fc.nat(400), (bits, changes, cut) => {
        const bytes = Buffer.from(good[bits]);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        inspectOrRefuse(bytes);
        inspectOrRefuse(bytes.subarray(0, cut));
      }),
      { numRuns: 5_000 },
    );
  });
});
