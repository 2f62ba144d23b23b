// SPDX-License-Identifier: BSD-3-Clause
import { randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filesArchive, tarArchive, type TarEntry } from '../../../test/support/tar-archive.js';
import { isUnicoreError, UnicoreError } from '../../errors/index.js';
import { describeApplication } from './application.js';
import { entryPath } from './entry-path.js';
import { ARCHIVE_LIMITS } from './limits.js';
import { readArchive } from './read-archive.js';
import { digestOf } from './source-files.js';
import { uncompress } from './unpack.js';

const MIB = 1024 * 1024;
const APP = {
  Makefile: 'APP := mine\n',
  Kconfig: 'config APPMINE\n\tbool "mine: for tests"\n',
  'Makefile.uc': 'SRCS-y += main.c\n',
  'src/main.c': 'int main(void) { return 0; }\n',
};

function refusal(run: () => unknown): UnicoreError {
  try {
    run();
  } catch (error) {
    if (isUnicoreError(error)) return error;
    throw error;
  }
  throw new Error('it was taken');
}
const refused = (entry: TarEntry, ...more: readonly TarEntry[]): string => {
  const { code, message } = refusal(() => readArchive(tarArchive([entry, ...more])));
  return `${code} ${message}`;
};

describe('readArchive', () => {
  it('gives the files, with or without a folder around them', () => {
    const plain = readArchive(filesArchive(APP));
    expect([...plain.keys()].sort()).toEqual(Object.keys(APP).sort());
    expect(plain.get('src/main.c')?.content.toString()).toBe(APP['src/main.c']);
    const entries = Object.entries(APP).map(([path, content]) => ({
      path: `./x/${path}`,
      content,
    }));
    const within = readArchive(
      tarArchive([{ path: './x/', type: 'Directory', mode: 0o755 }, ...entries.reverse()]),
    );
    expect(digestOf(within)).toBe(digestOf(plain));
  });

  it('keeps of the mode whether it is a program', () => {
    const files = readArchive(
      tarArchive([
        { path: 'a', mode: 0o4755 },
        { path: 'b', mode: 0o644 },
      ]),
    );
    expect(files.get('a')?.executable).toBe(true);
    expect(files.get('b')?.executable).toBe(false);
    expect(digestOf(readArchive(tarArchive([{ path: 'a' }, { path: 'b' }])))).not.toBe(
      digestOf(files),
    );
  });

  it('takes no path that leads elsewhere, or that make cannot handle', () => {
    for (const path of [
      '../up',
      'a/../../up',
      'a/..',
      '/etc/passwd',
      '//etc/passwd',
      'a//b',
      'a/./b',
      'with blank',
      'new\nline',
      'esc\u001b[2J',
      'a$(shell id)',
      'back\\slash',
      'colon:x',
      'semi;x',
      'tilde~',
      '-option',
      'dir/-option',
      'ünicode',
      `${'d/'.repeat(ARCHIVE_LIMITS.depth)}f`,
      'GNUSparseFile.0/x',
    ]) {
      expect(`${path}: ${refused({ path, content: 'x' })}`).toContain(': INVALID_ARCHIVE');
    }
  });

  it('bounds the length of a path', () => {
    const long = 'x'.repeat(ARCHIVE_LIMITS.pathBytes + 1);
    expect(refusal(() => entryPath(long)).code).toBe('INVALID_ARCHIVE');
  });

  it('takes nothing but files and folders', () => {
    for (const type of [
      'SymbolicLink',
      'Link',
      'CharacterDevice',
      'BlockDevice',
      'FIFO',
      'ContiguousFile',
      'SparseFile',
      'GNUDumpDir',
      'TapeVolumeHeader',
    ] as const) {
      const linkpath = type.endsWith('Link') ? 'Makefile' : '';
      expect(`${type}: ${refused({ path: 'x', type, linkpath })}`).toContain('INVALID_ARCHIVE');
    }
    expect(refused({ path: 'x', type: 'SymbolicLink', linkpath: '/etc/passwd' })).toContain(
      '"x" is a symbolic link',
    );
  });

  it('takes each name once', () => {
    expect(refused({ path: 'a' }, { path: 'a' })).toContain('a is there twice');
    expect(refused({ path: 'a' }, { path: './a' })).toContain('a is there twice');
    expect(refused({ path: 'a' }, { path: 'a/b' })).toContain('both a file and a folder');
    expect(refused({ path: 'a/b' }, { path: 'a' })).toContain('both a file and a folder');
    expect(refused({ path: 'a/', type: 'Directory' }, { path: 'a' })).toContain('both');
    expect(refused({ path: '.' })).toContain('INVALID_ARCHIVE');
  });

  it('bounds how many entries there are, and how large one is', () => {
    const many = Array.from({ length: ARCHIVE_LIMITS.entries + 1 }, (_, n) => ({ path: `f${n}` }));
    expect(refusal(() => readArchive(tarArchive(many))).code).toBe('ARCHIVE_TOO_LARGE');
    expect(refused({ path: 'x', size: ARCHIVE_LIMITS.fileBytes + 1 })).toContain(
      'ARCHIVE_TOO_LARGE',
    );
    expect(refused({ path: 'x', size: 8 * 1024 ** 3 })).toContain('ARCHIVE_TOO_LARGE');
  });

  it('takes no archive that is not whole, or compressed twice', () => {
    const whole = filesArchive({ a: 'x'.repeat(2000) });
    expect(refusal(() => readArchive(whole.subarray(0, 1024))).code).toBe('INVALID_ARCHIVE');
    expect(refusal(() => readArchive(Buffer.alloc(0))).code).toBe('INVALID_ARCHIVE');
    expect(refusal(() => readArchive(Buffer.alloc(10_240))).code).toBe('INVALID_ARCHIVE');
    expect(refusal(() => readArchive(gzipSync(whole))).code).toBe('INVALID_ARCHIVE');
    expect(refusal(() => readArchive(Buffer.from('x'.repeat(2000)))).code).toBe('INVALID_ARCHIVE');
  });

  it('gives files or a typed error, whatever it is given', () => {
    const good = filesArchive(APP);
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(damage, fc.nat(good.length), fc.boolean(), (bytes, length, repair) => {
        const archive = Buffer.from(good.subarray(0, Math.max(length, 512)));
        for (const [at, value] of bytes) if (at < archive.length) archive[at] = value;
        if (repair) repairChecksums(archive);
        try {
          for (const path of readArchive(archive).keys()) {
            expect(path).toMatch(/^(?!\/)(?!.*\.\.(?:\/|$))[A-Za-z0-9._+@,/-]+$/);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(UnicoreError);
        }
      }),
      { numRuns: 1_500 },
    );
  });
});

