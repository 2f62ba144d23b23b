// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectImage } from '../../src/build/inspector/index.js';
import { appFolder, build, make, makeWorkspace, POOLS, type Workspace } from './build.js';
import { Guest, type GuestEnd } from './guest.js';

const TARGET = 'CONFIG_TARGET_BAREMETAL_X86_64=y';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** Builds an image and the disc that boots it with these arguments. The image's path. */
async function makeDisc(
  app: string,
  args: string,
  options: { folder?: string; config?: readonly string[] } = {},
): Promise<string> {
  const out = join(workspace.path, app);
  const config = [TARGET, ...(options.config ?? [])];
  await build({
    app: options.folder ?? appFolder(app),
    out,
    config,
    args: ['iso', `ARGS=${args}`],
  });
  return join(out, `${app}_baremetal-x86_64`);
}

/** Boots a disc as a PC does: firmware, GRUB, image. */
async function boot(image: string, machine = 'q35'): Promise<GuestEnd> {
  const args = ['-M', machine, '-accel', 'tcg', '-m', '64M', '-nodefaults', '-no-user-config'];
  args.push('-vga', 'std', '-display', 'none', '-serial', 'stdio', '-no-reboot');
  args.push('-cdrom', `${image}.iso`);
  await using guest = new Guest('qemu-system-x86_64', args, { PATH: process.env.PATH ?? '' });
  return await guest.ends();
}

describe('an image for bare metal', () => {
  it.each(['pc', 'q35'])('boots from a disc on %s, and powers off', async (machine) => {
    const end = await boot(await makeDisc('helloworld', ''), machine);
    expect(end.console).toMatch(/^uc: ready \d+\nHello, world!\nuc: exit 0\n$/m);
    expect(end).toMatchObject({ exitCode: 0, signal: null });
  });

  it('says that it is one: a multiboot2 header and the Unicore note', async () => {
    const image = await makeDisc('helloworld', '');
    const inspection = inspectImage(await readFile(image));
    expect(inspection).toMatchObject({ architecture: 'x86_64', bootProtocols: ['multiboot2'] });
    expect(inspection.unicore).toMatchObject({ app: 'helloworld', target: 'baremetal-x86_64' });
  });

  it('gets its arguments from GRUB, and tells its exit code', async () => {
    const end = await boot(await makeDisc('exitcode', '42'));
    expect(end.console).toContain('uc: exit 42\n');
  });

  it('turns a trap into a panic', async () => {
    const end = await boot(
      await makeDisc('crash', 'null', { config: ['CONFIG_LIBPANIC_SYMBOLS=y'] }),
    );
    expect(end.console).toMatch(/^uc: panic: invalid memory access: read at 0x0$/m);
    expect(end.console).toMatch(/^uc: panic: #0 0x[0-9a-f]{16} crash_null\+0x/m);
    expect(end.console).toContain('uc: exit 134\n');
  });

  it('has clocks and timers that pass their tests', async () => {
    const folder = join(POOLS, 'lib/time/test');
    const end = await boot(await makeDisc('test-time', '', { folder }));
    expect(end.console).toMatch(/^# \d+ tests, 0 failed$/m);
    expect(end.console).toContain('uc: exit 0\n');
  });

  it('is built with all other platforms of one configuration', async () => {
    const out = join(workspace.path, 'all');
    const platforms = ['BAREMETAL', 'KVM', 'LINUXU', 'XEN'];
    const config = platforms.map((platform) => `CONFIG_TARGET_${platform}_X86_64=y`);
    await build({ app: appFolder('helloworld'), out, config });
    for (const platform of platforms) {
      const target = `${platform.toLowerCase()}-x86_64`;
      const bytes = await readFile(join(out, `helloworld_${target}`));
      expect(inspectImage(bytes).unicore).toMatchObject({ target });
      expect(bytes.length).toBeLessThanOrEqual(24 * 1024);
    }
  });

  it('is what a disc is for: without one, make iso says what to choose', async () => {
    const out = join(workspace.path, 'none');
    const config = ['CONFIG_TARGET_LINUXU_X86_64=y'];
    const result = await make({ app: appFolder('helloworld'), out, config, args: ['iso'] });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain('choose baremetal-x86_64');
  });
});
