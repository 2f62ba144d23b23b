// SPDX-License-Identifier: BSD-3-Clause
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initramfs } from '../support/initramfs.js';
import { appFolder, build, makeWorkspace, type Workspace } from './build.js';
import { MACHINES, startQemu, type GuestEnd } from './guest.js';

/** The kernels of Debian's installer: packages that any architecture can install. */
const INSTALLER = '/usr/lib/debian-installer/images/12';
const KERNELS = {
  arm: `${INSTALLER}/armhf/text/debian-installer/armhf/vmlinuz`,
  arm64: `${INSTALLER}/arm64/text/debian-installer/arm64/linux`,
} as const;

/** A kernel of Debian takes seconds to boot in emulation, and minutes where the machine has much else to do. */
const BOOT_MILLISECONDS = 300_000;

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
  const out = join(workspace.path, 'crash');
  await build({
    app: appFolder('crash'),
    out,
    args: ['TARGETS=linuxu-arm linuxu-arm64'],
  });
  for (const architecture of ['arm', 'arm64'] as const) {
    const program = await readFile(join(out, `crash_linuxu-${architecture}`));
    await writeFile(join(workspace.path, architecture), initramfs(program));
  }
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** Runs the application as the first process of a real kernel, which panics with its exit status when it ends. */
async function runOnLinux(architecture: keyof typeof KERNELS, way: string): Promise<GuestEnd> {
  await using guest = startQemu(
    KERNELS[architecture],
    {
      ...MACHINES[`kvm-${architecture}`],
      memory: '256M',
      args: ['-initrd', join(workspace.path, architecture)],
    },
    `console=ttyAMA0 quiet panic=-1 -- ${way}`,
  );
  return await guest.ends(BOOT_MILLISECONDS);
}

const options = { timeout: BOOT_MILLISECONDS + 10_000 };

describe.each(['arm', 'arm64'] as const)('linuxu-%s on Linux itself', options, (architecture) => {
  it('is killed for a system call that is not allowed', async () => {
    const end = await runOnLinux(architecture, 'syscall');
    expect(end.console).not.toContain('the system call returned');
    // SIGSYS is 31.
    expect(end.console).toMatch(/Attempted to kill init! exitcode=0x0000001f$/m);
  });

  it('tells which access trapped, and ends as a panic', async () => {
    const end = await runOnLinux(architecture, 'null');
    expect(end.console).toContain('uc: panic: invalid memory access: read at 0x0\n');
    expect(end.console).toMatch(/^uc: panic: #0 0x[0-9a-f]+ crash_null\+0x/m);
    // The first process does not die of its own signal: it exits with 134.
    expect(end.console).toMatch(/Attempted to kill init! exitcode=0x00008600$/m);
  });
});
