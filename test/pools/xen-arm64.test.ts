// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appFolder, build, makeWorkspace, POOLS, type Workspace } from './build.js';

const PAGES_OF_4_KIB = 2n;
const APPS = {
  'bench-boot': appFolder('bench-boot'),
  crash: appFolder('crash'),
  daemonhello: appFolder('daemonhello'),
  exitcode: appFolder('exitcode'),
  helloworld: appFolder('helloworld'),
  'test-xen': join(POOLS, 'plat', 'xen', 'test'),
} as const;

let workspace: Workspace;
const image = (app: keyof typeof APPS): string => join(workspace.path, app, `${app}_xen-arm64`);

beforeAll(async () => {
  workspace = await makeWorkspace();
  for (const [name, app] of Object.entries(APPS)) {
    await build({
      app,
      out: join(workspace.path, name),
      args: ['TARGETS=xen-arm64'],
      environment: { UC_CACHE: join(workspace.path, 'cache') },
    });
  }
});
afterAll(() => workspace[Symbol.asyncDispose]());

describe('an image for Xen on arm64', () => {
  it.each(Object.keys(APPS) as (keyof typeof APPS)[])(
    "has the header of Linux's: %s",
    async (app) => {
      const bytes = await readFile(image(app));
      // Linux, Documentation/arch/arm64/booting.rst.
      const branch = bytes.readUInt32LE(0);
      expect(branch >>> 26).toBe(0b000101);
      const target = (branch & 0x3ffffff) * 4;
      expect(target).toBeGreaterThanOrEqual(64);
      expect(target).toBeLessThan(bytes.length);
      expect(bytes.readBigUInt64LE(8)).toBe(0n);
      // With its stack and all that is zero, which is not in the file.
      expect(bytes.readBigUInt64LE(16)).toBeGreaterThan(BigInt(bytes.length));
      expect(bytes.readBigUInt64LE(16) % 4096n).toBe(0n);
      expect(bytes.readBigUInt64LE(24)).toBe(PAGES_OF_4_KIB);
      expect(bytes.subarray(32, 56)).toEqual(Buffer.alloc(24));
      expect(bytes.toString('latin1', 56, 60)).toBe('ARM\x64');
    },
  );

  it('is small', async () => {
    expect((await readFile(image('helloworld'))).length).toBeLessThanOrEqual(24 * 1024);
  });

  it('has a file for xl beside it, and none for PV', async () => {
    const text = await readFile(`${image('helloworld')}.xl`, 'utf8');
    expect(text).toContain('type = "pvh"\nkernel = "helloworld_xen-arm64"\n');
    expect(text).toContain('memory = 5\nvcpus = 1\n');
    await expect(readFile(`${image('helloworld')}-pv.xl`)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
