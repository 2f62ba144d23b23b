// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import { noteBytes, unicoreNotes, words, type NoteSpec } from '../../../test/support/elf-file.js';
import { inspectImage } from './inspect-image.js';

interface ImageSpec {
  readonly textOffset?: number;
  readonly imageSize?: number;
  readonly flags?: number;
  readonly notes?: readonly NoteSpec[];
  readonly code?: Uint8Array;
}

/** An image for arm64 from scratch. */
function arm64Image(spec: ImageSpec = {}): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(0x14000010, 0);
  header.writeBigUInt64LE(BigInt(spec.textOffset ?? 0), 8);
  header.writeBigUInt64LE(BigInt(spec.imageSize ?? 0x20000), 16);
  header.writeBigUInt64LE(BigInt(spec.flags ?? 2), 24);
  header.write('ARM\x64', 56, 'latin1');
  return Buffer.concat([header, ...(spec.notes ?? []).map(noteBytes), spec.code ?? words(0, 0)]);
}

/** Behind the last note's text, up to a multiple of 4. */
const PADDING = 2;

describe('inspectImage on an image for arm64', () => {
  it('finds our notes behind the header, and no more in the code', () => {
    const notes = unicoreNotes({ app: 'hello', target: 'xen-arm64', memory: 5 << 20 });
    const other = unicoreNotes({ app: 'other', target: 'xen-arm64', memory: 1 });
    const code = Buffer.concat([words(1, 2, 3, 4), ...other.map(noteBytes)]);
    expect(inspectImage(arm64Image({ notes, code }))).toMatchObject({
      architecture: 'arm64',
      bootProtocols: ['linux-image'],
      unicore: { app: 'hello', target: 'xen-arm64', minimumMemoryBytes: 5 << 20 },
      minimumMemoryBytes: 5 << 20,
      description: null,
    });
  });

  it('takes that of another system, and what its header says of memory', () => {
    expect(inspectImage(arm64Image({ textOffset: 0x80000 }))).toMatchObject({
      architecture: 'arm64',
      bootProtocols: ['linux-image'],
      unicore: null,
      minimumMemoryBytes: 0xa0000,
      description: 'Kernel image for arm64',
    });
    expect(inspectImage(arm64Image({ imageSize: 0 })).minimumMemoryBytes).toBeNull();
  });

  it('refuses what runs big endian, or needs more memory than there can be', () => {
    expect(() => inspectImage(arm64Image({ flags: 1 }))).toThrow('big endian');
    expect(() => inspectImage(arm64Image({ imageSize: 2 ** 41 }))).toThrow('bytes of memory');
  });

  it('reads no note that reaches past the end', () => {
    const notes = unicoreNotes({ app: 'hello', target: 'xen-arm64' });
    const whole = arm64Image({ notes, code: new Uint8Array() });
    for (let cut = 64; cut < whole.length - PADDING; cut += 1) {
      const { unicore, bootProtocols } = inspectImage(whole.subarray(0, cut));
      expect({ unicore, bootProtocols }).toEqual({ unicore: null, bootProtocols: ['linux-image'] });
    }
  });
});