/** Makes headers valid again, so that what is wrong is behind the checksum. */
function repairChecksums(archive: Buffer): void {
  for (let at = 0; at + 512 <= archive.length; at += 512) {
    if (archive.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    archive.fill(' ', at + 148, at + 156);
    const sum = archive.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
}

describe('uncompress', () => {
  // eslint-disable-next-line @typescript-eslint/require-await -- what is uploaded arrives in time
  async function* pieces(data: Buffer): AsyncGenerator<Buffer> {
    for (let at = 0; at < data.length; at += 65_536) yield data.subarray(at, at + 65_536);
  }
  const codeOf = async (data: Buffer, compression: 'gzip' | 'zstd'): Promise<string> =>
    uncompress(pieces(data), compression).then(
      () => 'taken',
      (error: unknown) => (isUnicoreError(error) ? error.code : 'untyped'),
    );

  it('takes gzip and zstd', async () => {
    const data = filesArchive(APP);
    expect(await uncompress(pieces(gzipSync(data)), 'gzip')).toEqual(data);
    expect(await uncompress(pieces(zstdCompressSync(data)), 'zstd')).toEqual(data);
  });

  it('stops at bombs, and at what is too long', async () => {
    // Under the bound on the whole, and 1000 times as long as what was sent.
    const zeros = Buffer.alloc(8 * MIB);
    expect(await codeOf(gzipSync(zeros, { level: 1 }), 'gzip')).toBe('ARCHIVE_TOO_LARGE');
    expect(await codeOf(zstdCompressSync(zeros), 'zstd')).toBe('ARCHIVE_TOO_LARGE');
    // Under the bound on the ratio, and over that on the whole.
    const piece = Buffer.concat([randomBytes(16_384), Buffer.alloc(MIB)]);
    const many = gzipSync(Buffer.concat(Array.from({ length: 66 }, () => piece)), { level: 1 });
    expect(await codeOf(many, 'gzip')).toBe('ARCHIVE_TOO_LARGE');
    const long = Buffer.concat([gzipSync(Buffer.alloc(10)), Buffer.alloc(20 * MIB, 1)]);
    expect(['BODY_TOO_LARGE', 'INVALID_ARCHIVE']).toContain(await codeOf(long, 'gzip'));
  }, 60_000);

  it('says when it is not what it should be', async () => {
    const data = gzipSync(filesArchive(APP));
    expect(await codeOf(data.subarray(0, -20), 'gzip')).toBe('INVALID_ARCHIVE');
    expect(await codeOf(data, 'zstd')).toBe('INVALID_ARCHIVE');
    expect(await codeOf(Buffer.from('no archive'), 'gzip')).toBe('INVALID_ARCHIVE');
    expect(await codeOf(Buffer.alloc(0), 'gzip')).toBe('INVALID_ARCHIVE');
    const cut = async function* (): AsyncGenerator<Buffer> {
      yield data.subarray(0, 50);
      await Promise.reject(new Error('the client has gone'));
    };
    await expect(uncompress(cut(), 'gzip')).rejects.toThrow('the client has gone');
  });
});

describe('describeApplication', () => {
  const describeFiles = (change: Readonly<Record<string, string>>) =>
    describeApplication(readArchive(filesArchive({ ...APP, ...change })));

  it('knows name, summary, symbols and defaults without running anything', () => {
    expect(describeFiles({ defconfig: 'CONFIG_STACK_SIZE=8192\n' })).toMatchObject({
      name: 'mine',
      summary: 'for tests',
      declarations: [{ symbol: 'APPMINE' }],
      defaults: { STACK_SIZE: '8192' },
    });
    expect(describeFiles({ Makefile: 'include x\n' }).name).toBe('app');
  });

  it('refuses what is no application', () => {
    const code = (change: Readonly<Record<string, string>>) =>
      refusal(() => describeFiles(change)).code;
    expect(
      refusal(() => describeApplication(readArchive(filesArchive({ a: '' })))).message,
    ).toContain('it has no Makefile, no Kconfig, no Makefile.uc');
    expect(code({ Makefile: 'APP := Bad-Name\n' })).toBe('INVALID_SOURCE');
    expect(code({ Kconfig: '#'.repeat(300_000) })).toBe('INVALID_SOURCE');
    expect(code({ 'sub/Kconfig': 'config A\n'.repeat(5_000) })).toBe('INVALID_SOURCE');
    // What would take time or memory by its square.
    expect(code({ Kconfig: 'if A\n'.repeat(20_000) })).toBe('CONFIGURATION_FAILED');
    expect(code({ Kconfig: `menu "x"\n${'depends on A\n'.repeat(5_000)}config A\n` })).toBe(
      'CONFIGURATION_FAILED',
    );
    expect(code({ Kconfig: `config A\n\tselect B${' '.repeat(100_000)}x` })).toBe(
      'CONFIGURATION_FAILED',
    );
  });
});
