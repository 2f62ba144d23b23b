// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Outside of the checkout, so that a fresh clone finds what another one has built. */
function cacheFolder(): string {
  const { UNICORE_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  const ours = UNICORE_CACHE_DIR ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'unicore');
  return join(ours, 'xenhost');
}

/** The files that a Xen host boots from. */
export interface XenHostImage {
  readonly folder: string;
  readonly xen: string;
  readonly kernel: string;
  readonly initramfs: string;
  readonly disk: string;
  /** Private key of dom0's root. */
  readonly key: string;
  readonly knownHosts: string;
}

/** Builds the image, or finds it built: seconds if nothing has changed, a minute or two from nothing. */
export async function xenHostImage(): Promise<XenHostImage> {
  return imageIn((await runScript('build')).trim());
}

/** Xen for arm64, without a dom0: the path of the hypervisor. */
export async function xenForArm64(): Promise<string> {
  return (await runScript('arm64')).trim();
}

/** The image in a folder that `xenHostImage` gave before. */
export function imageIn(folder: string): XenHostImage {
  return {
    folder,
    xen: join(folder, 'xen'),
    kernel: join(folder, 'vmlinuz'),
    initramfs: join(folder, 'initramfs.gz'),
    disk: join(folder, 'dom0.qcow2'),
    key: join(folder, 'key'),
    knownHosts: join(folder, 'known_hosts'),
  };
}

/** Runs a script of this folder; its progress goes to our standard error, its answer is a path. */
async function runScript(name: 'arm64' | 'build'): Promise<string> {
  const child = spawn(join(import.meta.dirname, name), [cacheFolder()], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 15 * 60_000,
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) {
    throw new Error(`test/xenhost/${name} failed; the lines above say why`);
  }
  return stdout;
}
